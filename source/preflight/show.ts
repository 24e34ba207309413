import {t} from '../locales/index.js';

/** Controls, what turns the direction of writing, ends of lines, and what stands for bytes that are no UTF-8. */
const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/gu;

/** Text of a file, for evidence: not longer than `most` characters, and with nothing that acts on a screen. */
export function shownLine(text: string, most = 120): string {
	const line = text.trim().replaceAll('\t', ' ').replaceAll(unshowable, escaped);
	return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** A path as it is; in the quotes of JSON, with escapes, when a reader could take it for something else. */
export function shownPath(path: string): string {
	return /^[\p{L}\p{N}./_@%+~=-]+$/u.test(path) ? path : JSON.stringify(path).replaceAll(unshowable, escaped);
}

/** The first of many lines, and how many are left out. */
export function firstOf(lines: readonly string[], most = 20): string {
	const more = lines.length - most;
	return [...lines.slice(0, most), ...(more > 0 ? [t('and {more} more', {more})] : [])].join('\n');
}

function escaped(character: string): string {
	return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
