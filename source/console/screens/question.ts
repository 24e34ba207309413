import type {Question, RunState} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import type {AnswerView} from '../answer.js';
import {watching, watchingTyped} from '../effect.js';
import {duration} from '../format.js';
import {harmless} from '../harmless.js';
import type {Layout} from '../layout.js';
import {type Line, paragraph, plain} from '../lines.js';
import {isAnswering, type View} from '../model.js';
import type {Glyphs} from '../theme.js';
import {choiceLines} from './question-choice.js';
import {fileLinesOf} from './question-file.js';
import {lineLines} from './question-line.js';
import {textLines} from './question-text.js';

/** A screen as lines, and where the terminal's cursor belongs while something is typed. */
export type Page = {
	readonly lines: readonly Line[];
	readonly cursor?: {readonly row: number; readonly column: number};
	/** Of a text to be read before a choice: rows that are seen of it, and the highest number that can be above them. */
	readonly reading?: {readonly rows: number; readonly last: number};
};

export type PageSize = {readonly columns: number; readonly rows: number; readonly glyphs: Glyphs};

/** The open question on a screen of that layout; undefined while something else is shown. */
export function openQuestion({driving, layout, now, state, view}: Shot, glyphs: Glyphs): Page | undefined {
	const {question, steps} = state;
	if (view.log !== undefined || !isAnswering(view, state) || !question || !view.answer) {
		return undefined;
	}

	const title = steps.find(step => step.id === question.step)?.title ?? '';
	const size = {columns: layout.columns - 2, rows: layout.body, glyphs};
	return questionPage(question, view.answer, title, driving, now, size);
}

type Shot = {
	readonly state: RunState;
	readonly view: View;
	readonly driving: boolean;
	readonly now: number;
	readonly layout: Layout;
};

/** The whole question: what is asked, why an earlier answer was refused, and what can be answered. */
export function questionPage(
	question: Question,
	answer: AnswerView,
	title: string,
	driving: boolean,
	now: number,
	size: PageSize,
): Page {
	const {columns, glyphs} = size;
	const clean = (text: string) => harmless(text, glyphs.dot);
	const head: Line[] = [
		plain(clean(title), 'title'),
		...shortened(paragraph(clean(question.prompt), columns), size),
		...timeLeft(question, now, columns, clean),
		...(question.problem === undefined
			? []
			: paragraph(`${glyphs.severity.blocker} ${clean(question.problem)}`, columns, 'bad')),
		...(driving
			? []
			: paragraph(
					t(question.kind === 'line' || question.kind === 'lines' ? watchingTyped : watching),
					columns,
					'warn',
				)),
		plain(''),
	];
	const rest = {...size, rows: Math.max(1, size.rows - head.length)};
	const page = pageOf(question, answer, rest);
	return {
		...page,
		lines: [...head, ...page.lines],
		...(page.cursor === undefined ? {} : {cursor: {row: page.cursor.row + head.length, column: page.cursor.column}}),
	};
}

/** What can be answered stays in sight; the findings that a long question is about are shown with their step. */
function shortened(prompt: readonly Line[], {glyphs, rows}: PageSize): readonly Line[] {
	const room = Math.max(2, rows - roomForAnswers);
	return prompt.length <= room
		? prompt
		: [
				...prompt.slice(0, room - 1),
				plain(t('{more} Esc, and the steps before show the rest.', {more: glyphs.more}), 'quiet'),
			];
}

const roomForAnswers = 10;

/** How long the question is open, and what counts then. */
function timeLeft(question: Question, now: number, columns: number, clean: (text: string) => string): Line[] {
	const {deadline, expired} = question;
	if (deadline === undefined) {
		return [];
	}

	const choices = question.kind === 'choice' ? question.choices : [];
	const then = choices.find(({value}) => expired?.kind === 'choice' && value === expired.value)?.label;
	const left =
		then === undefined
			? t('Time left {time}.', {time: duration(deadline - now)})
			: t('Time left {time}; then: {after}.', {time: duration(deadline - now), after: clean(then)});
	return paragraph(left, columns, 'warn');
}

function pageOf(question: Question, answer: AnswerView, size: PageSize): Page {
	if (question.kind === 'choice' && answer.kind === 'choice') {
		return choiceLines(question, answer, size);
	}

	if (question.kind === 'text' && answer.kind === 'text') {
		return textLines(question, answer, size);
	}

	if (question.kind === 'line' && answer.kind === 'line') {
		return lineLines(question, answer, size);
	}

	return question.kind === 'lines' && answer.kind === 'lines' ? fileLinesOf(question, answer, size) : {lines: []};
}
