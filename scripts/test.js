// Runs the test files on node's own runner and ends with one line that counts. With arguments, only those files.
import {execFileSync} from 'node:child_process';
import {globSync} from 'node:fs';
import {run} from 'node:test';
import {spec} from 'node:test/reporters';

const given = process.argv.slice(2);
// Cheap ones first: a mistake shows within seconds. Then those of which each takes minutes, the longest of them first.
const order = ['test/ssh/kit', 'test/rehearsal/', 'test/ssh/', 'test/commands/', 'test/'];
const rank = file => {
	const place = order.findIndex(prefix => file.startsWith(prefix));
	return place === order.length - 1 ? -1 : place;
};
const files = (given.length > 0 ? given : globSync('test/**/*.test.{ts,tsx}')).sort(
	(a, b) => rank(a) - rank(b) || a.localeCompare(b),
);
if (given.length === 0) {
	// Not while tests run that see whether the host stays as it is.
	execFileSync(process.execPath, ['--import', 'tsx', 'test/lab/provide.ts'], {stdio: 'inherit'});
}

const counts = {passed: 0, failed: 0, skipped: 0};
const isFile = event => event.name.endsWith('.ts') || event.name.endsWith('.tsx');
const stream = run({
	files,
	// They wait for the network and for each other's programs about half of the time.
	concurrency: 2,
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
