import {t} from '../locales/index.js';
import type {Carried} from './context.js';
import type {Asking} from './silence.js';
import type {Answer, StepState} from './state.js';
import {StepError} from './step.js';

type Line = Extract<Answer, {kind: 'line'}>;

/** Of what was printed before a question, this much is shown with it. */
const linesShown = 10;
const longestLine = 200;

/** As it is typed at a terminal to end the input. */
const endOfInput = '\u0004';

/**
What a command asks at its terminal becomes a question of the run. The answer is typed in there; it is not kept, and
where the terminal would not show it, nobody is told. Where nobody is there to answer, it gets the end of its input; one
that takes single keys would take that for a key and go on, so it is ended.
*/
export class TerminalQuestions {
	#open: {readonly id: string; readonly since: number; readonly asking: Asking} | undefined;
	/** Whoever still has this turn has not taken the last answer yet. */
	#answered: string | undefined;
	#failure: StepError | undefined;

	constructor(
		private readonly carried: Carried<unknown>,
		private readonly step: string,
		private readonly terminal: {
			type(text: string): void;
			/** What the program asks at this very moment. */
			asksNow(): Promise<Asking | undefined>;
			/** Ends the program with all it started. */
			end(): Promise<void>;
		},
		/** Adds a line to the log. */
		private readonly say: (line: string) => Promise<void>,
	) {}

	/** Why the program was ended from here, if it was. */
	get failure(): StepError | undefined {
		return this.#failure;
	}

	/** Told again and again what the command asks. */
	see(asking: Asking | undefined): void {
		if (this.#open) {
			if (isSame(this.#open.asking, asking)) {
				return;
			}

			this.#close({kind: 'line', text: ''}, 'program');
		}

		if (asking && asking.turn !== this.#answered) {
			this.#ask(asking);
		}
	}

	/** The command is over. */
	end(): void {
		if (this.#open) {
			this.#close({kind: 'line', text: ''}, 'program');
		}
	}

	#ask(asking: Asking): void {
		const {on, turn} = asking;
		const {carried, step} = this;
		const {signal} = carried.cut;
		const tail = carried.journal.state.steps.find(({id}) => id === step)?.tail ?? [];
		const prompt = lastWords(on.prompt, tail);
		if (carried.journal.plan.unattended || signal.aborted) {
			this.#answered = turn;
			this.#endInput(asking).catch(() => {
				// It could not be ended: that is tried again at the next look.
				this.#answered = undefined;
			});
			return;
		}

		const id = `${step}/terminal-${++count}${carried.hop.suffix}`;
		this.#open = {id, since: Date.now(), asking};
		const question = {
			id,
			step,
			always: true,
			kind: 'line',
			hidden: on.hidden,
			prompt: t('The program asks: {prompt}', {prompt}),
			output: tail.slice(-linesShown).map(line => line.slice(-longestLine)),
		} as const;
		carried.journal.emit({event: 'question', question});
		carried.journal.emit({event: 'step', step, status: 'asking'});
		// It must come to its end although nobody answers any more: what it asks at the next look gets the end of input.
		const cut = () => this.#close({kind: 'line', text: '', end: true}, 'default');
		signal.addEventListener('abort', cut, {once: true});
		this.#forget = () => signal.removeEventListener('abort', cut);
		carried.waiting = {
			id,
			trial: undefined,
			give: answer => {
				if (on.keys && answer.kind === 'line' && answer.end) {
					return t('This program takes single keys, which know no end of input. Answer with a key, or roll back.');
				}

				this.#give(id, answer, on).catch(() => {
					if (this.#open?.id === id) {
						const problem = t('Nothing was typed, since the program cannot be looked at now. Answer again.');
						carried.journal.emit({event: 'question', question: {...question, problem}});
					}
				});
				return undefined;
			},
		};
	}

	#forget = () => {};

	async #give(id: string, answer: Answer, {hidden, keys}: Asking['on']): Promise<void> {
		if (answer.kind !== 'line') {
			return;
		}

		// It may have gone on by itself meanwhile, and what is typed now would answer its next question.
		const now = await this.terminal.asksNow();
		if (this.#open?.id !== id) {
			return;
		}

		if (!now || !isSame(this.#open.asking, now)) {
			this.#close({kind: 'line', text: ''}, 'program');
			return;
		}

		const {end, text} = answer;
		this.#answered = now.turn;
		this.#close({kind: 'line', text: hidden ? '' : text, ...(end ? {end} : {})}, 'console');
		this.terminal.type(end ? endOfInput : keys && text !== '' ? text : `${text}\n`);
	}

	/** No answer will come. */
	async #endInput({on}: Asking): Promise<void> {
		if (!on.keys) {
			void this.#tell(t('Nobody is there to answer, so the program gets the end of its input.'));
			this.terminal.type(endOfInput);
			return;
		}

		await this.#tell(
			t('Nobody is there to answer. The program takes single keys, which know no end of input, so it is ended.'),
		);
		await this.terminal.end();
		this.#failure = new StepError(
			t('The program waited for a key, and nobody was there to answer, so it was ended.'),
			t('Run it with a console, where this can be decided.'),
		);
	}

	/** A line that cannot be written is no reason to fail. */
	async #tell(line: string): Promise<void> {
		await this.say(line).catch(() => {});
	}

	#close(answer: Line, by: 'console' | 'default' | 'program'): void {
		const {carried, step} = this;
		const now = Date.now();
		const {id: question, since} = this.#open ?? {id: '', since: now};
		carried.waited += now - since;
		this.#open = undefined;
		this.#forget();
		carried.waiting = undefined;
		carried.journal.emit({event: 'step', step, status: 'running'});
		carried.journal.emit({event: 'answered', question, answer, by});
	}
}

let count = 0;

/** Whether it is still that question. */
function isSame(open: Asking, now: Asking | undefined): boolean {
	return (
		now?.on.pid === open.on.pid &&
		now.on.hidden === open.on.hidden &&
		now.on.keys === open.on.keys &&
		// A signal wakes a program that reads as well, but then it has printed nothing.
		(now.turn === open.turn || now.printed === open.printed)
	);
}

/** What the program asks: the line without an end, else the last one it printed. */
function lastWords(unfinished: string, tail: StepState['tail']): string {
	const line = unfinished.trim() || tail.findLast(each => each.trim() !== '')?.trim();
	return (line ?? '?').slice(-longestLine);
}
