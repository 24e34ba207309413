import {pattern} from './harmless.js';

/** Colours and attributes a terminal has at a moment; what is absent is the terminal's own. */
type Style = {
	bold?: boolean;
	dim?: boolean;
	italic?: boolean;
	underline?: boolean;
	inverse?: boolean;
	strike?: boolean;
	foreground?: string;
	background?: string;
};

const on: Readonly<Record<number, keyof Style>> = {
	1: 'bold',
	2: 'dim',
	3: 'italic',
	4: 'underline',
	7: 'inverse',
	9: 'strike',
};
const off: Readonly<Record<number, ReadonlyArray<keyof Style>>> = {
	22: ['bold', 'dim'],
	23: ['italic'],
	24: ['underline'],
	27: ['inverse'],
	29: ['strike'],
	39: ['foreground'],
	49: ['background'],
};

const style = pattern(String.raw`\u001B\[([\d;]*)m`);

/**
Leaves out changes of style that are taken back before anything is shown. Ink repeats the whole history of
styles of a line before the part of it that changed, which makes the clock of a coloured line cost four
times what it shows. Knows what the terminal has, and so must see everything that is written to it.
*/
export class StyleSaver {
	#has: Style = {};

	save(text: string): string {
		let result = '';
		let at = 0;
		let wanted = {...this.#has};
		for (const match of text.matchAll(style)) {
			if (match.index > at) {
				result += this.#change(wanted) + text.slice(at, match.index);
			}

			wanted = apply(wanted, match[1] ?? '');
			at = match.index + match[0].length;
		}

		return result + this.#change(wanted) + text.slice(at);
	}

	/** The shortest way from what the terminal has to what is wanted. */
	#change(wanted: Style): string {
		const has = this.#has;
		this.#has = {...wanted};
		const codes: Array<number | string> = [];
		let kept: Style = {...has};
		for (const [code, names] of Object.entries(off)) {
			if (names.some(name => has[name] !== undefined && wanted[name] === undefined)) {
				codes.push(code);
				kept = without(kept, names);
			}
		}

		for (const [code, name] of Object.entries(on)) {
			if (wanted[name] && !kept[name]) {
				codes.push(code);
			}
		}

		if (wanted.foreground !== undefined && wanted.foreground !== kept.foreground) {
			codes.push(wanted.foreground);
		}

		if (wanted.background !== undefined && wanted.background !== kept.background) {
			codes.push(wanted.background);
		}

		if (codes.length === 0) {
			return '';
		}

		return Object.keys(wanted).length === 0 ? '\u001B[m' : `\u001B[${codes.join(';')}m`;
	}
}

function apply(before: Style, parameters: string): Style {
	let after = {...before};
	const codes = parameters.split(';').map(Number);
	for (let index = 0; index < codes.length; index++) {
		const code = codes[index] ?? 0;
		const name = on[code];
		const names = off[code];
		if (code === 0) {
			after = {};
		} else if (name !== undefined) {
			after = {...after, [name]: true};
		} else if (names !== undefined) {
			after = without(after, names);
		} else if (code === 38 || code === 48) {
			const length = codes[index + 1] === 2 ? 5 : 3;
			const value = codes.slice(index, index + length).join(';');
			after = code === 38 ? {...after, foreground: value} : {...after, background: value};
			index += length - 1;
		} else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
			after = {...after, foreground: String(code)};
		} else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) {
			after = {...after, background: String(code)};
		}
	}

	return after;
}

function without(style: Style, names: ReadonlyArray<keyof Style>): Style {
	return Object.fromEntries(Object.entries(style).filter(([name]) => !names.includes(name as keyof Style)));
}
