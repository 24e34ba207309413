/** Asks an address every tenth of a second, without waiting for earlier answers, and prints when and how. */
import {probe} from '../source/host/http.js';

const [url = ''] = process.argv.slice(2);
setInterval(async () => {
	const at = Date.now();
	const {answers} = await probe(url, 1000);
	process.stdout.write(`${JSON.stringify({at, answers})}\n`);
}, 100);
