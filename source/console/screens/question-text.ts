import type {Question} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import type {AnswerView, TextRow} from '../answer.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {fit, type Line, pad, paragraph, plain, width} from '../lines.js';
import {editWindow} from '../text-edit.js';
import {moodTone} from '../theme.js';
import type {Page, PageSize} from './question.js';

type TextAnswer = AnswerView & {kind: 'text'};

// Number, cursor and the spaces around them.
const MARGIN = 8;
/** Rows below the list for the whole remark of the line under the cursor. */
const REMARK_ROWS = 3;

/** The text line by line with the remarks beside it; the whole remark of the chosen line is below. */
export function textLines(question: Question & {kind: 'text'}, answer: TextAnswer, size: PageSize): Page {
	const {columns, glyphs} = size;
	const hasRemarks = answer.rows.some(row => row.remark !== undefined);
	const longest = Math.max(...answer.rows.map(row => width(row.text)));
	const left = hasRemarks ? Math.max(16, Math.min(longest + 1, Math.floor((columns - MARGIN) / 2))) : columns - MARGIN;
	const beside = columns - MARGIN - left - 2;
	const isCut = (row: TextRow | undefined) => width(row?.remark ?? '') > beside;
	const remarkRows = answer.rows.some(isCut) ? REMARK_ROWS : 0;
	const rows = Math.max(1, size.rows - 1 - remarkRows);
	const from = windowStart(answer.at, rows, answer.rows.length);
	const list = answer.rows
		.slice(from, from + rows)
		.map((row, offset) => rowLine(row, from + offset, answer, left, size));
	const chosen = answer.rows[answer.at];
	// Only a remark that is cut beside its line is repeated in full.
	const below = isCut(chosen)
		? paragraph(harmless(chosen?.remark ?? '', glyphs.dot), columns, 'warn').slice(0, REMARK_ROWS)
		: [];
	const typing = answer.typing === undefined ? undefined : editWindow(answer.typing, columns - MARGIN);
	return {
		lines: [
			plain(
				fit(
					t('{name}, {count} lines', {name: harmless(question.name, glyphs.dot), count: answer.rows.length}),
					columns,
					glyphs.more,
				),
				'quiet',
			),
			...list,
			...Array.from({length: remarkRows > 0 ? Math.max(0, rows - list.length) : 0}, () => plain('')),
			...below,
		],
		...(typing === undefined ? {} : {cursor: {row: 1 + answer.at - from, column: MARGIN + typing.column}}),
	};
}

function rowLine(row: TextRow, index: number, answer: TextAnswer, left: number, {columns, glyphs}: PageSize): Line {
	const isChosen = index === answer.at;
	const head = {text: `${isChosen ? glyphs.cursor : ' '} ${String(index + 1).padStart(4)}  `, tone: 'quiet' as const};
	if (isChosen && answer.typing !== undefined) {
		// A line being typed has the whole width.
		return [head, {text: editWindow(answer.typing, columns - MARGIN).text, bold: true}];
	}

	const text = harmless(row.text, glyphs.dot);
	const remark = row.remark === undefined ? '' : harmless(row.remark, glyphs.dot);
	const isComment = text.trimStart().startsWith('#');
	return [
		head,
		{
			text: remark === '' ? fit(text, columns - MARGIN, glyphs.more) : pad(text, left, 'right', glyphs.more),
			tone: isComment ? 'quiet' : 'plain',
			inverse: isChosen,
		},
		...(remark === ''
			? []
			: [
					{
						text: `  ${fit(remark, columns - MARGIN - left - 2, glyphs.more)}`,
						tone: row.mood === undefined ? ('warn' as const) : moodTone[row.mood],
					},
				]),
	];
}
