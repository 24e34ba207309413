import {harmless} from './harmless.js';
import {graphemes, slice, width} from './lines.js';

/** One line being typed. The cursor counts graphemes, so that it never stands inside a character. */
export type TextEdit = {readonly text: string; readonly cursor: number};

export function textEdit(text: string): TextEdit {
	return {text, cursor: graphemes(text).length};
}

/** Applies a key by the conventions of a shell's line. Keys that mean nothing here give the same object back. */
export function edit(state: TextEdit, key: string): TextEdit {
	const parts = graphemes(state.text);
	const at = Math.min(state.cursor, parts.length);
	const to = (cursor: number): TextEdit =>
		cursor === state.cursor ? state : {text: state.text, cursor: Math.max(0, Math.min(parts.length, cursor))};
	const without = (from: number, end: number): TextEdit => ({
		text: [...parts.slice(0, from), ...parts.slice(end)].join(''),
		cursor: from,
	});

	switch (key) {
		case 'left':
		case 'ctrl-b':
			return to(Math.max(0, at - 1));
		case 'right':
		case 'ctrl-f':
			return to(Math.min(parts.length, at + 1));
		case 'home':
		case 'ctrl-a':
			return to(0);
		case 'end':
		case 'ctrl-e':
			return to(parts.length);
		case 'backspace':
			return at === 0 ? state : without(at - 1, at);
		case 'delete':
		case 'ctrl-d':
			return at >= parts.length ? state : without(at, at + 1);
		case 'ctrl-k':
			return without(at, parts.length);
		case 'ctrl-u':
			return without(0, at);
		case 'ctrl-w': {
			let from = at;
			while (from > 0 && parts[from - 1] === ' ') {
				from--;
			}

			// A path is what is edited here: a slash ends a word as a space does.
			while (from > 0 && parts[from - 1] !== ' ' && (from === at || parts[from - 1] !== '/')) {
				from--;
			}

			return without(from, at);
		}
		default:
			return isPrintable(key) ? insert(state, key) : state;
	}
}

/** Inserts text, typed or pasted, at the cursor. Line ends and other controls are left out. */
export function insert(state: TextEdit, text: string): TextEdit {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
	const clean = text.replace(/[\u0000-\u001F\u007F-\u009F]/g, '');
	const parts = graphemes(state.text);
	const before = parts.slice(0, state.cursor).join('') + clean;
	return {text: before + parts.slice(state.cursor).join(''), cursor: graphemes(before).length};
}

/** Next of the completions that begin with what stands before the cursor; the whole list again from the first after the last. */
export function complete(state: TextEdit, completions: readonly string[]): TextEdit {
	if (completions.length === 0) {
		return state;
	}

	const exact = completions.indexOf(state.text);
	if (exact !== -1) {
		return textEdit(completions[(exact + 1) % completions.length] ?? state.text);
	}

	const typed = graphemes(state.text).slice(0, state.cursor).join('');
	return textEdit(completions.find(value => value.startsWith(typed)) ?? completions[0] ?? state.text);
}

const TAB = 8;

/** The part of the line that fits, harmless and with tabs expanded, and the column of the cursor in it. */
export function editWindow(
	state: TextEdit,
	columns: number,
	dot = '·',
): {readonly text: string; readonly column: number} {
	let shown = '';
	let column = 0;
	let cursor = 0;
	for (const [index, part] of graphemes(state.text).entries()) {
		if (index === state.cursor) {
			cursor = column;
		}

		const cell = part === '\t' ? ' '.repeat(TAB - (column % TAB)) : harmless(part, dot) || dot;
		shown += cell;
		column += width(cell);
	}

	if (state.cursor >= graphemes(state.text).length) {
		cursor = column;
	}

	const from = Math.max(0, cursor - columns + 1);
	return {text: slice(shown, from, from + columns), column: cursor - from};
}

export function isPrintable(key: string): boolean {
	return graphemes(key).length === 1 && !/^\p{Control}$/u.test(key);
}
