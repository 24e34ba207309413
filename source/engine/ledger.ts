import {readFileSync, truncateSync} from 'node:fs';
import {faultPoint} from '../host/fault.js';
import {t} from '../locales/index.js';
import {foreign, isObject, readKept, UnreadableFile} from './kept-file.js';
import {LineFile} from './line-file.js';
import type {Reserve} from './reserve.js';

/** What can be written into a ledger and read from it. */
export type Entries = Pick<Ledger, 'record' | 'note' | 'recall'>;

/**
The undo ledger: one JSON object a line, appended and on disk before a step changes anything, never
rewritten. A last line torn by a crash was not yet promised to anybody and is cut off. Any other damage means that
promises are lost: it cannot be opened then, and throws an UnreadableFile.
*/
export class Ledger {
	readonly #values: Map<string, unknown>;
	readonly #file: LineFile;

	constructor(
		private readonly path: string,
		private readonly reserve?: Reserve,
	) {
		const {isTorn, values} = read(path);
		this.#values = values;
		if (isTorn) {
			truncateSync(path, readFileSync(path).lastIndexOf('\n') + 1);
		}

		this.#file = new LineFile(path);
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

/** What a ledger says, for who only looks; empty when there is none. Throws an UnreadableFile for a damaged one. */
export function readLedger(path: string): ReadonlyMap<string, unknown> {
	return read(path).values;
}

/** `isTorn` is about the last line. */
function read(path: string): {values: Map<string, unknown>; isTorn: boolean} {
	const values = new Map<string, unknown>();
	const text = readKept(path) ?? '';
	const lines = text.split('\n');
	const last = lines.pop() ?? '';
	for (const [index, line] of lines.entries()) {
		if (line === '') {
			continue;
		}

		const entry = entryIn(line);
		if (!entry) {
			throw new UnreadableFile(
				path,
				index === 0
					? t('{foreign}: see its line {index}', {foreign: t(foreign), index: index + 1})
					: t('is damaged: see its line {index}', {index: index + 1}),
			);
		}

		values.set(entry.key, entry.value);
	}

	if (last === '') {
		return {values, isTorn: false};
	}

	const entry = entryIn(last);
	if (entry) {
		values.set(entry.key, entry.value);
		return {values, isTorn: false};
	}

	// As far as it came, or what a filesystem gives for bytes that did not reach the disk.
	if (!(isBegun(last) || /^\0+$/.test(last))) {
		throw new UnreadableFile(
			path,
			lines.length === 0
				? t('{foreign}: see its line {lines}', {foreign: t(foreign), lines: lines.length + 1})
				: t('is damaged: see its line {lines}', {lines: lines.length + 1}),
		);
	}

	return {values, isTorn: true};
}

function entryIn(line: string): {readonly key: string; readonly value: unknown} | undefined {
	try {
		const entry: unknown = JSON.parse(line);
		return isObject(entry) && typeof entry.key === 'string' ? {key: entry.key, value: entry.value} : undefined;
	} catch {
		return undefined;
	}
}

/** Whether it is the beginning of a line as `lineOf` makes it. */
function isBegun(line: string): boolean {
	const begin = '{"time":';
	return line.startsWith(begin) || begin.startsWith(line);
}

function lineOf(key: string, value: unknown): string {
	return JSON.stringify({time: Date.now(), key, value});
}
