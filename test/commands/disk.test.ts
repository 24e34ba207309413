import assert from 'node:assert/strict';
import {readdir, readFile} from 'node:fs/promises';
import {suite, test} from 'node:test';
import {digestHost, processesWith} from '../rehearsal/host.js';
import {SmallDisk} from '../small-disk.js';
import {lastEvent, Program, run} from './program.js';
import {noView} from './server.js';

const rehearse = ['rehearse', '--sample', '--yes', '--json', '--state-dir'];

suite('a full disk', {skip: await noView(), timeout: 300_000}, () => {
	test('is seen before anything is made', async t => {
		const disk = await SmallDisk.make(t, '100m');
		const ended = await run([...rehearse, `${disk.path}/state`], disk);
		const {outcome, message} = lastEvent(ended);
		assert.deepEqual([ended.status, outcome], [3, 'blocked']);
		assert.match(
			message,
			/^A rehearsal needs 1500 MB in \S+, but only 1\d\d MB are free\. Free some room, or choose a folder on another filesystem\.$/,
		);
		assert.equal(ended.stderr, `omflow-tui: ${message}\n`);
		assert.deepEqual(await processesWith(disk.path), []);
	});

	test('without any room at all as well', async t => {
		const disk = await SmallDisk.make(t, '4k');
		const ended = await run([...rehearse, `${disk.path}/a/state`], disk);
		assert.equal(ended.status, 3, ended.stderr);
		assert.match(lastEvent(ended).message, /full|MB are free/);
	});

	const cases = [
		{title: 'while apt installs', step: 'sample-packages', command: /--no-download/},
		{title: 'while pip installs', step: 'sample-environment', command: /-m pip .*install/},
	];
	for (const {title, step, command} of cases) {
		test(`${title}: the run says so, ends, and its records are whole`, async t => {
			const before = await digestHost();
			const disk = await SmallDisk.make(t, '1800m');
			const program = new Program([...rehearse, `${disk.path}/state`], disk);
			await program.until(event => event.event === 'command' && event.step === step && command.test(event.command));
			await disk.fill();
			const ended = await program.end();
			const records = await recordsOf(`${disk.here}/state/rehearsal/state/runs`);
			const {outcome, message} = lastEvent(ended);
			assert.deepEqual([ended.status, outcome], [1, 'rolled-back'], `${message}\n${ended.stderr}`);
			assert.match(message, /disk/);
			assert.match(message, /Make room and/i);
			// One worker all the way: it did not die of the full disk and start over.
			assert.equal(program.events.filter(({event}) => event === 'run-started').length, 1);
			assert.equal(ended.stderr, '');
			assert.equal(records.outcome, 'rolled-back');
			assert.equal(records.failed, step);
			assert.deepEqual(await processesWith(disk.path), []);
			assert.equal(await digestHost(), before);
		});
	}
});

/** What the only run there has kept: its outcome and the step that failed. */
async function recordsOf(runs: string): Promise<{outcome: string; failed: string | undefined}> {
	const [id = ''] = await readdir(runs);
	const {outcome, steps} = JSON.parse(await readFile(`${runs}/${id}/progress.json`, 'utf8'));
	for (const file of ['events', 'ledger']) {
		const lines = (await readFile(`${runs}/${id}/${file}.ndjson`, 'utf8')).trimEnd().split('\n');
		assert.doesNotThrow(() => lines.map(line => JSON.parse(line)), `${file} has a torn line`);
	}

	return {outcome, failed: Object.keys(steps).find(step => steps[step].status === 'failed')};
}
