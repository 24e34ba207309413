/*
What terminals send for keys that are no text. They differ most in Home, End and the function keys: xterm and Windows
Terminal, PuTTY in each of its modes, the Linux console, tmux and screen, a VT100 and its like, rxvt.
*/

/** Made from a string: a linter takes control characters in a literal for a mistake, here they are the point. */
const expression = (source: string) => new RegExp(source);

/** CSI or SS3 with its end. `ESC [ [ A` is F1 of the Linux console, `ESC [ 5 $` Shift-PgUp of rxvt. */
export const sequence = expression(String.raw`^\u001B(?:\[[2-8]\$|\[\[?[0-?]*[ -/]*[@-~]|O[0-9;]*[@-~])`);
/** The same without its end. */
export const cutSequence = expression(String.raw`^\u001B(?:\[\[?[0-?]*[ -/]*|O[0-9;]*)$`);

/**
What a terminal answers to a question another program asked before, such as vim for the colours: it comes when that
program is gone, and is no key.
*/
export const replyBegin = expression(String.raw`^\u001B(?:\]\d|P[\d!>])`);
export const replyWhole = expression(String.raw`^\u001B[\]P][^\u0007\u001B]*(?:\u0007|\u001B\\)`);

const UP = '\u001B[A';
const DOWN = '\u001B[B';
const RIGHT = '\u001B[C';
const LEFT = '\u001B[D';
const HOME = '\u001B[H';
const END = '\u001B[F';

/** By the last letter. */
const letters: Readonly<Record<string, string>> = {
	A: UP,
	B: DOWN,
	C: RIGHT,
	D: LEFT,
	H: HOME,
	F: END,
	Z: '\u001B[Z',
	// rxvt, with Shift and with Ctrl.
	a: UP,
	b: DOWN,
	c: RIGHT,
	d: LEFT,
};

/** By the number before the tilde. */
const numbers: Readonly<Record<string, string>> = {
	1: HOME,
	3: '\u001B[3~',
	4: END,
	5: '\u001B[5~',
	6: '\u001B[6~',
	7: HOME,
	8: END,
};

/** The keypad of a VT100 in application mode, which PuTTY has as well. Nobody turns it on here; a program before may have. */
const keypad: Readonly<Record<string, string>> = {
	M: '\r',
	j: '*',
	k: '+',
	l: ',',
	m: '-',
	n: '.',
	o: '/',
	p: '0',
	q: '1',
	r: '2',
	s: '3',
	t: '4',
	u: '5',
	v: '6',
	// Not 7: PuTTY in its rxvt mode sends this for End, whatever mode the keypad has.
	w: END,
	x: '8',
	y: '9',
};

const parts = expression(String.raw`^\u001B(?<kind>\[\[?|O)(?<parameters>[0-9;]*)(?<end>[a-zA-Z~$^@])$`);

/** The one form Ink is told a key in, whatever terminal sent it, modifiers left out; empty for no key of this program. */
export function plainKey(whole: string): string {
	const {kind, parameters = '', end = ''} = parts.exec(whole)?.groups ?? {};
	const [number = '', ...modifiers] = parameters.split(';');
	if (kind === undefined || modifiers.length > 1) {
		return '';
	}

	if ('~$^@'.includes(end)) {
		return kind === 'O' ? '' : (numbers[number] ?? '');
	}

	if (kind === 'O') {
		// Shift-Tab has no such form; this is F11 of PuTTY.
		return end === 'Z' ? '' : (letters[end] ?? keypad[end] ?? '');
	}

	// A terminal that was told to say keys by their numbers: Ink knows these.
	if (kind === '[' && end === 'u') {
		return whole;
	}

	return kind === '[' && (number === '' || number === '1') ? (letters[end] ?? '') : '';
}
