import {EventEmitter} from 'node:events';
import {cutSequence, plainKey, replyBegin, replyWhole, sequence} from './key-codes.js';

/** What is needed of a terminal's input; `process.stdin` has it. */
export type TerminalInput = NodeJS.ReadableStream & {
	readonly isTTY?: boolean;
	setRawMode?(mode: boolean): unknown;
	ref?(): unknown;
	unref?(): unknown;
};

const PASTE_BEGIN = '\u001B[200~';
const PASTE_END = '\u001B[201~';
// A lone Esc is a key; the beginning of a longer sequence is not, and a slow line may cut it anywhere.
const ESC_MILLISECONDS = 80;
const SEQUENCE_MILLISECONDS = 500;
const MOST_PASTED = 1_000_000;
/** How Ink is told "Esc" so that it does not wait for the rest of a sequence. */
export const ESC = '\u001B[27u';

/**
Takes the first key, sequence or paste from a text. Gives `undefined` when more must come first, and no key (an empty
one) for a sequence that none of this program's keys sends: its letters must not be taken for keys.
A modified letter (Alt) is Esc and then the letter: no key of this program uses Alt, and over a slow line
Esc and the next key often arrive together.
*/
export function takeKey(text: string): {readonly key: string; readonly rest: string} | undefined {
	if (!text.startsWith('\u001B')) {
		const [character = ''] = text;
		return character === '' ? undefined : {key: character, rest: text.slice(character.length)};
	}

	if (text.startsWith(PASTE_BEGIN)) {
		const end = text.indexOf(PASTE_END);
		if (end === -1) {
			// Of what is too long only the end is kept, but it stays a paste: none of it may count as keys.
			return text.length > MOST_PASTED ? {key: '', rest: PASTE_BEGIN + text.slice(1 - PASTE_END.length)} : undefined;
		}

		return {key: text.slice(0, end + PASTE_END.length), rest: text.slice(end + PASTE_END.length)};
	}

	if (text === '\u001B' || text === '\u001B[' || text === '\u001BO') {
		return undefined;
	}

	if (replyBegin.test(text)) {
		const reply = replyWhole.exec(text)?.[0];
		return reply === undefined ? undefined : {key: '', rest: text.slice(reply.length)};
	}

	const whole = sequence.exec(text)?.[0];
	if (whole !== undefined) {
		return {key: plainKey(whole), rest: text.slice(whole.length)};
	}

	if (cutSequence.test(text) && text.length < 32) {
		return undefined;
	}

	return {key: ESC, rest: text.slice(1)};
}

/**
Stands between the terminal and Ink and hands over one key at a time, each in a turn of the event loop of
its own. `ink-select-input` keeps its place in React state and would count several keys of one chunk,
normal over a slow line, as one.
*/
export class KeyStream extends EventEmitter {
	readonly #source: TerminalInput;
	#text = '';
	#given = false;
	#turn: NodeJS.Immediate | undefined;
	#timer: NodeJS.Timeout | undefined;
	#reading = false;

	constructor(source: TerminalInput) {
		super();
		this.#source = source;
		this.setMaxListeners(0);
		// Keys may come before Ink listens.
		this.on('newListener', name => {
			if (name === 'readable') {
				this.#schedule();
			}
		});
	}

	get isTTY(): boolean {
		return Boolean(this.#source.isTTY);
	}

	setEncoding(encoding: BufferEncoding): this {
		this.#source.setEncoding(encoding);
		return this;
	}

	/** Raw mode is when Ink wants keys: outside it the terminal belongs to somebody else and is not read. */
	setRawMode(mode: boolean): this {
		try {
			this.#source.setRawMode?.(mode);
		} catch (error) {
			// A terminal that went away has no mode; its end is reported by the stream itself.
			if (mode) {
				this.emit('error', error);
			}
		}

		if (mode && !this.#reading) {
			this.#reading = true;
			this.#source.setEncoding('utf8');
			this.#source.on('data', this.#take);
			this.#source.resume();
		} else if (!mode && this.#reading) {
			this.#reading = false;
			this.#source.off('data', this.#take);
			this.#source.pause();
			this.#stop();
		}

		return this;
	}

	ref(): this {
		this.#source.ref?.();
		return this;
	}

	unref(): this {
		this.#source.unref?.();
		return this;
	}

	resume(): this {
		return this;
	}

	pause(): this {
		return this;
	}

	/** One key and then `null`: Ink reads until `null`, and the next key comes with the next `readable`. */
	read(): string | null {
		if (this.#given) {
			this.#given = false;
			this.#schedule();
			return null;
		}

		let taken = takeKey(this.#text);
		while (taken?.key === '') {
			this.#text = taken.rest;
			taken = takeKey(this.#text);
		}

		if (taken === undefined) {
			this.#wait();
			return null;
		}

		this.#text = taken.rest;
		this.#given = true;
		return taken.key;
	}

	readonly #take = (chunk: string | Buffer): void => {
		this.#text += String(chunk);
		clearTimeout(this.#timer);
		this.#schedule();
	};

	#schedule(): void {
		if (this.#text === '' || this.#turn !== undefined) {
			return;
		}

		this.#turn = setImmediate(() => {
			this.#turn = undefined;
			this.emit('readable');
		});
	}

	#wait(): void {
		clearTimeout(this.#timer);
		if (this.#text === '' || this.#text.startsWith(PASTE_BEGIN)) {
			return;
		}

		const wait = this.#text.length === 1 ? ESC_MILLISECONDS : SEQUENCE_MILLISECONDS;
		this.#timer = setTimeout(() => {
			// Never completed: the first byte was the key, or the line broke; the rest is no text.
			this.#text = '';
			this.#given = false;
			this.#text = ESC;
			this.#schedule();
		}, wait);
	}

	#stop(): void {
		clearTimeout(this.#timer);
		clearImmediate(this.#turn);
		this.#turn = undefined;
		this.#text = '';
		this.#given = false;
	}
}
