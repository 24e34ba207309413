import type {Question} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import type {AnswerView} from '../answer.js';
import {harmless} from '../harmless.js';
import {fit, graphemes, type Line, paragraph, plain} from '../lines.js';
import {editWindow} from '../text-edit.js';
import type {Page, PageSize} from './question.js';

/** What the program printed last, and below it the line that is typed; dots where it must not be seen. */
export function lineLines(
	question: Question & {kind: 'line'},
	answer: AnswerView & {kind: 'line'},
	size: PageSize,
): Page {
	const {columns, glyphs} = size;
	const help = [
		...paragraph(
			question.hidden
				? t('What you type is not shown.')
				: t('What you type is in the log of this step, as at a terminal.'),
			columns,
			'quiet',
		),
	];
	const room = Math.max(1, size.rows - help.length - 3);
	const output: Line[] = question.output
		.slice(-room)
		.map(line => plain(fit(harmless(line, glyphs.dot), columns, glyphs.more), 'quiet'));
	const {edit} = answer;
	const text = question.hidden ? '*'.repeat(graphemes(edit.text).length) : edit.text;
	const typing = editWindow({text, cursor: edit.cursor}, columns - 2, glyphs.dot);
	return {
		lines: [
			...output,
			plain(''),
			[
				{text: `${glyphs.cursor} `, tone: 'accent'},
				{text: typing.text, bold: true},
			],
			plain(''),
			...help,
		],
		cursor: {row: output.length + 1, column: 2 + typing.column},
	};
}
