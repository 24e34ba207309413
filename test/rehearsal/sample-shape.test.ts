import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {samplePassword, sampleShapes, sampleUrl} from '../../source/rehearsal/sample.js';
import {checkView} from '../../source/rehearsal/view.js';
import {digestHost, processesWith} from './host.js';
import {inside, makeStateDirectory, Rehearsal, rehearsalPatience} from './program.js';
import {answer, applyPatch, killOwnWorker, openSample, patches} from './sample-view.js';

const skip = await checkView('/tmp/omflow-tui-sample-test').then(
	() => false as const,
	(error: Error) => error.message,
);
const timeout = rehearsalPatience;

/** Shapes whose upgrade the preflight does not let through yet. */
for (const shape of ['postgresql', 'mariadb'] as const) {
	test(`a sample with ${shape} survives a kill while it is built, and answers`, {skip, timeout}, async t => {
		const state = await makeStateDirectory(t);
		const before = await digestHost();
		const rehearsal = new Rehearsal(state, ['--shape', shape]);
		await rehearsal.until(
			event => event.event === 'command' && event.command === 'python3 manage.py migrate --noinput',
		);
		await killOwnWorker();
		await rehearsal.step('sample-start', 'done');
		assert.ok(
			commandsOf(rehearsal, 'sample-server').filter(command => /migrate/.test(command)).length > 1,
			'built afresh',
		);
		// What it answered when it was asked over HTTP.
		const facts = rehearsal.events.flatMap(event =>
			event.event === 'pane' && event.step === 'sample-start' && event.pane.kind === 'facts' ? event.pane.facts : [],
		);
		assert.equal(new Map(facts).get('Version'), sampleShapes[shape].version);
		assert.equal(new Map(facts).get('Rows'), '3');

		assert.equal(await rehearsal.end(), 3, rehearsal.stderr);
		const end = rehearsal.events.at(-1);
		assert.ok(end?.event === 'run-ended');
		assert.equal(end.outcome, 'blocked');
		const written = await promisify(execFile)('grep', ['-rlF', samplePassword, state]).catch(error => error);
		assert.equal(written.code, 1, `no file of the run holds the password: ${written.stdout}`);
		assert.deepEqual(await processesWith(state), []);
		assert.equal(await digestHost(), before, 'the host is as it was');
	});
}

test('a collector alone goes to 1.1.6.3 with its archive', {skip, timeout}, async t => {
	const view = await openSample(t, 'collector');
	const control = '/opt/omflow/collector/omflow_collector';
	const url = sampleUrl('collector');
	const old = await answer(view, `${url}status.json`);
	assert.equal(old.version, '1.1.6.1');
	assert.equal(old.rows, 3);
	await inside(view, control, 'status');
	const owners = await inside(view, 'stat', '--format=%u:%g %a', patches, `${patches}/omflow_patch_1_1_6_3.tar.gz`);
	assert.equal(owners, '0:0 755\n0:0 644\n');

	await applyPatch(view, '1.1.6.3');
	await assert.rejects(inside(view, control, 'status'), {code: 3}, 'the patch starts nothing');
	await inside(view, control, 'start');
	const now = await answer(view, `${url}status.json`);
	assert.deepEqual(now, {...old, version: '1.1.6.3', starts: now.starts});
	assert.ok(Number(now.starts) > Number(old.starts));
});

function commandsOf({events}: Rehearsal, step: string): string[] {
	return events.flatMap(event => (event.event === 'command' && event.step === step ? [event.command] : []));
}
