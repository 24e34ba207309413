import {faultPoint} from '../host/fault.js';
import {t} from '../locales/index.js';
import {type RunEvent, update} from './events.js';
import {openEvents} from './events-file.js';
import type {LineFile} from './line-file.js';
import {type Plan, runPlaces} from './places.js';
import {type Progress, type ProgressStore, saveProgress} from './progress.js';
import type {Reserve} from './reserve.js';
import type {Answer, RunState, StepState} from './state.js';
import type {Step} from './step.js';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'time'> : never;

/** What only a screen needs: on a full disk these are the first to be left out of the event file. */
const passing: ReadonlySet<RunEvent['event']> = new Set(['command', 'expected', 'pane', 'tried', 'undo', 'waiting']);

/** How often panes and output of a step are passed on, in milliseconds. */
const frame = 100;

/**
The one way by which anything becomes known: an event changes the state, goes to the consoles, to the
event file, and, where a later session needs it, into the progress. A full disk never stops it: what does not
fit waits in memory, and for what must not be missed the run gives up its reserve.
*/
export class Journal {
	#state: RunState;
	readonly #file: LineFile;
	/** The progress as it should be on the disk. Kept here as well, since a full disk can tear the file. */
	readonly #progress: Progress;
	#isBehind = false;
	readonly #listeners = new Set<(event: RunEvent) => void>();
	readonly #late = new Map<string, {event: Untimed<RunEvent>; timer: NodeJS.Timeout}>();
	readonly #lastShown = new Map<string, number>();

	constructor(
		run: string,
		readonly plan: Plan,
		private readonly store: ProgressStore['store'],
		hops: readonly KnownHop[],
		private readonly reserve?: Reserve,
	) {
		this.#progress = structuredClone(store.store);
		this.#state = stateFrom(run, plan, this.#progress, hops);
		this.#file = openEvents(run);
	}

	/** Answers given so far, by question. */
	get answers(): Readonly<Record<string, Answer>> {
		return this.#progress.answers;
	}

	get state(): RunState {
		return this.#state;
	}

	onEvent(listener: (event: RunEvent) => void): void {
		this.#listeners.add(listener);
	}

	emit(untimed: Untimed<RunEvent>): void {
		const event = {time: Date.now(), ...untimed} as RunEvent;
		if (event.event === 'step') {
			this.#flush(event.step);
		}

		this.#state = update(this.#state, event);
		const isResult = event.event === 'run-ended' || event.event === 'step';
		if (isResult) {
			faultPoint(`tell/${nameOf(event)}`);
		}

		// Before anybody hears of it: whoever sees the end may close the view this worker lives in.
		this.#write(event);
		if (isResult) {
			faultPoint(`told/${nameOf(event)}`);
		}

		for (const listener of this.#listeners) {
			listener(event);
		}
	}

	/** Like `emit`, but at most ten a second of a kind and step; the newest wins. */
	emitSoon(event: Untimed<RunEvent> & {step: string}): void {
		const key = `${event.event}/${event.step}`;
		const waiting = this.#late.get(key);
		if (waiting) {
			waiting.event = event;
			return;
		}

		const wait = (this.#lastShown.get(key) ?? 0) + frame - Date.now();
		if (wait <= 0) {
			this.#lastShown.set(key, Date.now());
			this.emit(event);
			return;
		}

		const timer = setTimeout(() => this.#release(key), wait);
		this.#late.set(key, {event, timer});
	}

	close(): void {
		for (const key of [...this.#late.keys()]) {
			this.#release(key);
		}

		this.#file.close();
	}

	#write(event: RunEvent): void {
		if (this.#keep(event) || this.#isBehind) {
			this.#isBehind = !saveProgress(this.store, this.#progress);
		}

		// Output is in the step's log, and the service is probed every second: neither is news worth keeping.
		if (event.event === 'output' || event.event === 'service' || (event.event === 'waiting' && event.again)) {
			return;
		}

		const matters = !passing.has(event.event);
		if (matters || !this.#file.isBehind) {
			this.#file.append(JSON.stringify(event));
		}

		if (matters && (this.#isBehind || this.#file.isBehind)) {
			this.reserve?.release();
			this.#isBehind = this.#isBehind && !saveProgress(this.store, this.#progress);
			this.#file.flush();
		}
	}

	#release(key: string): void {
		const late = this.#late.get(key);
		if (late) {
			clearTimeout(late.timer);
			this.#late.delete(key);
			this.#lastShown.set(key, Date.now());
			this.emit(late.event);
		}
	}

	/** What a step showed comes before what became of it. */
	#flush(step: string): void {
		for (const key of [...this.#late.keys()]) {
			if (key.endsWith(`/${step}`)) {
				this.#release(key);
			}
		}
	}

	/** Puts into the progress what belongs there; whether it did. */
	#keep(event: RunEvent): boolean {
		const progress = this.#progress;
		switch (event.event) {
			case 'run-started':
				progress.startedAt = this.#state.startedAt;
				delete progress.outcome;
				delete progress.message;
				delete progress.byHand;
				return true;
			case 'installation':
				progress.from = event.from;
				return true;
			case 'step': {
				const step = this.#state.steps.find(({id}) => id === event.step);
				if (step) {
					const {status, startedAt, endedAt, worked, pane, note, remedy, findings} = step;
					const kept = JSON.parse(JSON.stringify({status, startedAt, endedAt, worked, pane, note, remedy, findings}));
					progress.steps = {...progress.steps, [event.step]: kept};
				}

				return step !== undefined;
			}

			case 'expected':
				progress.expected = {steps: event.steps, ...(event.outage ? {outage: event.outage} : {})};
				return true;
			case 'answered':
				// What was typed into a program's terminal is its own.
				if (event.answer.kind === 'line') {
					return false;
				}

				progress.answers = {...progress.answers, [event.question]: event.answer};
				return true;
			case 'outage-began':
				progress.outageSince = event.time;
				return true;
			case 'outage-ended':
				delete progress.outageSince;
				progress.outageMilliseconds = this.#state.outageMilliseconds;
				return true;
			case 'run-ended':
				progress.outcome = event.outcome;
				progress.message = event.message;
				if (event.byHand) {
					progress.byHand = event.byHand;
				}

				progress.endedAt = event.time;
				return true;
			default:
				return false;
		}
	}
}

function nameOf(event: RunEvent & {event: 'step' | 'run-ended'}): string {
	return event.event === 'step' ? `${event.step}/${event.status}` : event.outcome;
}

/** What a screen needs to know of a hop and its steps beforehand. */
type KnownHop = {
	readonly to: string;
	readonly steps: ReadonlyArray<Pick<Step<never>, 'id' | 'title' | 'phase' | 'documented'>>;
};

/** The state of a run as its plan and progress tell it, also when no worker lives. */
export function stateFrom(run: string, plan: Plan, progress: Readonly<Progress>, hops: readonly KnownHop[]): RunState {
	const {expected} = progress;
	return {
		id: plan.id,
		kind: plan.kind,
		host: plan.host,
		...(progress.from === undefined ? {} : {from: progress.from}),
		to: plan.to,
		startedAt: progress.startedAt ?? 0,
		...(progress.endedAt === undefined ? {} : {endedAt: progress.endedAt}),
		status: progress.outcome ? 'ended' : 'running',
		...(progress.outcome ? {outcome: progress.outcome} : {}),
		...(progress.message ? {message: progress.message} : {}),
		...(progress.byHand ? {byHand: progress.byHand} : {}),
		steps: hops.flatMap(({to, steps}) =>
			steps.map(
				({id, title, phase, documented}): StepState => ({
					id,
					title: t(title),
					phase,
					...(documented ? {documented} : {}),
					...(hops.length > 1 && phase !== 'sample' ? {hop: to} : {}),
					tail: [],
					status: 'pending',
					...progress.steps[id],
					...(expected?.steps[id] ? {expected: expected.steps[id]} : {}),
					findings: progress.steps[id]?.findings ?? [],
				}),
			),
		),
		...(progress.outageSince === undefined ? {} : {outageSince: progress.outageSince}),
		outageMilliseconds: progress.outageMilliseconds,
		...(expected?.outage ? {expectedOutage: expected.outage} : {}),
		...(plan.unattended ? {unattended: true} : {}),
		...(plan.language ? {language: plan.language} : {}),
		undo: [],
		logs: runPlaces.logs(run),
	};
}
