import {readFile} from 'node:fs/promises';
import {launchWorker} from '../engine/launch.js';
import {places, runPlaces} from '../engine/places.js';
import {writeDurably} from '../host/files.js';
import {isUnfinished, knownRuns} from './runs.js';

/** Starts of the machine that go on with a run by themselves; it may be the run that makes it go down. */
const most = 3;

/**
Hidden: called by a start of the machine that finds a run in the middle of its window. Arguments: state directory, run.
Starts its worker, as it was planned: with nobody there, questions of a planned conversation wait.
*/
export async function resume([state, id]: readonly string[]): Promise<number> {
	const known = state ? (await knownRuns(state)).find(run => run.id === id) : undefined;
	if (!state || !id || !known || !isUnfinished(known) || known.progress.outcome === 'needs-attention') {
		process.stderr.write('omflow-tui: nothing is gone on with by itself. See omflow-tui status.\n');
		return 0;
	}

	const run = places.run(state, id);
	const starts = Number(await readFile(runPlaces.starts(run), 'utf8').catch(() => 0)) + 1;
	if (starts > most) {
		process.stderr.write(
			`omflow-tui: the machine was started ${most} times in the middle of the run ${id}. Start omflow-tui to go on.\n`,
		);
		return 1;
	}

	// Before anything is tried: perhaps there is no after.
	await writeDurably(runPlaces.starts(run), `${starts}\n`, {mode: 0o600});
	await launchWorker({state, id, workerLog: runPlaces.workerLog(run), unattended: false});
	return 0;
}
