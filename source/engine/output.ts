import {open} from 'node:fs/promises';

const tailBytes = 8 * 1024;
const tailLines = 40;

/**
Reads the last lines of a growing file, ten times a second at most and never more than 8 KiB, however
much is written to it: a step that prints a million lines costs no more than one that prints forty.
*/
export class OutputTail {
	#timer: NodeJS.Timeout | undefined;
	#size = -1;
	#reading = Promise.resolve();

	constructor(
		private readonly path: string,
		/** `unfinished` is the last line while it has no end, else empty. */
		private readonly onTail: (tail: string[], unfinished: string) => void,
	) {}

	start(): void {
		this.#timer = setInterval(() => void this.look(), 100);
	}

	/** Looks at once. */
	async look(): Promise<void> {
		this.#reading = this.#reading.then(() => this.#read());
		await this.#reading;
	}

	/** Stops after one more look, so that the last lines are not lost. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.look();
	}

	async #read(): Promise<void> {
		try {
			const file = await open(this.path, 'r');
			try {
				const {size} = await file.stat();
				if (size === this.#size) {
					return;
				}

				this.#size = size;
				const from = Math.max(0, size - tailBytes);
				const {buffer, bytesRead} = await file.read(Buffer.alloc(size - from), 0, size - from, from);
				const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
				if (from > 0) {
					lines.shift();
				}

				const unfinished = lines.at(-1) ?? '';
				if (unfinished === '') {
					lines.pop();
				}

				this.onTail(lines.slice(-tailLines), unfinished);
			} finally {
				await file.close();
			}
		} catch {
			// The log is a convenience here; the step goes on without it.
		}
	}
}
