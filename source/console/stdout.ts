import {EventEmitter} from 'node:events';
import {StyleSaver} from './sgr.js';

/** What is needed of a terminal's output; `process.stdout` has it. */
export type TerminalOutput = NodeJS.WritableStream & {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	readonly writableNeedDrain?: boolean;
	readonly destroyed?: boolean;
	readonly writableEnded?: boolean;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: cursor movements are what is joined
const nextLines = /(?:\u001B\[E){2,}/g;

// Ink puts these around a frame so that a terminal shows it at once.
const BEGIN = '\u001B[?2026h';
const END = '\u001B[?2026l';
// A frame this short is in one packet anyway, and cannot be seen half drawn.
const SHORT = 300;

/**
Stands between Ink and the terminal. Ink moves the cursor over each unchanged line by a sequence of its own
and writes a frame in three parts; joined, a changed clock costs a quarter of the bytes and one packet. A
terminal that went away is reported once as `lost` and takes nothing more, since every write would fail.
*/
export class Screen extends EventEmitter {
	readonly #target: TerminalOutput;
	readonly #styles = new StyleSaver();
	#lost = false;
	/** The frame being collected. */
	#frame: string | undefined;
	/** Bytes written, for tests and figures. */
	written = 0;

	constructor(
		target: TerminalOutput,
		/** What a terminal needs that cannot show every character; must keep every width. */
		private readonly charset: (text: string) => string = text => text,
	) {
		super();
		this.#target = target;
		this.setMaxListeners(0);
		target.on('error', this.#lose);
		target.on('resize', this.#resize);
	}

	get isTTY(): boolean {
		return Boolean(this.#target.isTTY);
	}

	get columns(): number {
		return this.#target.columns || 80;
	}

	get rows(): number {
		return this.#target.rows || 24;
	}

	get writable(): boolean {
		return !this.destroyed;
	}

	get destroyed(): boolean {
		return this.#lost || Boolean(this.#target.destroyed);
	}

	get writableEnded(): boolean {
		return Boolean(this.#target.writableEnded);
	}

	/** Whether the line is so slow that the next frame must wait. */
	get isFull(): boolean {
		return Boolean(this.#target.writableNeedDrain);
	}

	write(data: string, callback?: (error?: Error | null) => void): boolean {
		if (this.destroyed) {
			queueMicrotask(() => callback?.());
			return true;
		}

		if (data === BEGIN) {
			this.#frame = '';
			return true;
		}

		if (this.#frame !== undefined && data !== END) {
			this.#frame += data;
			// Ink waits for some writes, and their order with others must hold.
			if (callback !== undefined) {
				this.#finishFrame(callback);
			}

			return true;
		}

		return this.#frame === undefined ? this.#send(data, callback) : this.#finishFrame(callback);
	}

	#finishFrame(callback?: (error?: Error | null) => void): boolean {
		const frame = (this.#frame ?? '').replace(nextLines, run => `\u001B[${run.length / 3}E`);
		this.#frame = undefined;
		return this.#send(frame.length < SHORT ? frame : BEGIN + frame + END, callback);
	}

	#send(data: string, callback?: (error?: Error | null) => void): boolean {
		const text = this.charset(this.#styles.save(data));
		this.written += Buffer.byteLength(text);
		try {
			return this.#target.write(text, () => callback?.());
		} catch (error) {
			this.#lose(error);
			callback?.();
			return true;
		}
	}

	/** Stops listening; the error handler stays, since a late failure must not end the program. */
	release(): void {
		this.#target.off('resize', this.#resize);
	}

	readonly #resize = (): void => {
		// Before Ink: whoever listens to `resizing` can make it draw from nothing.
		this.emit('resizing');
		this.emit('resize');
	};

	readonly #lose = (error: unknown): void => {
		if (!this.#lost) {
			this.#lost = true;
			this.emit('lost', error);
		}
	};
}
