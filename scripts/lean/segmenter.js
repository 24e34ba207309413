/*
Takes the place of `Intl.Segmenter` in the bundle. The first real one costs 8 ms, a tenth of a console's start,
and almost everything on a screen needs none: where no character joins its neighbour, each is a cluster.
*/

export class Segmenter {
	/** Neither combining marks, joiners, Hangul jamo, surrogates nor a carriage return, which joins a line feed. */
	static alone =
		// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are clusters of their own
		/^[\0-\f\u000E-\u02FF\u2010-\u2027\u2030-\u205E\u2070-\u20CF\u2100-\u2BFF\u3001-\u3029\u3041-\u3096\u30A0-\u30FF\u4E00-\u9FFF]*$/;

	#real;
	#given;

	constructor(...given) {
		this.#given = given;
	}

	segment(text) {
		const isPlain = (this.#given[1]?.granularity ?? 'grapheme') === 'grapheme' && Segmenter.alone.test(text);
		return isPlain ? characters(text) : this.#full().segment(text);
	}

	#full() {
		this.#real ??= new globalThis.Intl.Segmenter(...this.#given);
		return this.#real;
	}
}

function characters(text) {
	const parts = Array.from(text, (segment, index) => ({segment, index, input: text}));
	// Asked for by what breaks long lines. Each of these characters is one code unit.
	return Object.assign(parts, {containing: (index = 0) => parts[index]});
}
