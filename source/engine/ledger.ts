import {readFileSync} from 'node:fs';
import {faultPoint} from '../host/fault.js';
import {LineFile} from './line-file.js';
import type {Reserve} from './reserve.js';

/** What can be written into a ledger and read from it. */
export type Entries = Pick<Ledger, 'record' | 'note' | 'recall'>;

/**
The undo ledger: one JSON object a line, appended and on disk before a step changes anything, never
rewritten. A line torn by a crash was not yet promised to anybody and is passed over.
*/
export class Ledger {
	readonly #values: Map<string, unknown>;
	readonly #file: LineFile;

	constructor(
		private readonly path: string,
		private readonly reserve?: Reserve,
	) {
		const text = textOf(path);
		this.#values = valuesIn(text);
		this.#file = new LineFile(path);
		if (text !== '' && !text.endsWith('\n')) {
			this.#file.append('');
		}
	}

	/** On disk when it returns. Throws when the disk is full, and then the value is as it was before. */
	record(key: string, value: unknown): void {
		const line = lineOf(key, value);
		faultPoint(`record/${key}`);
		if (!this.#write(line)) {
			this.#file.forget(line);
			throw Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC', path: this.path});
		}

		this.#values.set(key, value);
		faultPoint(`recorded/${key}`);
	}

	/**
	For what is true even if nobody can write it down: that things are being taken back, and how far. On a full
	disk it waits for room in memory; a worker that dies before that only takes back again what is back already.
	*/
	note(key: string, value: unknown): void {
		this.#values.set(key, value);
		faultPoint(`note/${key}`);
		this.#write(lineOf(key, value));
		faultPoint(`noted/${key}`);
	}

	recall<T>(key: string): T | undefined {
		return this.#values.get(key) as T | undefined;
	}

	/** The part of one hop: its keys are its own. The whole ledger where there is but one hop. */
	of(suffix: string): Entries {
		return {
			record: (key, value) => this.record(`${key}${suffix}`, value),
			note: (key, value) => this.note(`${key}${suffix}`, value),
			recall: key => this.recall(`${key}${suffix}`),
		};
	}

	close(): void {
		this.#file.close();
	}

	#write(line: string): boolean {
		if (!this.#file.append(line)) {
			this.reserve?.release();
			if (!this.#file.flush()) {
				return false;
			}
		}

		this.#file.sync();
		return true;
	}
}

/** What a ledger says, for who only looks. */
export function readLedger(path: string): ReadonlyMap<string, unknown> {
	return valuesIn(textOf(path));
}

function textOf(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}

		return '';
	}
}

function valuesIn(text: string): Map<string, unknown> {
	const values = new Map<string, unknown>();
	for (const line of text.split('\n')) {
		try {
			const entry = JSON.parse(line) as {key: string; value: unknown};
			values.set(entry.key, entry.value);
		} catch {}
	}

	return values;
}

function lineOf(key: string, value: unknown): string {
	return JSON.stringify({time: Date.now(), key, value});
}
