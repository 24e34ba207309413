// Runs properties against arbitrary input for as long as asked: npm run fuzz -- [TARGET] [--seconds N] [--seed N]
import {parseArgs} from 'node:util';
import fc from 'fast-check';

/** Each in the file of its name, exported under its name. */
const targets = ['version', 'settings', 'archive'] as const;

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {seconds: {type: 'string', default: '60'}, seed: {type: 'string'}},
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(values.seed);
const [wanted, ...more] = positionals;
const chosen = targets.filter(target => wanted === undefined || target === wanted);
if (!(seconds > 0) || !Number.isInteger(seed) || chosen.length === 0 || more.length > 0) {
	process.stderr.write(`npm run fuzz -- [${targets.join('|')}] [--seconds N] [--seed N]\n`);
	process.exit(2);
}

for (const target of chosen) {
	const {[target]: property} = (await import(`./${target}.ts`)) as Record<string, fc.IAsyncProperty<unknown>>;
	if (!property) {
		throw new Error(`fuzz/${target}.ts exports no ${target}.`);
	}

	const began = performance.now();
	const details = await fc.check(property, {
		seed,
		numRuns: Number.MAX_SAFE_INTEGER,
		interruptAfterTimeLimit: seconds * 1000,
	});
	const took = ((performance.now() - began) / 1000).toFixed(1);
	process.stdout.write(`${target}: ${details.numRuns} runs in ${took} s, seed ${seed}\n`);
	if (details.failed && details.counterexample !== null) {
		process.stdout.write(`${await fc.asyncDefaultReportMessage(details)}\n${details.errorInstance}\n`);
		process.exitCode = 1;
	}
}
