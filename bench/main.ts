/*
Measures what the program promises, each figure against something measured in the same run. Nothing here fails for
being slow: the table at the end says what misses its aim. Arguments: names of benchmarks (all), and --runs=N.
*/
import {parseArgs} from 'node:util';
import {attach} from './attach.js';
import {backup} from './backup.js';
import {endAll} from './ending.js';
import {type Figure, table} from './figure.js';
import {firstFrame} from './first-frame.js';
import {flood} from './flood.js';
import {kit} from './kit.js';
import {outage} from './outage.js';
import {makePlace, type Place} from './place.js';
import {rollback} from './rollback.js';
import {wire} from './wire.js';

const benchmarks: Readonly<Record<string, (place: Place, runs?: number) => Promise<Figure[]>>> = {
	'first-frame': firstFrame,
	wire,
	flood,
	attach,
	outage,
	backup,
	rollback,
	kit,
};

const {values, positionals} = parseArgs({allowPositionals: true, options: {runs: {type: 'string'}}});
const runs = values.runs === undefined ? undefined : Math.max(1, Number.parseInt(values.runs, 10));
const wanted = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = wanted.find(name => !benchmarks[name]);
if (unknown) {
	process.stderr.write(`There is no benchmark “${unknown}”, only ${Object.keys(benchmarks).join(', ')}.\n`);
	process.exit(2);
}

const figures: Figure[] = [];
try {
	const place = await makePlace();
	for (const name of wanted) {
		process.stderr.write(`${name} …\n`);
		figures.push(...((await benchmarks[name]?.(place, runs)) ?? []));
	}
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
	process.exitCode = 1;
} finally {
	await endAll();
}

process.stdout.write(`${table(figures)}\n`);
