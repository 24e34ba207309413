// Runs every test file on node's own runner and ends with one line that counts. With arguments, only those files.
import {globSync} from 'node:fs';
import {run} from 'node:test';
import {spec} from 'node:test/reporters';

const given = process.argv.slice(2);
// Cheap ones first: a mistake shows within seconds.
const order = ['test/ssh/', 'test/rehearsal/', 'test/'];
const rank = file => order.length - order.findIndex(prefix => file.startsWith(prefix));
const files = (given.length > 0 ? given : globSync('test/**/*.test.{ts,tsx}')).sort(
	(a, b) => rank(a) - rank(b) || a.localeCompare(b),
);

const counts = {passed: 0, failed: 0, skipped: 0};
const isFile = event => event.name.endsWith('.ts') || event.name.endsWith('.tsx');
// One file at a time: two labs at once would only slow each other down.
const stream = run({
	files,
	concurrency: 1,
	execArgv: ['--import', 'tsx'],
	env: {...process.env, CI: 'false', NODE_ENV: 'test'},
});
stream.on('test:pass', event => {
	if (event.details.type === 'suite' || isFile(event)) {
		return;
	}

	counts[event.skip === undefined ? 'passed' : 'skipped']++;
});
stream.on('test:fail', event => {
	if (event.details.type !== 'suite') {
		counts.failed++;
	}
});
for await (const chunk of stream.compose(spec)) {
	process.stdout.write(chunk);
}

process.stdout.write(
	`\n${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}\n`,
);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
