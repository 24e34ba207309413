import type {Answer} from './state.js';

/** Tries answers one after the other, as a person types them; of those that wait only the newest is tried. */
export class Trial {
	#next: Answer | undefined;
	#now: Answer | undefined;
	#work: Promise<void> | undefined;
	#isOver = false;

	constructor(
		private readonly check: (answer: Answer) => Promise<string | undefined>,
		private readonly tell: (answer: Answer, problem: string | undefined) => void,
	) {}

	try(answer: Answer): void {
		if (!this.#isOver) {
			// The one that is tried now needs no second trial, but what was typed in between is not the newest any more.
			this.#next = JSON.stringify(answer) === JSON.stringify(this.#now) ? undefined : answer;
			this.#work ??= this.#tryAll();
		}
	}

	/** Tries nothing more. Resolves when nothing is being tried, since what is checked next may use the same files. */
	async end(): Promise<void> {
		this.#isOver = true;
		this.#next = undefined;
		await this.#work;
	}

	async #tryAll(): Promise<void> {
		while (this.#next !== undefined) {
			const answer = this.#next;
			this.#next = undefined;
			this.#now = answer;
			// Whatever goes wrong only means that this answer is no good; nothing depends on a trial.
			const problem = await this.check(answer).catch((error: Error) => error.message);
			if (!this.#isOver) {
				this.tell(answer, problem);
			}
		}

		this.#now = undefined;
		this.#work = undefined;
	}
}
