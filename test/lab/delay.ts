import {connect} from 'node:net';
import type {Readable, Writable} from 'node:stream';

/*
What ssh calls to reach a server on a line that takes its time: HOST PORT. Every byte arrives 100 ms after it was
sent, in either direction. A program of its own, so that nothing a test does makes it later.
*/

const MILLISECONDS = 100;
const [host = '', port = ''] = process.argv.slice(2);
const socket = connect({host, port: Number(port), noDelay: true});
for (const stream of [socket, process.stdout]) {
	stream.on('error', () => process.exit(1));
}

pass(process.stdin, socket);
pass(socket, process.stdout);

/** Timers of one length come in the order they were set. */
function pass(from: Readable, to: Writable): void {
	from.on('data', chunk => setTimeout(() => to.write(chunk), MILLISECONDS));
	// Whoever went away, nothing is left to pass: ssh learns it from our end.
	from.on('end', () => setTimeout(() => process.exit(0), MILLISECONDS));
}
