import {statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import type Conf from 'conf';
import {isDiskFull} from '../host/files.js';
import {lastEvent} from './events-file.js';
import {isObject, isThere, readKept, setAside} from './kept-file.js';
import {runPlaces} from './places.js';
import type {Answer, ByHand, Expected, Finding, Outcome, Pane, StepStatus} from './state.js';

/** How far a step came, for the screen. What a resumed run does is decided by `look`, not by this. */
export type StepProgress = {
	readonly status: StepStatus;
	readonly startedAt?: number;
	readonly endedAt?: number;
	readonly worked?: number;
	readonly pane?: Pane;
	readonly note?: string;
	readonly remedy?: string;
	readonly findings?: readonly Finding[];
};

export type Progress = {
	from?: string;
	startedAt?: number;
	endedAt?: number;
	outcome?: Outcome;
	message?: string;
	byHand?: readonly ByHand[];
	outageSince?: number;
	outageMilliseconds: number;
	steps: Record<string, StepProgress>;
	/** What was expected last. */
	expected?: {readonly steps: Readonly<Record<string, Expected>>; readonly outage?: Expected};
	answers: Record<string, Answer>;
};

const defaults: Progress = {outageMilliseconds: 0, steps: {}, answers: {}};

const schema = {
	from: {type: 'string'},
	startedAt: {type: 'number'},
	endedAt: {type: 'number'},
	outcome: {enum: ['kept', 'rolled-back', 'stopped', 'blocked', 'needs-attention']},
	message: {type: 'string'},
	byHand: {type: 'array'},
	outageSince: {type: 'number'},
	outageMilliseconds: {type: 'number', minimum: 0},
	steps: {type: 'object'},
	expected: {type: 'object'},
	answers: {type: 'object'},
} as const;

export type ProgressStore = {
	readonly store: Conf<Progress>;
	/** Where an unreadable file was put aside; the run then looks at the system afresh. */
	readonly setAside?: string;
};

/**
Opens the progress of a run. A file that is torn, foreign or from another schema is kept under another
name and an empty one takes its place: nothing depends on it that the system itself cannot tell.
*/
export async function openProgress(run: string): Promise<ProgressStore> {
	const {default: Conf} = await import('conf');
	const open = () =>
		new Conf<Progress>({
			projectName: 'omflow-tui',
			cwd: run,
			configName: 'progress',
			configFileMode: 0o600,
			accessPropertiesByDotNotation: false,
			clearInvalidConfig: false,
			defaults,
			schema,
		});
	const path = runPlaces.progress(run);
	try {
		// Conf would wait for a pipe, and write through a link.
		const text = readKept(path);
		if (text === undefined || isProgress(JSON.parse(text))) {
			return {store: open()};
		}
	} catch (error) {
		if (!isThere(path) || isDiskFull(error)) {
			throw error;
		}
	}

	const aside = setAside(path);
	return {store: open(), setAside: aside};
}

/**
The progress of a run as it is on disk, for who only looks. When it cannot be read, the events still say whether and how
the run has ended; the rest is empty then.
*/
export async function readProgress(run: string): Promise<Readonly<Progress>> {
	try {
		const progress: unknown = JSON.parse(readKept(runPlaces.progress(run)) ?? '{}');
		if (isProgress(progress)) {
			return progress;
		}
	} catch {}

	const last = lastEvent(run);
	return last?.event === 'run-ended'
		? {...defaults, outcome: last.outcome, message: last.message, endedAt: last.time}
		: defaults;
}

function isProgress(value: unknown): value is Progress {
	return (
		isObject(value) && isObject(value.steps) && isObject(value.answers) && typeof value.outageMilliseconds === 'number'
	);
}

/**
Writes a whole progress; false when there is no room for it, and the file is then as it was. The room is asked for
beforehand: a write that comes to the end of the disk can be short without an error, and the file would be torn.
*/
export function saveProgress(store: ProgressStore['store'], progress: Progress): boolean {
	const {bavail, bsize} = statfsSync(dirname(store.path));
	if (bavail * bsize < 2 * Buffer.byteLength(JSON.stringify(progress)) + spare) {
		return false;
	}

	try {
		store.store = progress;
		return true;
	} catch (error) {
		if (isDiskFull(error)) {
			return false;
		}

		throw error;
	}
}

/** For indentation, and for whoever writes at the same moment. */
const spare = 128 * 1024;
