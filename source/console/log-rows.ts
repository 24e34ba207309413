import {harmless} from './harmless.js';
import {graphemes, width} from './lines.js';

/** One row of a long line: its text, and where in the line as it is shown it begins. */
export type LogRow = {readonly from: number; readonly text: string};

const ascii = /^[\u0020-\u007E]*$/;

/**
Breaks a line that is harmless already where the terminal would: at the edge, not between words, so that the rows put
together are the line again. A wide character that does not fit begins the next row.
*/
export function rowsOf(shown: string, columns: number): LogRow[] {
	const room = Math.max(1, columns);
	if (ascii.test(shown)) {
		const count = Math.max(1, Math.ceil(shown.length / room));
		return Array.from({length: count}, (_, row) => ({
			from: row * room,
			text: shown.slice(row * room, (row + 1) * room),
		}));
	}

	const rows: LogRow[] = [];
	let [from, text, used] = [0, '', 0];
	for (const part of graphemes(shown)) {
		const size = width(part);
		if (used + size > room && text !== '') {
			rows.push({from, text});
			[from, text, used] = [from + text.length, '', 0];
		}

		text += part;
		used += size;
	}

	return [...rows, {from, text}];
}

/** Rows that a line of a log takes, as it stands in the file. */
export function heightOf(text: string, columns: number): number {
	return rowsOf(harmless(text), columns).length;
}

/** The row of a line in which a text is found first; the first row when it is not. */
export function rowWith(text: string, query: string, columns: number): number {
	const shown = harmless(text);
	const at = shown.toLowerCase().indexOf(query.toLowerCase());
	return Math.max(
		0,
		rowsOf(shown, columns).findLastIndex(({from}) => from <= at),
	);
}
