import {mkdir, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Language, t} from '../locales/index.js';
import {foreign, isObject, isThere, readKeptObject, UnreadableFile, whyNot} from './kept-file.js';

/** Where the program keeps what it knows about runs, unless `--state-dir` says otherwise. */
export const defaultStateDirectory = '/var/lib/omflow-tui';

/** The files below a state directory. All are private to root. */
export const places = {
	lock: (state: string) => join(state, 'lock'),
	/** Held while a run is begun or put away, so that two commands given at once do not do so both. */
	commandLock: (state: string) => join(state, 'command.lock'),
	socket: (state: string) => join(state, 'worker.sock'),
	runs: (state: string) => join(state, 'runs'),
	run: (state: string, id: string) => join(state, 'runs', id),
	/** The one rehearsal of this machine; it has a state directory of its own inside. */
	rehearsal: (state: string) => join(state, 'rehearsal'),
};

/** Where the one rehearsal of a state directory lives. */
export function rehearsalPlaces(state: string): {readonly view: string; readonly state: string} {
	const directory = places.rehearsal(state);
	return {view: join(directory, 'view'), state: join(directory, 'state')};
}

/** Where kits are built: runs of their own, and what all of them share; and where they are looked at. */
export function kitPlaces(state: string): {readonly state: string; readonly cache: string; readonly checks: string} {
	const directory = join(state, 'kit');
	return {state: join(directory, 'state'), cache: join(directory, 'cache'), checks: join(directory, 'checks')};
}

/** The files of one run. */
export const runPlaces = {
	plan: (run: string) => join(run, 'plan.json'),
	/** What one hop keeps: the run's own directory where there is but one. */
	hop: (run: string, suffix: string) => (suffix === '' ? run : join(run, `hop${suffix}`)),
	progress: (run: string) => join(run, 'progress.json'),
	ledger: (run: string) => join(run, 'ledger.ndjson'),
	events: (run: string) => join(run, 'events.ndjson'),
	child: (run: string) => join(run, 'child.json'),
	logs: (run: string) => join(run, 'logs'),
	log: (run: string, step: string) => join(run, 'logs', `${step}.log`),
	workerLog: (run: string) => join(run, 'worker.log'),
	/** How often the machine went on with it by itself when it was started. */
	starts: (run: string) => join(run, 'starts'),
	/** Is there when a person said that nothing more is to be done about the run, whatever else can be read of it. */
	closed: (run: string) => join(run, 'closed'),
	/** What is left of a rollback that could not finish, as commands. */
	byHand: (run: string) => join(run, 'by-hand.txt'),
	/** Room that is given up when the disk is full. */
	reserve: (run: string) => join(run, 'reserve'),
};

/** What was decided before a run started. Written once. */
export type Plan = {
	readonly schema: 2;
	readonly id: string;
	readonly kind: 'upgrade' | 'rehearsal' | 'restore' | 'kit';
	readonly host: string;
	/** Where the last hop leads. */
	readonly to: string;
	/** In order; at least one. */
	readonly hops: readonly PlannedHop[];
	readonly createdAt: number;
	/** Questions take their safe default instead of waiting for a person. */
	readonly unattended: boolean;
	/** How long, in milliseconds, a new version in service may wait for somebody to keep it; else it is taken back. */
	readonly confirmWithin?: number;
	/** In a rehearsal: the file of the host's network namespace, seen from inside the view. */
	readonly networkNamespace?: string;
	/** Proxies and certificate settings for programs that use the network. May hold secrets. */
	readonly networkEnvironment: Readonly<Record<string, string>>;
	/** In which the run speaks, whoever looks at it: that of whoever began it. */
	readonly language?: Language;
	/** For all hops. */
	readonly options: Readonly<Record<string, unknown>>;
};

/** One version to the next, by one runbook. */
export type PlannedHop = {
	readonly to: string;
	readonly runbook: string;
	/** For the runbook. */
	readonly options: Readonly<Record<string, unknown>>;
};

/** Makes the state directory, readable by its owner only. */
export async function makeState(state: string): Promise<void> {
	await mkdir(places.runs(state), {recursive: true, mode: 0o700});
}

/**
Reads a plan; undefined where no run was begun: a plan is written before anything else. Throws an UnreadableFile when it
is lost, damaged, not ours, or that of a newer version.
*/
export async function readPlan(run: string): Promise<Plan | undefined> {
	const path = runPlaces.plan(run);
	const found = readKeptObject(path, 2);
	if (!found) {
		const {events, ledger, progress} = runPlaces;
		if ([events, ledger, progress].some(place => isThere(place(run)))) {
			throw new UnreadableFile(path, t('is missing'));
		}

		return undefined;
	}

	const plan = found.schema === 1 ? migrate(found as EarlierPlan) : (found as Plan);
	if (!isPlan(plan) || plan.id !== basename(run)) {
		throw new UnreadableFile(path, t(foreign));
	}

	return plan;
}

function isPlan({hops, id, kind, networkEnvironment, options, to}: Plan): boolean {
	return (
		[id, kind, to].every(value => typeof value === 'string') &&
		[options, networkEnvironment].every(isObject) &&
		Array.isArray(hops) &&
		hops.length > 0 &&
		hops.every(hop => isObject(hop) && typeof hop.to === 'string' && typeof hop.runbook === 'string')
	);
}

/** Plans of schema 1 had one hop, whose options were those of the run. */
type EarlierPlan = Omit<Plan, 'schema' | 'hops'> & {readonly schema: 1; readonly runbook: string};

function migrate({schema: _, runbook, ...plan}: EarlierPlan): Plan {
	return {...plan, schema: 2, hops: [{to: plan.to, runbook, options: plan.options}]};
}

/** Names of the runs, newest first. Throws an UnreadableFile when nobody can tell. */
export async function listRuns(state: string): Promise<string[]> {
	try {
		return (await readdir(places.runs(state))).sort().reverse();
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' && !isThere(places.runs(state))) {
			return [];
		}

		throw new UnreadableFile(places.runs(state), whyNot(code));
	}
}

/**
Name of a new run: its start to the second, in local time, so that people can tell runs apart. A run that was begun
in this very second keeps its name, and the new one takes the next.
*/
export async function newRunId(state: string): Promise<string> {
	const taken = new Set(await listRuns(state));
	for (let at = Date.now(); ; at += 1000) {
		const id = runId(new Date(at));
		if (!taken.has(id)) {
			return id;
		}
	}
}

function runId(at: Date): string {
	const two = (value: number) => String(value).padStart(2, '0');
	return (
		`${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}` +
		`-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
	);
}
