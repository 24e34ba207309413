import assert from 'node:assert/strict';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import type {CheckReport} from '../../source/commands/check.js';
import {createRun} from '../../source/engine/launch.js';
import {runPlaces} from '../../source/engine/places.js';
import {keys, Terminal} from '../terminal.js';
import {program, run as runProgram} from './program.js';

const skip = process.getuid?.() === 0 ? false : 'runs are kept for root only';

test('a run that needed attention is asked about, and can be closed', {skip}, async t => {
	const state = await mkdtemp(join(tmpdir(), 'omflow-tui-attention-'));
	t.after(() => rm(state, {recursive: true, force: true}));
	const run = await createRun(state, {
		schema: 2,
		id: '20260101-000000',
		kind: 'upgrade',
		host: 'here',
		to: '1.2.0.0',
		hops: [{to: '1.2.0.0', runbook: 'environment', options: {archive: '/nowhere/omflow_patch_1_2_0_0.tar.gz'}}],
		createdAt: 1,
		unattended: false,
		networkEnvironment: {},
		options: {},
	});
	const message = 'Taking back “Stop OMFLOW” failed.';
	const progress = {outcome: 'needs-attention', message, outageMilliseconds: 0, steps: {}, answers: {}};
	await writeFile(runPlaces.progress(run), JSON.stringify(progress));

	const check = await runProgram(['check', '--json', '--base', '/nowhere', '--state-dir', state]);
	const {findings} = JSON.parse(check.stdout) as CheckReport;
	assert.equal(
		findings.find(({id}) => id === 'run-in-progress')?.sentence,
		'The run 20260101-000000 is not over on this host.',
	);

	const open = () => {
		const terminal = Terminal.spawn(process.execPath, [program, '--lang', 'en', '--state-dir', state]);
		t.after(() => terminal.close());
		return terminal;
	};
	const looking = open();
	await looking.waitFor(message);
	// What is under the cursor at first changes nothing.
	looking.send(keys.enter);
	assert.equal((await looking.waitForExit()).code, 4);
	assert.deepEqual(JSON.parse(await readFile(runPlaces.progress(run), 'utf8')), progress);

	// So does asking for everything back by mistake.
	const asked = Terminal.spawn(process.execPath, [program, 'rollback', '--state-dir', state]);
	t.after(() => asked.close());
	await asked.waitFor('Take everything back');
	asked.send(keys.enter);
	assert.equal((await asked.waitForExit()).code, 5);
	assert.deepEqual(JSON.parse(await readFile(runPlaces.progress(run), 'utf8')), progress);

	const closing = open();
	await closing.waitFor('Close this run');
	closing.send(`${keys.down}${keys.down}${keys.enter}`);
	assert.equal((await closing.waitForExit()).code, 0);

	const after = open();
	await after.waitFor('Rehearse with a sample server');
	const closed = await runProgram(['check', '--json', '--base', '/nowhere', '--state-dir', state]);
	assert.ok(!closed.stdout.includes('run-in-progress'), closed.stdout);
	after.send('q');
	await after.waitForExit();
});
