import stringWidth from 'string-width';

/** What a piece of text means; the theme turns it into a colour, or into none. */
export type Tone = 'plain' | 'quiet' | 'title' | 'accent' | 'good' | 'busy' | 'warn' | 'bad' | 'add' | 'remove';

export type Span = {readonly text: string; readonly tone?: Tone; readonly bold?: boolean; readonly inverse?: boolean};

/** One row of a screen. Panes make lines, so that only the visible ones need to be rendered. */
export type Line = readonly Span[];

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
const ascii = /^[\u0020-\u007E]*$/;

/** Number of terminal columns. */
export function width(text: string): number {
	return ascii.test(text) ? text.length : stringWidth(text);
}

export function graphemes(text: string): string[] {
	return Array.from(segmenter.segment(text), part => part.segment);
}

/** The part of a text between two columns; a wide character cut in half becomes a space. */
export function slice(text: string, from: number, to: number): string {
	if (ascii.test(text)) {
		return text.slice(from, to);
	}

	let column = 0;
	let result = '';
	for (const part of graphemes(text)) {
		const start = column;
		column += width(part);
		if (column <= from) {
			continue;
		}

		if (start >= to) {
			break;
		}

		result += start < from || column > to ? ' '.repeat(Math.min(column, to) - Math.max(start, from)) : part;
	}

	return result;
}

/** The text in at most so many columns, its end replaced by the mark if it does not fit. */
export function fit(text: string, columns: number, mark = '…'): string {
	if (width(text) <= columns) {
		return text;
	}

	return columns <= width(mark) ? slice(text, 0, columns) : slice(text, 0, columns - width(mark)).trimEnd() + mark;
}

/** The text in exactly so many columns. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'right', mark = '…'): string {
	const fitted = fit(text, columns, mark);
	const space = ' '.repeat(Math.max(0, columns - width(fitted)));
	return side === 'right' ? fitted + space : space + fitted;
}

/**
Breaks a text between words, and inside a word only when the word is longer than a line. Chinese and Japanese are broken
between any two characters, but for the marks that begin no line or end none.
*/
export function wrap(text: string, columns: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const unit of unitsOf(text)) {
		const joined = line + unit;
		if (width(joined.trimEnd()) <= columns) {
			line = joined;
			continue;
		}

		if (line !== '') {
			lines.push(line.trimEnd());
		}

		line = line === '' ? unit : unit.trimStart();
		while (width(line.trimEnd()) > columns) {
			const first = beginning(line, columns);
			lines.push(first);
			line = line.slice(first.length);
		}
	}

	return line === '' && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** As many characters as fit, at least one. */
function beginning(text: string, columns: number): string {
	let result = '';
	for (const part of graphemes(text)) {
		if (result !== '' && width(result + part) > columns) {
			break;
		}

		result += part;
	}

	return result;
}

// From the Japanese rules of line breaking (JIS X 4051), as far as they occur here.
const beginsNone = '、。，．・：；？！）」』】〕］｝〉》ー…‥々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}”’';
const endsNone = '（「『【〔［｛〈《([{“‘';
const wide = /[\u2E80-\u9FFF\uF900-\uFAFF\uFF00-\uFFEF]/;

/** Parts between which a line may end; each brings the spaces behind it. */
function unitsOf(text: string): string[] {
	const words = text.split(/(?<= )(?! )/);
	return wide.test(text) ? words.flatMap(word => (wide.test(word) ? charactersOf(word) : [word])) : words;
}

function charactersOf(word: string): string[] {
	const units: string[] = [];
	for (const part of graphemes(word)) {
		const before = units.at(-1);
		const last = before?.at(-1) ?? '';
		const isJoined =
			before !== undefined &&
			(part === ' ' ||
				beginsNone.includes(part) ||
				endsNone.includes(last) ||
				!(wide.test(part) || wide.test(last) || last === ' '));
		if (isJoined) {
			units[units.length - 1] = before + part;
		} else {
			units.push(part);
		}
	}

	return units;
}

/** A line of one span. */
export function plain(text: string, tone?: Tone): Line {
	return [tone === undefined ? {text} : {text, tone}];
}

/** Wraps a text into lines, all but the first indented. */
export function paragraph(text: string, columns: number, tone?: Tone, indent = 0): Line[] {
	return wrap(text, Math.max(1, columns - indent)).map(part => plain(' '.repeat(indent) + part, tone));
}

export function lineWidth(line: Line): number {
	return line.reduce((sum, span) => sum + width(span.text), 0);
}

/** Cuts a line to so many columns. */
export function fitLine(line: Line, columns: number, mark: string): Line {
	if (lineWidth(line) <= columns) {
		return line;
	}

	const result: Span[] = [];
	let room = columns;
	for (const span of line) {
		const size = width(span.text);
		if (size >= room) {
			result.push({...span, text: fit(size === room ? `${span.text}${mark}` : span.text, room, mark)});
			break;
		}

		result.push(span);
		room -= size;
	}

	return result;
}

/** Two groups of spans at the two ends of a row; the left one gives way, and its end is replaced by the mark. */
export function ends(left: Line, right: Line, columns: number, mark: string): Line {
	const rest = Math.max(0, columns - lineWidth(right));
	const fitted = fitLine(left, Math.max(0, rest - 1), mark);
	return [...fitted, {text: ' '.repeat(Math.max(0, rest - lineWidth(fitted)))}, ...right];
}
