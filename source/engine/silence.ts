import {type Look, lookAt, type Sample, sampleOf} from '../host/waiting.js';
import type {Waiting, WaitsFor} from './waiting.js';

/** How long nothing is printed before it is told what is waited for, and between two changes of that, in milliseconds. */
export const patience = 20_000;

/** How often a program is looked at that may ask something: a person sits there. */
const askingInterval = 500;

/** What is watched: a command that runs. */
export type Watched = {
	readonly pid: number;
	readonly cuttable: boolean;
	/** Whether it may ask at its terminal. */
	readonly asks: boolean;
};

/** A question at the terminal, as it is seen from one look to the next. */
export type Asking = {
	readonly on: WaitsFor & {readonly kind: 'input'};
	readonly turn: string;
	/** Another number when something was printed since. */
	readonly printed: number;
};

/**
Watches a command that prints nothing, and tells what it waits for: after some time, and again when that becomes
something else. What it asks at its terminal is told at once.
*/
export class Silence {
	#watched: Watched | undefined;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> = Promise.resolve();
	#since = 0;
	#unfinished = '';
	#before: Sample | undefined;
	#printed = 0;
	#told: {readonly what: string; readonly at: number} | undefined;

	constructor(
		private readonly on: {
			/** `isAgain`: it is the same, only the processes may be others. */
			waits(waiting: Waiting, isAgain: boolean): void;
			/** Called at every look, with `undefined` when it does not ask. */
			asks(asking: Asking | undefined): void;
		},
		private readonly patience: number,
	) {}

	/** A command began. */
	began(watched: Watched): void {
		this.#watched = watched;
		this.#before = undefined;
		this.heard('');
		this.#soon();
	}

	/** Something was printed or shown. `unfinished` is the last line if it has no end yet. */
	heard(unfinished = this.#unfinished): void {
		this.#since = Date.now();
		this.#unfinished = unfinished;
		this.#told = undefined;
		this.#printed++;
	}

	/** The command is over. */
	async ended(): Promise<void> {
		this.#watched = undefined;
		clearTimeout(this.#timer);
		await this.#looking;
	}

	/** What it asks now, looked at afresh. `readOutput` makes heard what was printed until then. */
	async asksNow(readOutput: () => Promise<void>): Promise<Asking | undefined> {
		const watched = this.#watched;
		if (!watched) {
			return undefined;
		}

		const look = await lookAt(watched.pid, this.#unfinished);
		// Whoever asks the next question has printed it before.
		await readOutput();
		return askingIn(look, this.#printed);
	}

	#soon(): void {
		const watched = this.#watched;
		if (!watched) {
			return;
		}

		const interval = Math.min(this.patience / 4, watched.asks ? askingInterval : this.patience);
		this.#timer = setTimeout(() => {
			this.#looking = this.#look(watched).then(
				() => this.#soon(),
				// What cannot be seen is not told; the command goes on all the same.
				() => this.#soon(),
			);
		}, interval);
		this.#timer.unref();
	}

	async #look(watched: Watched): Promise<void> {
		const since = this.#since;
		const silent = Date.now() - since;
		const isLong = silent >= this.patience;
		if (!isLong && (!watched.asks || silent < askingInterval)) {
			// Whoever prints asks nothing.
			this.#before = watched.asks ? this.#before : await sampleOf(watched.pid);
			return;
		}

		const printed = this.#printed;
		const look = await lookAt(watched.pid, this.#unfinished, this.#before);
		this.#before = look.sample;
		if (this.#watched !== watched) {
			return;
		}

		if (watched.asks) {
			this.on.asks(askingIn(look, printed));
		}

		// Something was printed meanwhile, so that what was seen is not why it was silent.
		if (isLong && this.#since === since) {
			this.#tell(look, watched, since);
		}
	}

	#tell({more, on, processes}: Look, {cuttable}: Watched, since: number): void {
		if (!on) {
			return;
		}

		const what = keyOf(on);
		const isAgain = what === this.#told?.what;
		const isUrgent = on.kind === 'input' || on.kind === 'lock';
		// What changes to and fro is told now and then; what a person can do something about, at once.
		const isSoon = this.#told !== undefined && Date.now() - this.#told.at < this.patience;
		if (isSoon && (isAgain || !isUrgent)) {
			return;
		}

		this.#told = {what, at: Date.now()};
		this.on.waits({since, on, processes, more, cuttable}, isAgain);
	}
}

/** Which process works, or does nothing, is no news. */
function keyOf(on: WaitsFor): string {
	return ['input', 'lock', 'network', 'stopped'].includes(on.kind) ? JSON.stringify(on) : on.kind;
}

function askingIn({on, turn}: Look, printed: number): Asking | undefined {
	return on?.kind === 'input' ? {on, turn, printed} : undefined;
}
