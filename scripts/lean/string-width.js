/*
Stands before the package `string-width` in the bundle. Its expression for emoji takes 15 ms to compile, at the
first frame; letters of Europe, lines, blocks, arrows and shapes are one column wide without it.
*/

// All of width 1 and none that begins an emoji or joins a neighbour.
export const narrow =
	/^[ -~\u00A1-\u00A8\u00AA-\u00AC\u00AF-\u02FF\u2010-\u2027\u2030-\u203B\u2190-\u21FF\u2500-\u25FC\u2713-\u2718]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Esc begins a colour
const colors = /\u001B\[[\d;]*m/g;
let full;

export default function stringWidth(text, options) {
	if (typeof text === 'string' && options === undefined) {
		const plain = text.includes('\u001B') ? text.replace(colors, '') : text;
		if (narrow.test(plain)) {
			return plain.length;
		}
	}

	full ??= require('string-width').default;
	return full(text, options);
}
