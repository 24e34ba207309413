import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {patchName} from '../../source/omflow/patches.js';
import {sampleUrl} from '../../source/rehearsal/sample.js';
import {samplePatches} from '../../source/rehearsal/steps.js';
import type {View} from '../../source/rehearsal/view.js';
import {lastEvent, Program, run} from '../commands/program.js';
import {noView} from '../commands/server.js';
import {openPlannedView, type PlannedView} from './planned-view.js';
import {inside, rehearsalPatience, sampleSays} from './program.js';

const skip = await noView();

/** An ordinary update whose script changes what it should not, and then fails. */
const patch = `#!/bin/bash
set -e
/opt/omflow/collector/omflow_collector stop
/opt/omflow/python/bin/python -m pip uninstall --yes --quiet django
echo broken > /opt/omflow/collector/omflow/settings.py
rm /opt/omflow/collector/omflow_collector
/usr/bin/python3 -c "import sqlite3; c = sqlite3.connect('/opt/omflow/collector/db.omflow'); c.execute('DELETE FROM ommission_mission'); c.commit()"
echo 'The vendor has made a mistake'
exit 1
`;

test('an ordinary update that fails halfway is taken back byte for byte, environment included', {
	skip,
	timeout: rehearsalPatience,
}, async t => {
	const archive = '/var/lib/omflow-tui/omflow_patch_1_1_6_3.tar.gz';
	const hop = {to: '1.1.6.3', runbook: 'general', options: {from: '1.1.6.1', archive}};
	const sample = await openPlannedView('collector', [hop]);
	t.after(() => sample.close());
	const folder = join(sample.state, 'in/omflow_patch');
	await mkdir(folder, {recursive: true});
	await writeFile(join(folder, 'patch.sh'), patch, {mode: 0o755});
	execFileSync('tar', [
		'-czf',
		join(sample.state, 'omflow_patch_1_1_6_3.tar.gz'),
		'-C',
		join(sample.state, 'in'),
		'omflow_patch',
	]);

	const upgrade = new Program(['upgrade', '--yes', '--json'], sample);
	await upgrade.step('sample-start', 'done');
	const url = sampleUrl('collector');
	const old = await sampleSays(sample.view, url);
	const before = await digest(sample.view);
	const ended = await upgrade.end();
	const {message, outcome} = lastEvent(ended);
	assert.deepEqual([ended.status, outcome], [1, 'rolled-back'], message);
	assert.match(message, /^“Run patch\.sh” failed: .*The vendor has made a mistake/);
	assert.deepEqual(await digest(sample.view), before);
	const now = await sampleSays(sample.view, url);
	assert.deepEqual({...now, starts: old.starts}, old);

	await t.test(
		'a backup of a version that was kept is put back, and the restore itself is taken back or resumed',
		async () => {
			await restoreIt(sample, old.rows);
		},
	);
});

/** Goes from 1.1.6.1 to 1.1.6.3, keeps that, and then wants the old server back. */
async function restoreIt({view, wrap}: PlannedView, rows: unknown): Promise<void> {
	const omflow = async (...args: string[]) => run(args, {wrap});
	await takeBackInTime(view, wrap);
	const upgraded = await omflow('upgrade', '--yes', '--json', '--patch', `${samplePatches}/${patchName('1.1.6.3')}`);
	assert.equal(lastEvent(upgraded).outcome, 'kept', upgraded.stdout.slice(-2000));
	const url = sampleUrl('collector');
	const upgradedTree = await digest(view);
	await inside(view, '/usr/bin/python3', '-c', closeMission);
	const changed = await sampleSays(view, url);
	assert.deepEqual([changed.version, changed.rows], ['1.1.6.3', (rows as number) - 1]);

	const {backups} = JSON.parse((await omflow('restore', '--list', '--json')).stdout) as Listed;
	assert.deepEqual(
		backups.map(({state, version}) => [version, state]),
		[
			['1.1.6.1', 'sound'],
			['1.1.6.1', 'sound'],
			['1.1.6.1', 'sound'],
		],
	);
	const [id = '', older = ''] = backups.map(backup => backup.id);
	assert.match((await omflow('restore', '--check', id)).stdout, /is sound: \d+ files/);
	assert.match((await omflow('restore', 'no-such')).stderr, /There is no backup no-such in .*There are: /);

	const damaged = `/var/lib/omflow-tui/runs/${older}/backup/omflow/collector/manage.py`;
	await inside(view, 'sh', '-c', `echo '# damaged' >> ${damaged}`);
	const refused = await omflow('restore', older, '--yes', '--json');
	assert.deepEqual([refused.status, lastEvent(refused).outcome], [3, 'blocked']);
	assert.match(lastEvent(refused).message, /The backup is damaged: 1 path is not what was sealed/);
	assert.match((await omflow('restore', '--list')).stdout, new RegExp(`^${older} .* damaged when read at `, 'm'));
	const removed = await omflow('restore', '--remove', older, '--yes');
	assert.match(removed.stdout, /is removed; \d+ MB are free again/);

	// The host changed: another script of the service, which does not even start, and files that were not there.
	await inside(
		view,
		'sh',
		'-c',
		'cd /opt/omflow && rm -r collector/omflow/locale; mkdir new && echo x > new/file && chmod 700 collector',
	);
	const restored = await omflow('restore', id, '--yes', '--json');
	assert.equal(lastEvent(restored).outcome, 'kept', restored.stdout.slice(-3000));
	const now = await sampleSays(view, url);
	assert.equal(now.version, '1.1.6.1');
	assert.equal(now.rows, rows);
	assert.notDeepEqual(await digest(view), upgradedTree);
	assert.equal(
		(await inside(view, 'sh', '-c', 'ls -d /opt/omflow/new || stat -c %a /opt/omflow/collector')).trim(),
		'755',
	);
}

/** Nobody has kept the new version yet, and somebody at a line without a terminal wants the old one back. */
async function takeBackInTime(view: View, wrap: PlannedView['wrap']): Promise<void> {
	const patch = `${samplePatches}/${patchName('1.1.6.3')}`;
	const before = await digest(view);
	const upgrade = new Program(['upgrade', '--yes', '--json', '--confirm-timeout', '30', '--patch', patch], {wrap});
	await upgrade.until(event => event.event === 'question' && event.question.deadline !== undefined);
	assert.equal((await sampleSays(view, sampleUrl('collector'))).version, '1.1.6.3');
	const asked = await run(['rollback'], {wrap});
	assert.deepEqual([asked.status, /Say so with --yes\.$/m.test(asked.stderr)], [2, true], asked.stderr);
	const back = await run(['rollback', '--yes', '--json'], {wrap});
	assert.deepEqual([back.status, lastEvent(back).outcome], [0, 'rolled-back'], lastEvent(back).message);
	assert.match(lastEvent(back).message, /^Rolled back on request\. The service is as it was before\.$/);
	assert.equal((await upgrade.end()).status, 1);
	assert.deepEqual(await digest(view), before);
	const late = await run(['rollback', '--yes'], {wrap});
	assert.deepEqual([late.status, /There is nothing to take back/.test(late.stderr)], [3, true], late.stderr);
}

const closeMission = `import sqlite3
c = sqlite3.connect('/opt/omflow/collector/db.omflow')
c.execute("DELETE FROM ommission_mission WHERE id = 1")
c.commit()
`;

type Listed = {
	readonly backups: ReadonlyArray<{readonly id: string; readonly version: string; readonly state: string}>;
};

/** Everything below /opt/omflow with its content, but what a running Django writes itself. */
async function digest(view: View): Promise<string[]> {
	const script =
		'cd /opt/omflow && find . -path ./.omflow-tui -prune -o -type f ! -name "*.pyc" ! -name db.omflow ! -path "*/logs/*" ' +
		'-exec sha256sum {} + -o -type l -printf "%p %l\\n" | sort';
	return (await inside(view, 'sh', '-c', script)).trim().split('\n');
}
