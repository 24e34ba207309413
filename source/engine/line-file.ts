import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync} from 'node:fs';
import {isDiskFull} from '../host/files.js';

/**
A file of lines that only grows. A line is in it as a whole or not at all, also when the disk is full in the
middle of one: what does not fit is kept in memory and comes before the next line. A line that a crash has torn stays one
of its own.
*/
export class LineFile {
	readonly #file: number;
	#size: number;
	#waiting: Buffer = Buffer.alloc(0);

	constructor(path: string) {
		this.#file = openSync(path, 'a+', 0o600);
		this.#size = fstatSync(this.#file).size;
		const last = Buffer.alloc(1);
		if (this.#size > 0 && readSync(this.#file, last, 0, 1, this.#size - 1) === 1 && last[0] !== newline) {
			this.#waiting = Buffer.from('\n');
		}
	}

	/** Whether lines wait for room. */
	get isBehind(): boolean {
		return this.#waiting.length > 0;
	}

	/** Appends a line; false when it has to wait for room. Throws for everything but a full disk. */
	append(line: string): boolean {
		this.#waiting = Buffer.concat([this.#waiting, Buffer.from(`${line}\n`)]);
		return this.flush();
	}

	/** Tries again to write what waits. */
	flush(): boolean {
		const bytes = this.#waiting;
		try {
			// Near the end of the room a write can be short without an error.
			for (let done = 0; done < bytes.length; ) {
				done += writeSync(this.#file, bytes, done);
			}
		} catch (error) {
			ftruncateSync(this.#file, this.#size);
			if (isDiskFull(error)) {
				return false;
			}

			throw error;
		}

		this.#size += bytes.length;
		this.#waiting = Buffer.alloc(0);
		return true;
	}

	/** Everything written is on the disk when it returns. */
	sync(): void {
		fsyncSync(this.#file);
	}

	/** Takes the newest line back that waits. */
	forget(line: string): void {
		const length = Buffer.byteLength(line) + 1;
		this.#waiting = this.#waiting.subarray(0, Math.max(0, this.#waiting.length - length));
	}

	close(): void {
		closeSync(this.#file);
	}
}

const newline = 0x0a;
