import type {Child} from '../host/process.js';
import type {Carried} from './context.js';
import {Silence} from './silence.js';

/** What becomes known of the commands of a step besides their output. */
export class CommandWatch {
	readonly #silence: Silence;

	constructor(
		private readonly carried: Carried<unknown>,
		step: string,
	) {
		this.#silence = new Silence(
			{
				waits: (waiting, isAgain) =>
					carried.journal.emit({event: 'waiting', step, waiting, ...(isAgain ? {again: true} : {})}),
			},
			carried.patience,
		);
	}

	began(child: Child): void {
		this.carried.child = child;
		this.#silence.began({pid: child.pid, cuttable: child.cuttable});
	}

	/** Something was printed or shown. */
	heard(): void {
		this.#silence.heard();
	}

	async ended(): Promise<void> {
		this.carried.child = undefined;
		await this.#silence.ended();
	}
}
