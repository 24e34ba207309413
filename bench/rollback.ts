import {execFile} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {defaultStateDirectory} from '../source/engine/places.js';
import {sampleUrl} from '../source/rehearsal/sample.js';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {startProber} from './prober.js';
import {inside, openSample, type Sample, workIn} from './sample.js';

const run = promisify(execFile);
const archive = 'omflow_patch_1_1_6_3.tar.gz';
const control = '/opt/omflow/collector/omflow_collector';
const hop = {
	to: '1.1.6.3',
	runbook: 'general',
	options: {from: '1.1.6.1', archive: join(defaultStateDirectory, archive)},
};

/** Changes few files, and the database, and then fails. */
const patch = `#!/bin/bash
set -e
cd /opt/omflow/collector
echo broken > omflow/settings.py
echo new > new-file
/usr/bin/python3 -c "import sqlite3; c = sqlite3.connect('db.omflow'); c.execute('DELETE FROM ommission_mission'); c.commit()"
exit 1
`;

/** How long it takes from the beginning of a rollback until the service answers again, against one stop and start of it. */
export async function rollback(place: Place, runs = 5): Promise<Figure[]> {
	const sample = await openSample(place, 'collector', hop);
	await makeArchive(sample);
	const prober = startProber(sample.view.pid, await place.build('outage-probe'), sampleUrl('collector'));
	await prober.answers();
	const restarts: number[] = [];
	const rollbacks: number[] = [];
	for (let round = 0; round < runs; round++) {
		const began = Date.now();
		await inside(sample.view, [control, 'stop']);
		const answered = prober.answers();
		await inside(sample.view, [control, 'start']);
		restarts.push((await answered) - began);

		const id = `20260101-00000${round + 1}`;
		const events = await workIn(sample, [place.program, 'worker'], id, hop, 'rolled-back');
		await prober.answers();
		const undone = events.find(event => event.event === 'step' && event.status === 'undoing')?.time ?? Number.NaN;
		rollbacks.push(prober.answeredAfter(undone) - undone);
	}

	await prober.end();
	await sample.close();
	return [
		{
			name: 'Rollback of a failed update until the service answers, against its stop and start',
			value: median(rollbacks) / median(restarts),
			aim: 2,
			unit: '×',
			from: `${milliseconds(median(rollbacks))} / ${milliseconds(median(restarts))}, medians of ${runs}`,
		},
	];
}

async function makeArchive({stateDirectory}: Sample): Promise<void> {
	const folder = join(stateDirectory, 'made', 'omflow_patch');
	await mkdir(folder, {recursive: true});
	await writeFile(join(folder, 'patch.sh'), patch, {mode: 0o755});
	await run('tar', ['-czf', join(stateDirectory, archive), '-C', join(folder, '..'), 'omflow_patch']);
}
