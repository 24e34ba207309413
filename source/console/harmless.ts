import {stripVTControlCharacters} from 'node:util';
import stringWidth from 'string-width';

/*
Text that comes from programs, files and the network must not reach the terminal as commands. Escape
sequences are taken out; what is left of the control characters, and marks that reorder text (which could
make a line read differently from what it is), become a dot.
*/

const TAB = 8;
// Strings of OSC, DCS, APC, PM and SOS, also those whose end is missing in this line.
const controlStrings = pattern(
	String.raw`(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)`,
);
// A sequence whose end is missing.
const unfinished = pattern(String.raw`(?:\u001B\[|\u009B)[\d;:?<=>!"'$ ]*$|\u001B[ -/]*$`);
const controls = pattern(String.raw`[\u0000-\u0008\u000A-\u001F\u007F-\u009F]`);
const reordering = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u2028\u2029]/g;

/**
Makes one line from outside harmless: no escape or control character, no mark that reorders text, tabs
expanded to eight columns, and overwriting by carriage return carried out as a terminal would.
A line feed inside becomes a dot; split before.
*/
export function harmless(line: string, dot = '·'): string {
	const withoutSequences = stripVTControlCharacters(line.replace(controlStrings, '')).replace(unfinished, '');
	const shown = withoutSequences.includes('\r') ? overwritten(withoutSequences) : withoutSequences;
	return expandTabs(shown.replace(reordering, dot)).replace(controls, dot);
}

/** `10 %\r20 %\r\n` shows `20 %`; a shorter text over a longer one leaves the rest of the longer one. */
function overwritten(line: string): string {
	let shown: string[] = [];
	for (const part of line.replace(/\r+$/, '').split('\r')) {
		const cells = [...part];
		shown = cells.length >= shown.length ? cells : [...cells, ...shown.slice(cells.length)];
	}

	return shown.join('');
}

function expandTabs(line: string): string {
	if (!line.includes('\t')) {
		return line;
	}

	let result = '';
	for (const part of line.split(/(\t)/)) {
		result += part === '\t' ? ' '.repeat(TAB - (stringWidth(result) % TAB)) : part;
	}

	return result;
}

/** Made from a string: a linter takes control characters in a literal for a mistake, here they are the point. */
export function pattern(source: string): RegExp {
	return new RegExp(source, 'g');
}
