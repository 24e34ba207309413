import {readFile} from 'node:fs/promises';
import {launchWorker} from '../engine/launch.js';
import {places, runPlaces} from '../engine/places.js';
import {writeDurably} from '../host/files.js';
import {t} from '../locales/index.js';
import {isUnfinished, type KnownRun, knownRuns} from './runs.js';

/** Starts of the machine that go on with a run by themselves; it may be the run that makes it go down. */
const most = 3;

/** Whether a start of the machine would go on with a run that is in the middle of its window. */
export async function goesOnByItself(state: string, run: KnownRun): Promise<boolean> {
	// One that ended was left by somebody's decision, or needs one.
	return run.progress.outcome === undefined && isUnfinished(run) && (await startsOf(places.run(state, run.id))) < most;
}

async function startsOf(run: string): Promise<number> {
	return Number(await readFile(runPlaces.starts(run), 'utf8').catch(() => 0));
}

/**
Hidden: called by a start of the machine that finds a run in the middle of its window. Arguments: state directory, run.
Starts its worker, as it was planned: with nobody there, questions of a planned conversation wait.
*/
export async function resume([state, id]: readonly string[]): Promise<number> {
	const known = state ? (await knownRuns(state)).find(run => run.id === id) : undefined;
	if (!state || !id || !known || !(await goesOnByItself(state, known))) {
		process.stderr.write(`omflow-tui: ${t('nothing goes on by itself. See omflow-tui status.')}\n`);
		return 1;
	}

	const run = places.run(state, id);
	// Before anything is tried: perhaps there is no after.
	await writeDurably(runPlaces.starts(run), `${(await startsOf(run)) + 1}\n`, {mode: 0o600});
	await launchWorker({state, id, workerLog: runPlaces.workerLog(run)});
	return 0;
}
