import type {RunState} from '../engine/state.js';
import {contentOf, paneLast} from './components/step-pane.js';
import type {Connection} from './connection.js';
import {edited} from './edited.js';
import type {Effect} from './effect.js';
import {harmless} from './harmless.js';
import {type Layout, layoutOf} from './layout.js';
import {LogReader, type LogState} from './log-view.js';
import {beneath, contextOf, initialView, settle, type View} from './model.js';
import {Pace, waitsFor} from './pace.js';
import {paste, press} from './press.js';
import {helpLines} from './screens/help.js';
import {logWindow} from './screens/log.js';
import {openQuestion} from './screens/question.js';
import {bannerLines} from './screens/run.js';
import type {Glyphs} from './theme.js';
import {TrialTimer, untried} from './trial.js';

/** Everything a frame is made from. A new object whenever anything changed. */
export type Snapshot = {
	readonly state: RunState;
	readonly view: View;
	readonly driving: boolean;
	readonly lost: string | undefined;
	readonly log: LogState | undefined;
	readonly layout: Layout;
	readonly now: number;
};

/** What the store needs done at the terminal. */
export type Terminal = {
	redraw(): void;
	suspend(): Promise<void>;
	/** Resolves to the changed text, or to why there is none. */
	edit(name: string, text: string): Promise<{readonly text: string} | {readonly problem: string}>;
	/** Shows lines and nothing else until any key. */
	showAlone(lines: readonly string[]): Promise<void>;
	leave(): void;
	/** Shows what was found one by one, and comes back. */
	showFindings(): void;
	/** Whether the line has not taken the last frame yet. */
	isFull(): boolean;
	/** Bytes written so far. */
	written(): number;
};

/** What counts although the terminal is too small to show anything. */
const blindKeys: ReadonlySet<string> = new Set(['ctrl-c', 'ctrl-l', 'ctrl-z']);
const TYPING_MILLISECONDS = 2000;
const CLOCK_MILLISECONDS = 1000;
// Tenths of a second are worth sending while the service is down, but not each of them.
const OUTAGE_MILLISECONDS = 400;

/**
Holds the one state of the console, outside React: keys are counted when they come, however late a frame
is, and a flood of events costs a frame each tenth of a second and no more.
*/
export class Store {
	#view: View;
	#before: RunState;
	#refused: {readonly reason: string} | undefined;
	#log: LogReader | undefined;
	#layout: Layout;
	#snapshot: Snapshot;
	#frame: NodeJS.Timeout | undefined;
	/** The next frame does not wait for the line. */
	#isHurried = false;
	#clock: NodeJS.Timeout | undefined;
	#typing: NodeJS.Timeout | undefined;
	readonly #pace = new Pace();
	#closed = false;
	#terminal: Terminal | undefined;
	readonly #trials = new TrialTimer((question, answer) => this.connection.send({type: 'try', question, answer}));
	readonly #listeners = new Set<() => void>();
	readonly #unsubscribe: () => void;

	constructor(
		private readonly connection: Connection,
		private readonly glyphs: Glyphs,
		size: {readonly columns: number; readonly rows: number},
		private readonly options: {
			/** What the clocks on the screen show. */
			time?(): number;
			/** Whether they go on by themselves. Default: yes. */
			readonly isTicking?: boolean;
			/** What is said until the first key. */
			readonly notice?: string;
		} = {},
	) {
		this.#before = connection.state();
		const {notice} = options;
		this.#view = settle(notice === undefined ? initialView : {...initialView, notice}, this.#before);
		this.#layout = layoutOf(size.columns, size.rows);
		this.#snapshot = this.#take();
		this.#unsubscribe = connection.subscribe(() => this.#changed());
		if (options.isTicking !== false) {
			this.#tick();
		}
	}

	/** For React's `useSyncExternalStore`. */
	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	readonly snapshot = (): Snapshot => this.#snapshot;

	use(terminal: Terminal): void {
		this.#terminal = terminal;
	}

	press(key: string): void {
		// Nobody answers what cannot be seen.
		if (this.#layout.small && !blindKeys.has(key)) {
			return;
		}

		const {state} = this.#settled();
		const {view, effects} = press(this.#view, key, this.#situation(state));
		this.#view = view;
		this.#settled();
		this.#watchTyping(true);
		for (const effect of effects) {
			this.#carryOut(effect);
		}

		this.#show();
	}

	paste(text: string): void {
		if (this.#layout.small) {
			return;
		}

		this.#view = paste(this.#view, text, this.connection.state());
		this.#settled();
		this.#show();
	}

	resize(columns: number, rows: number): void {
		this.#layout = layoutOf(columns, rows);
		this.#log?.resize(logWindow(this.#layout));
		this.#show();
	}

	close(): void {
		this.#closed = true;
		this.#unsubscribe();
		this.#log?.close();
		this.#trials.close();
		clearTimeout(this.#frame);
		clearTimeout(this.#clock);
		clearTimeout(this.#typing);
	}

	/** The run has a new state, or the connection changed. */
	#changed(): void {
		const {refused} = this.connection;
		if (refused !== undefined && refused !== this.#refused) {
			const answer = this.#view.answer;
			this.#view = {
				...this.#view,
				notice: refused.reason,
				...(answer === undefined ? {} : {answer: {...answer, sent: false}}),
			};
		}

		this.#refused = refused;
		this.#settled();
		this.#soon();
	}

	#settled(): {readonly state: RunState} {
		const state = this.connection.state();
		this.#view = settle(this.#view, state, this.#before);
		this.#before = state;
		this.#syncLog();
		this.#watchTyping();
		this.#trials.see(this.connection.driving() ? untried(this.#view, state) : undefined);
		return {state};
	}

	/** What was typed for a program that asks no more has passed once nothing comes for a while. */
	#watchTyping(isKey = false): void {
		if (isKey || !this.#view.typedAhead) {
			clearTimeout(this.#typing);
			this.#typing = undefined;
		}

		if (this.#view.typedAhead && !this.#closed) {
			this.#typing ??= setTimeout(() => {
				this.#typing = undefined;
				const {typedAhead: _, ...view} = this.#view;
				this.#view = view;
				this.#soon();
			}, TYPING_MILLISECONDS);
		}
	}

	#situation(state: RunState) {
		const {layout, view} = {layout: this.#layout, view: this.#view};
		const columns = layout.right - 1;
		const driving = this.connection.driving();
		const banner = bannerLines(state, {
			driving,
			lost: this.connection.lost,
			columns,
			glyphs: this.glyphs,
		}).length;
		return {
			state,
			driving,
			page: Math.max(1, layout.body - 2),
			// Only needed where the pane or the help is what moves.
			paneLast:
				view.side === 'pane'
					? paneLast(contentOf(state, view, columns, this.glyphs, {driving, now: this.#now()}), layout.body - banner)
					: 0,
			helpLast: Math.max(0, helpLines(this.glyphs, layout.columns - 2, beneath(view, state)).length - layout.body),
			reading:
				view.answer?.kind === 'choice' && view.answer.scroll !== undefined
					? openQuestion({state, view, driving, now: this.#now(), layout}, this.glyphs)?.reading
					: undefined,
		};
	}

	#carryOut(effect: Effect): void {
		switch (effect.type) {
			case 'send':
				this.connection.send(effect.message);
				break;
			case 'log':
				this.#log?.command(effect.command);
				break;
			case 'search':
				this.#log?.search(effect.query);
				break;
			case 'copy':
				void this.#terminal?.showAlone((this.#log?.state.lines ?? []).map(({text}) => harmless(text, this.glyphs.dot)));
				break;
			case 'editor':
				void this.#edit(effect.name, effect.text);
				break;
			case 'redraw':
				this.#terminal?.redraw();
				break;
			case 'suspend':
				void this.#terminal?.suspend();
				break;
			case 'findings':
				this.#terminal?.showFindings();
				break;
			case 'leave':
				this.#terminal?.leave();
		}
	}

	async #edit(name: string, text: string): Promise<void> {
		const result = await this.#terminal?.edit(name, text);
		if (result !== undefined) {
			this.#view = edited(this.#view, this.connection.state().question, name, result);
			this.#settled();
			this.#show();
		}
	}

	/** Opens and closes the log's file as the view wants it. */
	#syncLog(): void {
		const wanted = this.#view.log?.step;
		this.#log?.wrap(this.#view.wrap);
		if (this.#log?.state.step === wanted) {
			return;
		}

		this.#log?.close();
		this.#log = undefined;
		if (wanted !== undefined) {
			const path = this.connection.readLog?.(wanted) ?? `${this.connection.state().logs}/${wanted}.log`;
			const window = logWindow(this.#layout);
			this.#log = new LogReader({step: wanted, path, window, wrap: this.#view.wrap, changed: () => this.#soon()});
		}
	}

	#take(): Snapshot {
		return {
			state: this.connection.state(),
			view: this.#view,
			driving: this.connection.driving(),
			lost: this.connection.lost,
			log: this.#log?.state,
			layout: this.#layout,
			now: this.#now(),
		};
	}

	#now(): number {
		return this.options.time?.() ?? Date.now();
	}

	/** Shows what there is at the next frame. A key is always shown at once, output as fast as the pace allows. */
	#soon(): void {
		const isUrgent = waitsFor(this.#snapshot, this.#take());
		if (this.#closed || (this.#frame !== undefined && (this.#isHurried || !isUrgent))) {
			return;
		}

		clearTimeout(this.#frame);
		this.#isHurried = isUrgent;
		const wait = this.#pace.wait(Date.now(), this.#terminal?.written() ?? 0, isUrgent);
		this.#frame = setTimeout(() => {
			this.#frame = undefined;
			// A slow line gets the newest state when it is free, not every state on the way.
			if (this.#terminal?.isFull()) {
				this.#pace.drawn(Date.now());
				this.#soon();
			} else {
				this.#show();
			}
		}, wait);
	}

	#show(): void {
		if (this.#closed) {
			return;
		}

		clearTimeout(this.#frame);
		this.#frame = undefined;
		this.#isHurried = false;
		this.#pace.drawn(Date.now());
		this.#snapshot = this.#take();
		for (const listener of this.#listeners) {
			listener();
		}
	}

	/** Clocks on the screen go on although nothing happens. Nothing ticks once the run is over. */
	#tick(): void {
		const {status, outageSince} = this.connection.state();
		const period = outageSince === undefined ? CLOCK_MILLISECONDS : OUTAGE_MILLISECONDS;
		this.#clock = setTimeout(
			() => {
				if (status !== 'ended') {
					this.#soon();
				}

				this.#tick();
			},
			period - (Date.now() % period),
		);
	}

	/** Where keys go now; for tests. */
	get context(): string {
		return contextOf(this.#view, this.connection.state());
	}
}
