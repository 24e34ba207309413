import {closeSync, fsyncSync, openSync, readFileSync, writeSync} from 'node:fs';

/**
The undo ledger: one JSON object a line, appended and on disk before a step changes anything, never
rewritten. A line torn by a crash was not yet promised to anybody and is passed over.
*/
export class Ledger {
	readonly #values = new Map<string, unknown>();
	readonly #file: number;

	constructor(path: string) {
		let text = '';
		try {
			text = readFileSync(path, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				throw error;
			}
		}

		for (const line of text.split('\n')) {
			try {
				const entry = JSON.parse(line) as {key: string; value: unknown};
				this.#values.set(entry.key, entry.value);
			} catch {}
		}

		this.#file = openSync(path, 'a', 0o600);
		if (text !== '' && !text.endsWith('\n')) {
			writeSync(this.#file, '\n');
		}
	}

	/** On disk when it returns. */
	record(key: string, value: unknown): void {
		writeSync(this.#file, `${JSON.stringify({time: Date.now(), key, value})}\n`);
		fsyncSync(this.#file);
		this.#values.set(key, value);
	}

	recall<T>(key: string): T | undefined {
		return this.#values.get(key) as T | undefined;
	}

	close(): void {
		closeSync(this.#file);
	}
}
