import {renameSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import type Conf from 'conf';
import {runPlaces} from './places.js';
import type {Answer, Finding, Outcome, Pane, StepStatus} from './state.js';

/** How far a step came, for the screen. What a resumed run does is decided by `look`, not by this. */
export type StepProgress = {
	readonly status: StepStatus;
	readonly startedAt?: number;
	readonly endedAt?: number;
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
	outageSince?: number;
	outageMilliseconds: number;
	steps: Record<string, StepProgress>;
	answers: Record<string, Answer>;
};

const defaults: Progress = {outageMilliseconds: 0, steps: {}, answers: {}};

const schema = {
	from: {type: 'string'},
	startedAt: {type: 'number'},
	endedAt: {type: 'number'},
	outcome: {enum: ['kept', 'rolled-back', 'stopped', 'blocked', 'needs-attention']},
	message: {type: 'string'},
	outageSince: {type: 'number'},
	outageMilliseconds: {type: 'number', minimum: 0},
	steps: {type: 'object'},
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
	try {
		return {store: open()};
	} catch {
		const setAside = `${runPlaces.progress(run)}.unreadable-${Date.now()}`;
		renameSync(runPlaces.progress(run), setAside);
		return {store: open(), setAside};
	}
}

/** The progress of a run as it is on disk, for who only looks; empty when it cannot be read. */
export async function readProgress(run: string): Promise<Readonly<Progress>> {
	try {
		return {...defaults, ...(JSON.parse(await readFile(runPlaces.progress(run), 'utf8')) as Partial<Progress>)};
	} catch {
		return defaults;
	}
}
