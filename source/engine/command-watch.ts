import type {Child} from '../host/process.js';
import {endTree} from '../host/process-tree.js';
import type {Carried} from './context.js';
import {Silence} from './silence.js';
import type {StepError} from './step.js';
import {TerminalQuestions} from './terminal.js';

/** What becomes known of the commands of a step besides their output: their silence, and what they ask. */
export class CommandWatch {
	readonly #silence: Silence;
	#questions: TerminalQuestions | undefined;

	constructor(
		private readonly carried: Carried<unknown>,
		private readonly step: string,
		private readonly say: (line: string) => Promise<void>,
		/** Makes heard what was printed until now. */
		private readonly readOutput: () => Promise<void>,
	) {
		this.#silence = new Silence(
			{
				waits: (waiting, isAgain) =>
					carried.journal.emit({event: 'waiting', step, waiting, ...(isAgain ? {again: true} : {})}),
				asks: asking => this.#questions?.see(asking),
			},
			carried.patience,
		);
	}

	/** Why the last command was ended from here, if it was. */
	get failure(): StepError | undefined {
		return this.#questions?.failure;
	}

	began(child: Child, type: ((text: string) => void) | undefined): void {
		this.carried.child = child;
		this.#questions = type
			? new TerminalQuestions(
					this.carried,
					this.step,
					{type, asksNow: () => this.#silence.asksNow(this.readOutput), end: () => endTree(child.pid)},
					this.say,
				)
			: undefined;
		this.#silence.began(child);
	}

	/** Something was printed or shown; see `Silence`. */
	heard(unfinished?: string): void {
		this.#silence.heard(unfinished);
	}

	async ended(): Promise<void> {
		this.carried.child = undefined;
		const isQuiet = this.#silence.ended();
		this.#questions?.end();
		await isQuiet;
	}
}
