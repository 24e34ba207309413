import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {sampleUrl} from '../../source/rehearsal/sample.js';
import type {View} from '../../source/rehearsal/view.js';
import {lastEvent, Program} from '../commands/program.js';
import {noView} from '../commands/server.js';
import {openPlannedView} from './planned-view.js';
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
});

/** Everything below /opt/omflow with its content, but what a running Django writes itself. */
async function digest(view: View): Promise<string[]> {
	const script =
		'cd /opt/omflow && find . -path ./.omflow-tui -prune -o -type f ! -name "*.pyc" ! -name db.omflow ! -path "*/logs/*" ' +
		'-exec sha256sum {} + -o -type l -printf "%p %l\\n" | sort';
	return (await inside(view, 'sh', '-c', script)).trim().split('\n');
}
