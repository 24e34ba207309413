import {rm} from 'node:fs/promises';
import {Attached} from '../engine/attach.js';
import {launchWorker} from '../engine/launch.js';
import {holdLock, isLocked} from '../engine/lock.js';
import {listRuns, makeState, type Plan, places, readPlan, runPlaces} from '../engine/places.js';
import {type Progress, readProgress} from '../engine/progress.js';
import {becomesTrue} from '../host/service.js';
import type {Driven} from './drive.js';
import {eventsLength, exitStatus} from './plain.js';
import {Refusal} from './refusal.js';

export type KnownRun = {readonly id: string; readonly plan: Plan; readonly progress: Readonly<Progress>};

/** Makes the state directory; refuses when that cannot be had. */
export async function prepareState(state: string): Promise<void> {
	try {
		await makeState(state);
	} catch (error) {
		const {code = '', message} = error as NodeJS.ErrnoException;
		const why: Record<string, string> = {
			EEXIST: 'there is a file of that name',
			ENOTDIR: 'a part of its path is a file',
			EROFS: 'the filesystem is read-only',
			ENOSPC: 'the disk is full',
			EACCES: 'even root may not write there',
		};
		throw new Refusal(
			`Runs cannot be kept in ${state}: ${why[code] ?? message}. Put that right, or choose another folder with --state-dir.`,
			exitStatus.blocked,
		);
	}
}

/** Begins a run or puts one away while no other command of this machine does. */
export async function alone<Result>(state: string, body: () => Promise<Result>): Promise<Result> {
	const letGo = await holdLock(places.commandLock(state), 60);
	if (!letGo) {
		throw new Refusal(
			'Another omflow-tui on this machine has been beginning or ending a run for a minute. Try again when it is done.',
			exitStatus.locked,
		);
	}

	try {
		return await body();
	} finally {
		await letGo();
	}
}

/** The runs of a state directory whose plan can be read, newest first. */
export async function knownRuns(state: string): Promise<KnownRun[]> {
	const runs: KnownRun[] = [];
	for (const id of await listRuns(state)) {
		const run = places.run(state, id);
		const plan = await readPlan(run);
		if (plan) {
			runs.push({id, plan, progress: await readProgress(run)});
		}
	}

	return runs;
}

/** Whether a run can be gone on with: it was cut, stopped, or could not finish taking things back. */
export function isUnfinished({progress}: KnownRun): boolean {
	const isOpen = !progress.outcome || progress.outcome === 'stopped' || progress.outcome === 'needs-attention';
	return isOpen && progress.closedAt === undefined;
}

/** The run that is not over, if there is one. */
export async function unfinishedRun(state: string): Promise<KnownRun | undefined> {
	return (await knownRuns(state)).find(run => isUnfinished(run));
}

/** Refuses when a worker lives and this caller cannot attach to it. */
export async function refuseWhenLocked(state: string): Promise<void> {
	// A worker that has told its end still has to go.
	if (!(await becomesTrue(async () => !(await isLocked(state)), 2000))) {
		throw new Refusal(
			'Another run holds the lock on this machine. Start omflow-tui in a terminal to see it, or wait for its end.',
			exitStatus.locked,
		);
	}
}

/** Attaches to the worker of a run, starting it where none lives. */
export async function goOn(options: {
	/** As seen from here. */
	readonly state: string;
	/** As the worker sees it; differs in a rehearsal. */
	readonly workerState?: string;
	readonly id: string;
	readonly unattended: boolean;
	readonly enter?: (argv: readonly string[]) => readonly string[];
}): Promise<Driven> {
	const launch = async () =>
		launchWorker({
			state: options.workerState ?? options.state,
			id: options.id,
			unattended: options.unattended,
			workerLog: runPlaces.workerLog(places.run(options.state, options.id)),
			...(options.enter ? {enter: options.enter} : {}),
		});
	const eventsBefore = await eventsLength(options.state, options.id);
	const living = await Attached.to(options.state);
	living?.close();
	if (!living) {
		// Somebody looks after it now: what the machine did by itself counts no more.
		await rm(runPlaces.starts(places.run(options.state, options.id)), {force: true});
		await launch();
		// Once it has begun it holds the lock, and whoever comes next finds it.
		await becomesTrue(async () => {
			const begun = await Attached.to(options.state);
			begun?.close();
			return begun !== undefined || (await eventsLength(options.state, options.id)) > eventsBefore;
		}, 10_000);
	}

	return {state: options.state, id: options.id, eventsBefore, relaunch: launch};
}
