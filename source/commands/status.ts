import {currentStep} from '../console/consequence.js';
import {harmless} from '../console/harmless.js';
import {Attached} from '../engine/attach.js';
import {type Fate, fateOf, lastWords} from '../engine/fate.js';
import {stateFrom} from '../engine/journal.js';
import {readLedger} from '../engine/ledger.js';
import {kitPlaces, places, runPlaces} from '../engine/places.js';
import type {RunState, ServiceState, StepState} from '../engine/state.js';
import {holdsAnything} from '../host/boot.js';
import {describeByHand} from './plain.js';
import {requireRoot} from './refusal.js';
import {goesOnByItself} from './resume.js';
import {knownHops, routeFor} from './runbook.js';
import {isUnfinished, type KnownRun, readRuns, unfinishedRun} from './runs.js';
import {describeUnreadable} from './unreadable.js';
import type {Arguments} from './usage.js';

/** Where a run stands, also when nobody works on it. */
type Standing = {
	readonly run: RunState;
	/** `working`, or what became of the worker; absent when the run is over. */
	readonly worker?: Fate | 'working';
	/** The last sentence of a worker that ended. */
	readonly said?: string;
	/** A start of the machine would leave OMFLOW stopped; and who goes on with the run then. */
	readonly held?: 'by-itself' | 'by-hand';
	/** What to type; absent when nothing is left to do. */
	readonly next?: string;
};

/** Says what is known about the newest run: from its worker when one lives, else from the stored progress. */
export async function status(given: Arguments): Promise<number> {
	requireRoot();
	const {known, unreadable} = await readRuns(given.state);
	const problems = unreadable.map(run => ({run: run.id, ...describeUnreadable(run)}));
	const isReadable = unreadable.every(({id}) => id !== known[0]?.id);
	const standing = await findStanding(given.state, known[0], isReadable);
	if (given.json) {
		const {run = null, ...rest} = standing ?? {};
		const working = standing?.worker === 'working';
		process.stdout.write(`${JSON.stringify({working, ...rest, run, unreadable: problems})}\n`);
		return 0;
	}

	for (const {sentence, remedy} of problems) {
		process.stdout.write(`${sentence} ${remedy}\n`);
	}

	process.stdout.write(`${standing ? describe(standing, given.state) : 'No run is known on this machine.'}\n`);
	const kit = await unfinishedRun(kitPlaces(given.state).state).catch(() => undefined);
	if (kit) {
		process.stdout.write(
			`The kit ${String(kit.plan.options.output)} is not finished; omflow-tui kit build goes on with it.\n`,
		);
	}

	return 0;
}

/** `isReadable` is false for a newest run that nobody can go on with. */
async function findStanding(
	state: string,
	newest: KnownRun | undefined,
	isReadable: boolean,
): Promise<Standing | undefined> {
	const attached = await Attached.to(state);
	attached?.close();
	const held = newest && (await holdsAnything()) ? {held: await heldHow(state, newest)} : {};
	if (attached) {
		const run = attached.state();
		const next = run.question ? 'omflow-tui asks it.' : 'omflow-tui shows it.';
		return {run, worker: 'working', ...held, next};
	}

	if (!newest) {
		return undefined;
	}

	const stored = stateFrom(places.run(state, newest.id), newest.plan, newest.progress, knownHops(newest.plan, state));
	if (!isUnfinished(newest) || !isReadable) {
		return {run: stored, ...held};
	}

	const service = await askService(state, newest);
	const said = await lastWords(places.run(state, newest.id));
	return {
		run: {...stored, ...(service ? {service} : {})},
		worker: await fateOf(state, newest.id),
		...(said ? {said} : {}),
		...held,
		next:
			stored.outcome === 'needs-attention'
				? 'omflow-tui asks what is to become of it.'
				: 'omflow-tui goes on with it; omflow-tui upgrade --yes does so without asking.',
	};
}

async function heldHow(state: string, run: KnownRun): Promise<'by-itself' | 'by-hand'> {
	return (await goesOnByItself(state, run)) ? 'by-itself' : 'by-hand';
}

/** Whether OMFLOW answers, asked as the worker would. */
async function askService(state: string, {id, plan}: KnownRun): Promise<ServiceState | undefined> {
	const ledger = readLedger(runPlaces.ledger(places.run(state, id)));
	// The hops before the one that was begun last are over.
	const suffixes = knownHops(plan, state).map(({suffix}) => suffix);
	const suffix = suffixes.findLast(name => [...ledger.keys()].some(key => key.endsWith(name))) ?? '';
	return routeFor(plan, state).probe(<T>(key: string) => ledger.get(`${key}${suffix}`) as T | undefined);
}

function describe(standing: Standing, state: string): string {
	const {run, held, next} = standing;
	const lines = [
		`${run.kind} ${run.id} on ${run.host}: ${run.from ?? 'not yet looked at'} to ${run.to}`,
		...(run.outcome ? [`${run.outcome}: ${run.message ?? ''}`] : []),
		...describeByHand(run.byHand ?? []),
		...sentences(standing, state),
		...(standing.worker && run.service ? [describeService(run.service)] : []),
		...(held ? [`While it is not over, a start of this machine leaves OMFLOW down${then[held]}.`] : []),
		...run.steps.map(describeStep),
		`Service down for ${(run.outageMilliseconds / 1000).toFixed(1)} s.`,
		...(next ? [`Next: ${next}`] : []),
	];
	return lines.join('\n');
}

/** Who works on it, and where it stands. */
function sentences({run, said, worker}: Standing, state: string): string[] {
	const step = currentStep(run);
	const at = step ? ` at “${step.title}”${phases[step.phase]}` : '';
	const words = said ? ` Its last words: ${harmless(said)}` : '';
	switch (worker) {
		case undefined:
			return [];
		case 'working':
			return [run.question ? `Waits for an answer${at}: ${run.question.prompt}` : `Working${at}.`];
		case 'restarting':
			return [`Its worker was killed${at}; systemd starts it again in a moment.`];
		case 'given-up':
			return [
				`Its worker ended again and again${at}, and systemd starts it no more.${words}`,
				`All it said is in ${runPlaces.workerLog(places.run(state, run.id))}`,
			];
		case 'machine':
			return run.outcome ? [] : [`This machine went down${at}, and was started again since. No worker lives.`];
		case 'gone':
			return run.outcome ? [] : [`Not over: it stands${at}. No worker lives.${words}`];
	}
}

const then = {
	'by-itself': ', and the run goes on by itself',
	'by-hand': '',
} as const;

const phases = {
	sample: '',
	kit: '',
	prepare: ', before the window',
	window: ', in the window',
	confirm: ', after the window',
} as const satisfies Record<StepState['phase'], string>;

function describeService({answers, reply, url}: ServiceState): string {
	return answers ? `OMFLOW answers at ${url}: ${reply}` : `OMFLOW does not answer at ${url}: ${reply}`;
}

function describeStep({hop, note, status, title}: StepState): string {
	return `  ${status.padEnd(8)} ${hop ? `${hop}: ` : ''}${title}${note ? `: ${note}` : ''}`;
}
