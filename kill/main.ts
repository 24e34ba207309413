/*
Kills the worker, or lets it fail, at every point of a run, and sees that the server ends as if nothing had happened, or as
it was before: npm run kill -- [SCENARIO …] [--each | --random N | --fail | --full] [--only TEXT]

Without a mode one run is killed at every point once, one after the other. `--each` takes a run for every point; `--random`
kills at N random moments; `--fail` and `--full` let every step fail, or every write find the disk full, once.
*/
import {parseArgs} from 'node:util';
import {provide} from '../test/lab/host.js';
import {chained, each, failing, type Report, random} from './modes.js';
import {scenarios} from './scenarios.js';

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {
		each: {type: 'boolean'},
		random: {type: 'string'},
		fail: {type: 'boolean'},
		full: {type: 'boolean'},
		only: {type: 'string', default: ''},
	},
});
const wanted = positionals.length > 0 ? positionals : Object.keys(scenarios);
const unknown = wanted.find(name => !scenarios[name]);
if (unknown) {
	process.stderr.write(`There is no scenario “${unknown}”, only ${Object.keys(scenarios).join(', ')}.\n`);
	process.exit(2);
}

// With it a server is put back between two runs.
const reason = await provide([['rsync', 'rsync']]);
if (reason) {
	process.stderr.write(`The server cannot be put back between two runs: ${reason}.\n`);
	process.exit(1);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
for (const name of wanted) {
	const scenario = scenarios[name];
	if (!scenario) {
		continue;
	}

	say(`${name}:`);
	const reports: Report[] = [];
	if (values.each) {
		reports.push(await each(scenario, values.only, say));
	} else if (values.random) {
		reports.push(await random(scenario, Number(values.random), say));
	} else if (values.fail || values.full) {
		reports.push(await failing(scenario, values.full ? 'full' : 'fail', values.only, say));
	} else {
		reports.push(await chained(scenario, say));
	}

	for (const {different, struck} of reports) {
		say(`${name}: ${struck} struck, ${struck - different} ended in the same state, ${different} differ`);
		process.exitCode ||= different > 0 ? 1 : 0;
	}
}
