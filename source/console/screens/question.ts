import type {Question} from '../../engine/state.js';
import type {AnswerView} from '../answer.js';
import {harmless} from '../harmless.js';
import {type Line, paragraph, plain} from '../lines.js';
import type {Glyphs} from '../theme.js';
import {choiceLines} from './question-choice.js';
import {fileLinesOf} from './question-file.js';
import {textLines} from './question-text.js';

/** A screen as lines, and where the terminal's cursor belongs while something is typed. */
export type Page = {readonly lines: readonly Line[]; readonly cursor?: {readonly row: number; readonly column: number}};

export type PageSize = {readonly columns: number; readonly rows: number; readonly glyphs: Glyphs};

/** The whole question: what is asked, why an earlier answer was refused, and what can be answered. */
export function questionPage(
	question: Question,
	answer: AnswerView,
	title: string,
	driving: boolean,
	size: PageSize,
): Page {
	const {columns, glyphs} = size;
	const clean = (text: string) => harmless(text, glyphs.dot);
	const head: Line[] = [
		plain(clean(title), 'title'),
		...paragraph(clean(question.prompt), columns),
		...(question.problem === undefined
			? []
			: paragraph(`${glyphs.severity.blocker} ${clean(question.problem)}`, columns, 'bad')),
		...(driving ? [] : paragraph('Another console answers. Press t to take over.', columns, 'warn')),
		plain(''),
	];
	const rest = {...size, rows: Math.max(1, size.rows - head.length)};
	const page = pageOf(question, answer, rest);
	return {
		lines: [...head, ...page.lines],
		...(page.cursor === undefined ? {} : {cursor: {row: page.cursor.row + head.length, column: page.cursor.column}}),
	};
}

function pageOf(question: Question, answer: AnswerView, size: PageSize): Page {
	if (question.kind === 'choice' && answer.kind === 'choice') {
		return choiceLines(question, answer.index, size);
	}

	if (question.kind === 'text' && answer.kind === 'text') {
		return textLines(question, answer, size);
	}

	return question.kind === 'lines' && answer.kind === 'lines' ? fileLinesOf(question, answer, size) : {lines: []};
}
