import {closeSync, openSync, writeSync} from 'node:fs';
import {type RunEvent, update} from './events.js';
import {type Plan, runPlaces} from './places.js';
import type {Progress, ProgressStore} from './progress.js';
import type {RunState, StepState} from './state.js';
import type {Step} from './step.js';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'time'> : never;

/** How often panes and output of a step are passed on, in milliseconds. */
const frame = 100;

/**
The one way by which anything becomes known: an event changes the state, goes to the consoles, to the
event file, and, where a later session needs it, into the progress.
*/
export class Journal {
	#state: RunState;
	readonly #file: number;
	readonly #listeners = new Set<(event: RunEvent) => void>();
	readonly #late = new Map<string, {event: Untimed<RunEvent>; timer: NodeJS.Timeout}>();
	readonly #lastShown = new Map<string, number>();

	constructor(
		run: string,
		readonly plan: Plan,
		readonly progress: ProgressStore['store'],
		steps: ReadonlyArray<Step<never>>,
	) {
		this.#state = stateFrom(run, plan, progress.store, steps);
		this.#file = openSync(runPlaces.events(run), 'a', 0o600);
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
		// Before anybody hears of it: whoever sees the end may close the view this worker lives in.
		this.#keep(event);
		// Output is in the step's log, and the service is probed every second: neither is news worth keeping.
		if (event.event !== 'output' && event.event !== 'service') {
			writeSync(this.#file, `${JSON.stringify(event)}\n`);
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

		closeSync(this.#file);
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

	#keep(event: RunEvent): void {
		const {progress} = this;
		switch (event.event) {
			case 'run-started':
				progress.set({startedAt: this.#state.startedAt});
				progress.delete('outcome');
				progress.delete('message');
				break;
			case 'installation':
				progress.set('from', event.from);
				break;
			case 'step': {
				const step = this.#state.steps.find(({id}) => id === event.step);
				if (step) {
					const {status, startedAt, endedAt, pane, note, remedy, findings} = step;
					const kept = JSON.parse(JSON.stringify({status, startedAt, endedAt, pane, note, remedy, findings}));
					progress.set('steps', {...progress.get('steps'), [event.step]: kept});
				}

				break;
			}

			case 'answered':
				progress.set('answers', {...progress.get('answers'), [event.question]: event.answer});
				break;
			case 'outage-began':
				progress.set('outageSince', event.time);
				break;
			case 'outage-ended':
				progress.delete('outageSince');
				progress.set('outageMilliseconds', this.#state.outageMilliseconds);
				break;
			case 'run-ended':
				progress.set({outcome: event.outcome, message: event.message, endedAt: event.time});
				break;
			default:
		}
	}
}

/** The state of a run as its plan and progress tell it, also when no worker lives. */
export function stateFrom(
	run: string,
	plan: Plan,
	progress: Readonly<Progress>,
	steps: ReadonlyArray<Pick<Step<never>, 'id' | 'title' | 'phase' | 'documented'>>,
): RunState {
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
		steps: steps.map(
			({id, title, phase, documented}): StepState => ({
				id,
				title,
				phase,
				...(documented ? {documented} : {}),
				tail: [],
				status: 'pending',
				...progress.steps[id],
				findings: progress.steps[id]?.findings ?? [],
			}),
		),
		...(progress.outageSince === undefined ? {} : {outageSince: progress.outageSince}),
		outageMilliseconds: progress.outageMilliseconds,
		undo: [],
		logs: runPlaces.logs(run),
	};
}
