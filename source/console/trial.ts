import type {Answer, Question, RunState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {answerOf} from './answer.js';
import {harmless} from './harmless.js';
import {fit, type Line, plain} from './lines.js';
import type {View} from './model.js';
import type {Glyphs} from './theme.js';

/** How long nothing is typed before it is tried: half a path is no answer. */
const PAUSE_MILLISECONDS = 400;

/** The answer in the making, where it can be tried and was not yet. */
export function untried({answer}: View, {question}: RunState): (Question & {readonly answer: Answer}) | undefined {
	if (question?.trial === undefined || answer === undefined || answer.sent || answer.id !== question.id) {
		return undefined;
	}

	const value = answerOf(answer, question);
	return value === undefined || isSame(value, question.tried?.answer) ? undefined : {...question, answer: value};
}

/** What the trial of a question says about the answer as it stands. */
export function trialLine(question: Question, answer: Answer | undefined, columns: number, glyphs: Glyphs): Line {
	const {trial, tried} = question;
	if (trial === undefined || answer === undefined) {
		return plain('');
	}

	if (!isSame(answer, tried?.answer)) {
		return plain(fit(`${glyphs.dot} ${t('This is tried as soon as you pause.')}`, columns, glyphs.more), 'busy');
	}

	return tried?.problem === undefined
		? plain(fit(`${glyphs.status.done} ${trial}`, columns, glyphs.more), 'good')
		: plain(fit(`${glyphs.status.failed} ${harmless(tried.problem, glyphs.dot)}`, columns, glyphs.more), 'bad');
}

function isSame(answer: Answer, tried: Answer | undefined): boolean {
	return tried !== undefined && JSON.stringify(answer) === JSON.stringify(tried);
}

/** Asks for a trial once nothing is typed any more. */
export class TrialTimer {
	#timer: NodeJS.Timeout | undefined;
	#waiting: string | undefined;
	#asked: string | undefined;

	constructor(private readonly ask: (question: string, answer: Answer) => void) {}

	/** Told after every change: what there is to try, if anything. */
	see(wanted: ReturnType<typeof untried>): void {
		if (wanted === undefined) {
			// It was sent; if it is refused, the question comes anew, and nothing was tried for it yet.
			this.#asked = undefined;
		}

		const now = wanted && JSON.stringify([wanted.id, wanted.answer]);
		if (now === this.#waiting || (now !== undefined && now === this.#asked)) {
			return;
		}

		this.close();
		this.#waiting = now;
		if (wanted !== undefined) {
			this.#timer = setTimeout(() => {
				this.#waiting = undefined;
				this.#asked = now;
				this.ask(wanted.id, wanted.answer);
			}, PAUSE_MILLISECONDS);
		}
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#waiting = undefined;
	}
}
