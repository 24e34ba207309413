import type {Question} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import type {AnswerView} from '../answer.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {fit, type Line, paragraph, plain} from '../lines.js';
import type {Page, PageSize} from './question.js';

/** The choices with what each means below it; above them what is to be read before, where there is something. */
export function choiceLines(
	question: Question & {kind: 'choice'},
	{index, scroll = 0}: AnswerView & {kind: 'choice'},
	size: PageSize,
): Page {
	const {choices, details} = question;
	if (details === undefined) {
		return optionLines(choices, index, size);
	}

	const whole = optionLines(choices, index, size).lines;
	// What is read comes first: on a small screen the choices are only named.
	const options =
		whole.length <= size.rows - 1 - Math.max(leastRead, Math.floor(size.rows / 2))
			? whole
			: optionLines(
					choices.map(({label}) => ({label})),
					index,
					{...size, rows: Math.max(1, size.rows - 1 - leastRead)},
				).lines;
	const rows = Math.max(1, size.rows - 1 - options.length);
	const text = detailLines(question, size);
	const last = Math.max(0, text.length - rows);
	const from = Math.min(scroll, last);
	return {
		lines: [
			...Array.from({length: rows}, (_, row) => text[from + row] ?? plain('')),
			plain(fit(position(from, Math.min(rows, text.length), text.length), size.columns, size.glyphs.more), 'quiet'),
			...options,
		],
		reading: {rows, last},
	};
}

/** Fewer rows cannot be read. */
const leastRead = 3;

function position(from: number, rows: number, count: number): string {
	const values = {from: from + 1, to: from + rows, count};
	if (rows === count) {
		return '';
	}

	return from + rows === count
		? t('Lines {from} to {to} of {count}, the end. PgUp goes back.', values)
		: t('Lines {from} to {to} of {count}. PgDn reads on.', values);
}

type Broken = {readonly columns: number; readonly dot: string; readonly lines: readonly Line[]};

/** A long text is broken into lines once, not for each frame. */
const broken = new WeakMap<object, Broken>();

function detailLines(question: Question & {kind: 'choice'}, {columns, glyphs: {dot}}: PageSize): readonly Line[] {
	const before = broken.get(question);
	if (before?.columns === columns && before.dot === dot) {
		return before.lines;
	}

	const lines = (question.details ?? '').split('\n').flatMap(line => paragraph(harmless(line, dot), columns));
	broken.set(question, {columns, dot, lines});
	return lines;
}

export function optionLines(
	options: ReadonlyArray<{readonly label: string; readonly explanation?: string}>,
	index: number,
	{columns, rows, glyphs}: PageSize,
): Page {
	const lines: Line[] = [];
	let chosen = 0;
	for (const [number, option] of options.entries()) {
		const isChosen = number === index;
		if (isChosen) {
			chosen = lines.length;
		}

		lines.push([
			{text: `${isChosen ? glyphs.cursor : ' '} `, tone: 'accent'},
			{text: harmless(option.label, glyphs.dot), bold: isChosen, inverse: isChosen},
		]);
		if (option.explanation !== undefined) {
			lines.push(...paragraph(harmless(option.explanation, glyphs.dot), columns, 'quiet', 4));
		}
	}

	const from = windowStart(chosen, rows, lines.length);
	return {lines: lines.slice(from, from + rows)};
}
