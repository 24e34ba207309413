import {t} from '../locales/index.js';

/**
Reading and changing Apache's configuration without touching a byte that is not meant. Apache reads bytes,
not text, so files are taken as latin1: every byte is one character and comes back as it was. The grammar
is that of `ap_cfg_getline` and `ap_getword_conf` in Apache 2.4; the tests compare it with a real one.
*/

/** Bytes `start` to `end` (exclusive) of the file. */
export type Range = {readonly start: number; readonly end: number};

/** One word of a directive. */
export type Argument = Range & {
	/** What Apache makes of it: without quotes, escapes and line continuations; variables still in it. */
	readonly text: string;
	/** The quote around it, if any. For `name="value"` of the WSGI options: around the value. */
	readonly quote?: '"' | "'";
	/** Position in the file of every character of `text`. */
	readonly positions: readonly number[];
};

export type Directive = {
	/** As written; Apache does not mind the case. */
	readonly name: string;
	readonly arguments: readonly Argument[];
	/** Line on which it begins, from 1. */
	readonly line: number;
	/** Sections around it, outermost first, for example `<VirtualHost *:80>`. */
	readonly sections: readonly string[];
	/** The whole directive as Apache joins it, for showing. */
	readonly text: string;
};

export type Edit = Range & {readonly text: string};

type Character = {readonly value: string; readonly at: number};

/** A line after Apache joined its continuations, each character with its position in the file. */
type LogicalLine = {readonly characters: readonly Character[]; readonly line: number};

/**
All directives of a file, sections' opening lines included (their name begins with `<`).
Comments and closing lines are left out. Never throws: what Apache would refuse is read as well as can be.
*/
export function readDirectives(bytes: Uint8Array): Directive[] {
	const directives: Directive[] = [];
	const sections: string[] = [];
	for (const {characters, line} of logicalLines(Buffer.from(bytes).toString('latin1'))) {
		const text = characters.map(character => character.value).join('');
		if (text === '' || text.startsWith('#')) {
			continue;
		}

		if (text.startsWith('</')) {
			sections.pop();
			continue;
		}

		const nameEnd = characters.findIndex(character => isSpace(character.value));
		const name = nameEnd === -1 ? text : text.slice(0, nameEnd);
		const rest = nameEnd === -1 ? [] : characters.slice(nameEnd);
		const isSection = name.startsWith('<');
		const words = readWords(
			isSection && text.endsWith('>') ? rest.slice(0, -1) : rest,
			name.toLowerCase().startsWith('wsgi'),
		);
		directives.push({name, arguments: words, line, sections: [...sections], text});
		if (isSection) {
			sections.push(text);
		}
	}

	return directives;
}

/** The file with every edit's range replaced by its text (latin1). Throws when edits overlap or leave the file. */
export function splice(bytes: Uint8Array, edits: readonly Edit[]): Buffer {
	const parts: Uint8Array[] = [];
	let position = 0;
	for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
		if (edit.start < position || edit.end < edit.start || edit.end > bytes.length) {
			throw new Error(t('Edits of an Apache configuration overlap at byte {start}.', {start: edit.start}));
		}

		parts.push(bytes.subarray(position, edit.start), Buffer.from(edit.text, 'latin1'));
		position = edit.end;
	}

	parts.push(bytes.subarray(position));
	return Buffer.concat(parts);
}

/** `name=value` of an argument; the value's text with its place in the file, or undefined without `=`. */
export function optionOf(argument: Argument): {readonly key: string; readonly value: Argument} | undefined {
	const equals = argument.text.indexOf('=');
	return equals > 0
		? {key: argument.text.slice(0, equals), value: partOf(argument, equals + 1, argument.text.length)}
		: undefined;
}

/** Characters `from` to `to` of an argument's text, as an argument. */
export function partOf(argument: Argument, from: number, to: number): Argument {
	const positions = argument.positions.slice(from, to);
	const start = positions[0] ?? argument.end;
	return {
		text: argument.text.slice(from, to),
		positions,
		start,
		end: (positions.at(-1) ?? start - 1) + 1,
		...(argument.quote ? {quote: argument.quote} : {}),
	};
}

/**
Replaces an argument's text where it stands, inside its quotes. Adds quotes only when the new text needs
them and there are none.
*/
export function replaceText(argument: Argument, text: string): Edit {
	const start = argument.positions[0];
	const end = argument.positions.at(-1);
	if (start === undefined || end === undefined) {
		throw new Error(t('An empty argument of an Apache directive cannot be replaced.'));
	}

	const {quote} = argument;
	const escaped = text.replaceAll('\\', '\\\\').replaceAll(quote ?? '"', `\\${quote ?? '"'}`);
	const written = quote || !/[\s"']/.test(text) ? (quote ? escaped : text) : `"${escaped}"`;
	return {start, end: end + 1, text: Buffer.from(written, 'utf8').toString('latin1')};
}

/** Indexes (from 0) of the lines that differ; both must have the same number of lines, which splicing keeps. */
export function changedLines(before: Uint8Array, after: Uint8Array): number[] {
	const old = splitLines(before);
	return splitLines(after).flatMap((line, index) => (line === old[index] ? [] : [index]));
}

function splitLines(bytes: Uint8Array): string[] {
	return Buffer.from(bytes).toString('latin1').split('\n');
}

/** Joins continued lines and takes surrounding space away, as `ap_cfg_getline` does. */
function* logicalLines(text: string): Generator<LogicalLine> {
	let characters: Character[] = [];
	let first = 1;
	let line = 0;
	let position = 0;
	while (position < text.length) {
		line++;
		const lineFeed = text.indexOf('\n', position);
		const next = lineFeed === -1 ? text.length : lineFeed + 1;
		let end = lineFeed === -1 ? text.length : lineFeed;
		if (lineFeed !== -1 && end > position && text[end - 1] === '\r') {
			end--;
		}

		// Apache looks only at the very last character: a doubled backslash continues, one before a space does not.
		const continues = lineFeed !== -1 && end > position && text[end - 1] === '\\';
		for (let at = position; at < (continues ? end - 1 : end); at++) {
			characters.push({value: text[at] ?? '', at});
		}

		position = next;
		if (!continues || position >= text.length) {
			yield {characters: trim(characters), line: first};
			characters = [];
			first = line + 1;
		}
	}
}

function trim(characters: readonly Character[]): Character[] {
	const first = characters.findIndex(character => !isSpace(character.value));
	const last = characters.findLastIndex(character => !isSpace(character.value));
	return first === -1 ? [] : characters.slice(first, last + 1);
}

/**
Words as `ap_getword_conf` finds them. mod_wsgi reads its options by itself: there a quote may also open
after `name=`, so `python-path="/a b"` is one word.
*/
function readWords(characters: readonly Character[], withOptions: boolean): Argument[] {
	const words: Argument[] = [];
	let index = 0;
	const at = (offset: number) => characters[offset]?.value ?? '';
	const skipSpace = () => {
		while (index < characters.length && isSpace(at(index))) {
			index++;
		}
	};

	for (skipSpace(); index < characters.length; skipSpace()) {
		const start = index;
		const kept: Character[] = [];
		let quote = openingQuote(at(index));
		if (quote) {
			index++;
		}

		while (index < characters.length) {
			const character = characters[index];
			if (!character || (quote ? character.value === quote : isSpace(character.value))) {
				break;
			}

			if (character.value === '\\' && (at(index + 1) === '\\' || (quote && at(index + 1) === quote))) {
				index++;
			}

			const value = characters[index];
			if (value) {
				kept.push(value);
			}

			index++;
			if (
				withOptions &&
				!quote &&
				character.value === '=' &&
				kept.every(({value}, i) => value !== '=' || i === kept.length - 1)
			) {
				quote = openingQuote(at(index));
				if (quote) {
					index++;
				}
			}
		}

		if (quote && at(index) === quote) {
			index++;
		}

		words.push({
			text: kept.map(character => character.value).join(''),
			positions: kept.map(character => character.at),
			start: characters[start]?.at ?? 0,
			end: (characters[index - 1]?.at ?? 0) + 1,
			...(quote ? {quote} : {}),
		});
	}

	return words;
}

function openingQuote(character: string): '"' | "'" | undefined {
	return character === '"' || character === "'" ? character : undefined;
}

/** `apr_isspace` in the C locale. */
function isSpace(character: string): boolean {
	return /^[ \t\n\v\f\r]$/.test(character);
}
