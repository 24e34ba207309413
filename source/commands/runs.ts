import {rm} from 'node:fs/promises';
import {Attached} from '../engine/attach.js';
import {eventsLength} from '../engine/events-file.js';
import {isThere, UnreadableFile} from '../engine/kept-file.js';
import {launchWorker, relaunchWorker} from '../engine/launch.js';
import {checkLedger} from '../engine/legible.js';
import {holdLock, isLocked} from '../engine/lock.js';
import {listRuns, makeState, type Plan, places, readPlan, runPlaces} from '../engine/places.js';
import {type Progress, readProgress} from '../engine/progress.js';
import type {RunState} from '../engine/state.js';
import {release} from '../host/boot.js';
import {writeDurably} from '../host/files.js';
import {createRunner, plainEnvironment} from '../host/process.js';
import {becomesTrue} from '../host/service.js';
import {language, t} from '../locales/index.js';
import type {Driven} from './drive.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {knownHops} from './runbook.js';
import {describeUnreadable, type UnreadableRun} from './unreadable.js';

export type KnownRun = {
	readonly id: string;
	readonly plan: Plan;
	readonly progress: Readonly<Progress>;
	/** A person said that nothing more is to be done about it. */
	readonly isClosed: boolean;
};

/** Makes the state directory; refuses when that cannot be had. */
export async function prepareState(state: string): Promise<void> {
	try {
		await makeState(state);
	} catch (error) {
		const {code = '', message} = error as NodeJS.ErrnoException;
		const why: Record<string, string> = {
			EEXIST: t('there is a file of that name'),
			ENOTDIR: t('a part of its path is a file'),
			EROFS: t('the filesystem is read-only'),
			ENOSPC: t('the disk is full'),
			EACCES: t('even root may not write there'),
		};
		throw new Refusal(
			t('Runs cannot be kept in {state}: {message}. Put that right, or choose another folder with --state-dir.', {
				state,
				message: why[code] ?? message,
			}),
			exitStatus.blocked,
		);
	}
}

/** Begins a run or puts one away while no other command of this machine does. */
export async function alone<Result>(state: string, body: () => Promise<Result>): Promise<Result> {
	const letGo = await holdLock(places.commandLock(state), 60);
	if (!letGo) {
		throw new Refusal(
			t(
				'Another omflow-tui on this machine has been beginning or ending a run for a minute. Try again when it is done.',
			),
			exitStatus.locked,
		);
	}

	try {
		return await body();
	} finally {
		await letGo();
	}
}

/**
The runs of a state directory whose plan can be read, newest first; and those that may not be over although nobody can
go on with them.
*/
export async function readRuns(
	state: string,
): Promise<{readonly known: KnownRun[]; readonly unreadable: UnreadableRun[]}> {
	const known: KnownRun[] = [];
	const unreadable: UnreadableRun[] = [];
	for (const id of await listRuns(state)) {
		const directory = places.run(state, id);
		const progress = await readProgress(directory);
		const isClosed = isThere(runPlaces.closed(directory));
		try {
			const plan = await readPlan(directory);
			if (plan) {
				knownHops(plan, state);
				known.push({id, plan, progress, isClosed});
			}

			if (!isOver({progress, isClosed})) {
				await checkLedger(directory);
			}
		} catch (error) {
			if (!(error instanceof UnreadableFile)) {
				throw error;
			}

			if (!isOver({progress, isClosed})) {
				unreadable.push({id, directory, file: error});
			}
		}
	}

	return {known, unreadable};
}

/** The runs of a state directory whose plan can be read, newest first. */
export async function knownRuns(state: string): Promise<KnownRun[]> {
	return (await readRuns(state)).known;
}

/** Whether a run can be gone on with: it was cut, stopped, or could not finish taking things back. */
export function isUnfinished(run: KnownRun): boolean {
	return !isOver(run);
}

/** What this version does not know is not over. */
function isOver({isClosed, progress: {outcome}}: Pick<KnownRun, 'isClosed' | 'progress'>): boolean {
	return isClosed || outcome === 'kept' || outcome === 'rolled-back' || outcome === 'blocked';
}

/** The run that is not over, if there is one. Refuses when there may be one that nobody can go on with. */
export async function unfinishedRun(state: string): Promise<KnownRun | undefined> {
	const {known, unreadable} = await readRuns(state);
	if (unreadable[0]) {
		const {sentence, remedy} = describeUnreadable(unreadable[0]);
		throw new Refusal(`${sentence} ${remedy}`, exitStatus.blocked);
	}

	return known.find(run => isUnfinished(run));
}

/** Ends a run by a person's word. The server stays as it is now, also at a start of the machine; so does what the run has kept. */
export async function closeRun(state: string, id: string): Promise<void> {
	await writeDurably(runPlaces.closed(places.run(state, id)), `${new Date().toISOString()}\n`);
	// A kit that is given up held nothing back; a hold there is, is that of an upgrade.
	if ((await readPlan(places.run(state, id)).catch(() => undefined))?.kind !== 'kit') {
		await release(createRunner({log: '/dev/null', environment: plainEnvironment}));
	}
}

/** Refuses when a worker lives and this caller cannot attach to it. */
export async function refuseWhenLocked(state: string, command = 'omflow-tui'): Promise<void> {
	// A worker that has told its end still has to go.
	if (!(await becomesTrue(async () => !(await isLocked(state)), 2000))) {
		throw new Refusal(
			t('Another run holds the lock on this machine. Start {command} in a terminal to see it, or wait for its end.', {
				command,
			}),
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
	/** Takes everything back that is not kept. */
	readonly rollBack?: boolean;
	readonly enter?: (argv: readonly string[]) => readonly string[];
}): Promise<Driven> {
	const run = places.run(options.state, options.id);
	const worker = {
		state: options.workerState ?? options.state,
		id: options.id,
		unattended: options.unattended,
		workerLog: runPlaces.workerLog(run),
		// Whoever goes on with it has to understand it.
		language: language(),
		...(options.rollBack ? {rollBack: true} : {}),
		...(options.enter ? {enter: options.enter} : {}),
	};
	const relaunch = async () => {
		// What it could not read, the next one cannot either.
		await readPlan(run);
		await checkLedger(run);
		return relaunchWorker(worker);
	};
	const eventsBefore = eventsLength(run);
	const living = await Attached.to(options.state);
	if (living && options.rollBack) {
		await takeBack(living);
	}

	living?.close();
	if (!living) {
		// Somebody looks after it now: what the machine did by itself counts no more.
		await rm(runPlaces.starts(run), {force: true});
		await launchWorker(worker);
		// Once it has begun it holds the lock, and whoever comes next finds it.
		await becomesTrue(async () => {
			const begun = await Attached.to(options.state);
			begun?.close();
			return begun !== undefined || eventsLength(run) > eventsBefore;
		}, 10_000);
	}

	return {state: options.state, id: options.id, eventsBefore, relaunch};
}

/** Tells a living worker to take everything back, whoever drives it. Refuses when it does not. */
async function takeBack(living: Attached): Promise<void> {
	const isHeard = ({status}: RunState) => status === 'rolling-back' || status === 'ended';
	living.send({type: 'take-over'});
	living.send({type: 'roll-back'});
	// A step that must not be cut comes to its end first, however long that takes.
	await becomesTrue(async () => living.refused !== undefined || isHeard(living.state()), patienceForRefusal);
	if (living.refused && !isHeard(living.state())) {
		throw new Refusal(living.refused.reason, exitStatus.blocked);
	}
}

const patienceForRefusal = 2000;
