import {type Look, lookAt, type Sample, sampleOf} from '../host/waiting.js';
import type {Waiting, WaitsFor} from './waiting.js';

/** How long nothing is printed before it is told what is waited for, and between two changes of that, in milliseconds. */
export const patience = 20_000;

/** What is watched: a command that runs. */
export type Watched = {
	readonly pid: number;
	readonly cuttable: boolean;
};

/**
Watches a command that prints nothing, and tells what it waits for: after some time, and again when that becomes
something else.
*/
export class Silence {
	#watched: Watched | undefined;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> = Promise.resolve();
	#since = 0;
	#before: Sample | undefined;
	#told: {readonly what: string; readonly at: number} | undefined;

	constructor(
		private readonly on: {
			/** `isAgain`: it is the same, only the processes may be others. */
			waits(waiting: Waiting, isAgain: boolean): void;
		},
		private readonly patience: number,
	) {}

	/** A command began. */
	began(watched: Watched): void {
		this.#watched = watched;
		this.#before = undefined;
		this.heard();
		this.#soon();
	}

	/** Something was printed or shown. */
	heard(): void {
		this.#since = Date.now();
		this.#told = undefined;
	}

	/** The command is over. */
	async ended(): Promise<void> {
		this.#watched = undefined;
		clearTimeout(this.#timer);
		await this.#looking;
	}

	#soon(): void {
		const watched = this.#watched;
		if (!watched) {
			return;
		}

		this.#timer = setTimeout(() => {
			this.#looking = this.#look(watched).then(
				() => this.#soon(),
				// What cannot be seen is not told; the command goes on all the same.
				() => this.#soon(),
			);
		}, this.patience / 4);
		this.#timer.unref();
	}

	async #look(watched: Watched): Promise<void> {
		const since = this.#since;
		const isLong = Date.now() - since >= this.patience;
		if (!isLong) {
			this.#before = await sampleOf(watched.pid);
			return;
		}

		const look = await lookAt(watched.pid, '', this.#before);
		this.#before = look.sample;
		// If something was printed meanwhile, what was seen is not why it was silent.
		if (this.#watched === watched && this.#since === since) {
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
