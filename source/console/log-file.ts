import type {FileHandle} from 'node:fs/promises';

/** A line of a file, the byte it begins at, and the one at which the next begins. */
export type LogLine = {readonly at: number; readonly next: number; readonly text: string};

// What is read at a time; a line longer than this is shown as several.
const CHUNK = 64 * 1024;
const SEARCH_CHUNK = 256 * 1024;
const LINE_FEED = 10;

async function read(handle: FileHandle, from: number, to: number): Promise<Buffer> {
	const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
	const {bytesRead} = await handle.read(buffer, 0, buffer.length, from);
	return buffer.subarray(0, bytesRead);
}

/** Reads so many lines from a byte on. */
export async function readForward(handle: FileHandle, from: number, count: number, size: number): Promise<LogLine[]> {
	const lines: LogLine[] = [];
	let at = from;
	while (lines.length < count && at < size) {
		const chunk = await read(handle, at, Math.min(size, at + CHUNK));
		if (chunk.length === 0) {
			break;
		}

		let start = 0;
		while (lines.length < count) {
			const end = chunk.indexOf(LINE_FEED, start);
			if (end === -1) {
				break;
			}

			lines.push({at: at + start, next: at + end + 1, text: chunk.toString('utf8', start, end)});
			start = end + 1;
		}

		if (lines.length < count && (start === 0 || at + chunk.length >= size)) {
			// The last line, still without its end, or one longer than a chunk.
			if (start < chunk.length) {
				lines.push({at: at + start, next: at + chunk.length, text: chunk.toString('utf8', start)});
			}

			start = chunk.length;
		}

		at += start;
	}

	return lines;
}

/** Byte at which the line begins that is so many lines before the given byte. */
export async function startBefore(handle: FileHandle, before: number, count: number): Promise<number> {
	let found = 0;
	let end = before;
	// The line feed just before belongs to the line before, not to one of its own.
	let skip = true;
	while (end > 0) {
		const from = Math.max(0, end - CHUNK);
		const chunk = await read(handle, from, end);
		let at = skip && chunk.at(-1) === LINE_FEED ? chunk.length - 1 : chunk.length;
		skip = false;
		while (at > 0) {
			const previous = chunk.lastIndexOf(LINE_FEED, at - 1);
			if (previous === -1) {
				break;
			}

			found++;
			if (found === count) {
				return from + previous + 1;
			}

			at = previous;
		}

		end = from;
	}

	return 0;
}

/** The last so many lines before a byte, which must begin a line or end the file. However long they are, no more are kept. */
export async function linesBefore(handle: FileHandle, before: number, count: number): Promise<LogLine[]> {
	let lines: LogLine[] = [];
	let at = await startBefore(handle, before, count);
	while (at < before) {
		const next = await readForward(handle, at, PIECES, before);
		const last = next.at(-1);
		if (last === undefined) {
			break;
		}

		lines = [...lines, ...next].slice(-count);
		at = last.next;
	}

	return lines;
}

const PIECES = 100;

export type Search = {
	readonly query: string;
	/** Byte to search from. */
	readonly from: number;
	readonly signal: AbortSignal;
	/** Called with the byte reached. */
	progress(at: number): void;
};

/*
Bytes are compared as they are, letters of ASCII without regard to case: so that an offset in the text is
an offset in the file, whatever the file holds.
*/
const fold = (text: string) => text.toLowerCase();
const needleOf = (query: string) => fold(Buffer.from(query).toString('latin1'));

/** Beginning of the last line before a byte that holds the text; the file is read backwards, a piece at a time. */
export async function searchBackward(handle: FileHandle, search: Search): Promise<number | undefined> {
	const needle = needleOf(search.query);
	let end = search.from;
	while (end > 0 && !search.signal.aborted) {
		const from = Math.max(0, end - SEARCH_CHUNK - needle.length);
		const text = fold((await read(handle, from, end)).toString('latin1'));
		const hit = text.lastIndexOf(needle);
		if (hit !== -1) {
			return startBefore(handle, from + hit + 1, 1);
		}

		if (from === 0) {
			return undefined;
		}

		// The pieces overlap, so that a hit across their border is found.
		end = from + needle.length - 1;
		search.progress(from);
	}

	return undefined;
}

/** Beginning of the first line from a byte on that holds the text. */
export async function searchForward(handle: FileHandle, search: Search, size: number): Promise<number | undefined> {
	const needle = needleOf(search.query);
	let from = search.from;
	while (from < size && !search.signal.aborted) {
		const end = Math.min(size, from + SEARCH_CHUNK + needle.length);
		const text = fold((await read(handle, from, end)).toString('latin1'));
		const hit = text.indexOf(needle);
		if (hit !== -1) {
			return startBefore(handle, from + hit + 1, 1);
		}

		if (end === size) {
			return undefined;
		}

		from = end - needle.length + 1;
		search.progress(from);
	}

	return undefined;
}
