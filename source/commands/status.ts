import {currentStep} from '../console/consequence.js';
import {expectedTime} from '../console/expectation.js';
import {harmless} from '../console/harmless.js';
import {Attached} from '../engine/attach.js';
import {roughly, sourceOf} from '../engine/expected-words.js';
import {type Fate, fateOf, lastWords} from '../engine/fate.js';
import {stateFrom} from '../engine/journal.js';
import {readLedger} from '../engine/ledger.js';
import {kitPlaces, places, runPlaces} from '../engine/places.js';
import type {RunState, ServiceState, StepState} from '../engine/state.js';
import {kindWord, outcomeWord} from '../engine/words.js';
import {holdsAnything} from '../host/boot.js';
import {mark, type Text, t} from '../locales/index.js';
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

	process.stdout.write(`${standing ? describe(standing, given.state) : t('No run is known on this machine.')}\n`);
	const kit = await unfinishedRun(kitPlaces(given.state).state).catch(() => undefined);
	if (kit) {
		process.stdout.write(
			`${t('The kit {output} is not finished; omflow-tui kit build goes on with it.', {output: String(kit.plan.options.output)})}\n`,
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
		const next = run.question ? t('omflow-tui asks it.') : t('omflow-tui shows it.');
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
				? t('omflow-tui asks what is to become of it.')
				: t('omflow-tui goes on with it; omflow-tui upgrade --yes does so without asking.'),
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
		t('{kind} {id} on {host}: {from} to {to}', {
			kind: t(kindWord[run.kind]),
			id: run.id,
			host: run.host,
			from: run.from ?? t('not yet looked at'),
			to: run.to,
		}),
		...(run.outcome ? [`${t(outcomeWord[run.outcome])}: ${run.message ?? ''}`] : []),
		...describeByHand(run.byHand ?? []),
		...sentences(standing, state),
		...(standing.worker && run.service ? [describeService(run.service)] : []),
		...(held
			? [t('While it is not over, a start of this machine leaves OMFLOW down{held}.', {held: t(then[held])})]
			: []),
		...run.steps.map(describeStep),
		t('Service down for {seconds} s.', {seconds: (run.outageMilliseconds / 1000).toFixed(1)}),
		...windowAhead(run),
		...(next ? [t('Next: {next}', {next})] : []),
	];
	return lines.join('\n');
}

/** Who works on it, and where it stands. */
function sentences({run, said, worker}: Standing, state: string): string[] {
	const step = currentStep(run);
	const at = step ? t(' at “{title}”{phase}', {title: step.title, phase: t(phases[step.phase])}) : '';
	const words = said ? t(' Its last words: {said}', {said: harmless(said)}) : '';
	switch (worker) {
		case undefined:
			return [];
		case 'working':
			return [
				run.question
					? t('Waits for an answer{at}: {prompt}', {at, prompt: run.question.prompt})
					: t('Working{at}.', {at}),
			];
		case 'restarting':
			return [t('Its worker was killed{at}; systemd starts it again in a moment.', {at})];
		case 'given-up':
			return [
				t('Its worker ended again and again{at}, and systemd starts it no more.{words}', {at, words}),
				t('All it said is in {file}', {file: runPlaces.workerLog(places.run(state, run.id))}),
			];
		case 'machine':
			return run.outcome ? [] : [t('This machine went down{at}, and was started again since. No worker lives.', {at})];
		case 'gone':
			return run.outcome ? [] : [t('Not over: it stands{at}. No worker lives.{words}', {at, words})];
	}
}

const then = {
	'by-itself': mark(', and the run goes on by itself'),
	'by-hand': '',
} as const;

const phases = {
	sample: '',
	kit: '',
	prepare: mark(', before the window'),
	window: mark(', in the window'),
	confirm: mark(', after the window'),
} as const satisfies Record<StepState['phase'], Text>;

function describeService({answers, reply, url}: ServiceState): string {
	return answers
		? t('OMFLOW answers at {url}: {reply}', {url, reply})
		: t('OMFLOW does not answer at {url}: {reply}', {url, reply});
}

/** How long OMFLOW will be down, as long as that is to come. */
function windowAhead(run: RunState): string[] {
	const {expectedOutage: outage} = run;
	const phase = currentStep(run)?.phase;
	return outage && !run.outcome && (phase === 'prepare' || phase === 'sample')
		? [
				t('The window takes about {time} ({source}).', {
					time: roughly(outage.milliseconds),
					source: sourceOf(outage),
				}),
			]
		: [];
}

function describeStep(step: StepState): string {
	const {hop, note, status, title} = step;
	const expected = status === 'pending' ? expectedTime(step) : '';
	return `  ${status.padEnd(8)} ${hop ? `${hop}: ` : ''}${title}${expected ? `, ${expected}` : ''}${note ? `: ${note}` : ''}`;
}
