import type {Pane} from '../../engine/state.js';
import {harmless} from '../harmless.js';
import {type Line, pad, plain, width} from '../lines.js';
import {type Glyphs, moodTone} from '../theme.js';
import {factLines} from './facts.js';

type Table = Extract<Pane, {kind: 'table'}>;

const GAP = 2;

/** Aligned columns; the widest gives way first. The mood colours the last cell, whose words say the same. */
export function tableLines(pane: Table, columns: number, glyphs: Glyphs): Line[] {
	const clean = (text: string) => harmless(text, glyphs.dot);
	const head = pane.columns.map(clean);
	const rows = pane.rows.map(row => ({mood: row.mood, cells: row.cells.map(clean)}));
	const widths = columnWidths([head, ...rows.map(row => row.cells)], columns);
	const cells = (values: readonly string[]) =>
		widths.map((size, index) => pad(values[index] ?? '', size, 'right', glyphs.more));
	const gap = ' '.repeat(GAP);
	return [
		...(pane.facts.length === 0 ? [] : [...factLines(pane.facts, columns, glyphs), plain('')]),
		plain(cells(head).join(gap), 'quiet'),
		...rows.map((row): Line => {
			const texts = cells(row.cells);
			return [{text: texts.slice(0, -1).join(gap) + gap}, {text: texts.at(-1) ?? '', tone: moodTone[row.mood]}];
		}),
	];
}

export function columnWidths(rows: ReadonlyArray<readonly string[]>, columns: number): number[] {
	const count = Math.max(...rows.map(row => row.length));
	const widths = Array.from({length: count}, (_, index) => Math.max(...rows.map(row => width(row[index] ?? ''))));
	let over = widths.reduce((sum, size) => sum + size, GAP * (count - 1)) - columns;
	while (over > 0) {
		const widest = widths.indexOf(Math.max(...widths));
		const size = widths[widest] ?? 0;
		if (size <= 3) {
			break;
		}

		// Down to the next widest in one go, so that this ends quickly.
		const next = Math.max(3, ...widths.filter((_, index) => index !== widest));
		const less = Math.max(1, Math.min(over, size - next));
		widths[widest] = size - less;
		over -= less;
	}

	return widths;
}
