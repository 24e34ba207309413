import type {Question} from '../../engine/state.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {type Line, paragraph} from '../lines.js';
import type {Page, PageSize} from './question.js';

/** The choices with what each means below it. */
export function choiceLines(question: Question & {kind: 'choice'}, index: number, size: PageSize): Page {
	return optionLines(question.choices, index, size);
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
