import {createReadStream} from 'node:fs';
import {open, rename} from 'node:fs/promises';
import {basename, dirname} from 'node:path';
import {t} from '../locales/index.js';
import {faultPoint} from './fault.js';
import {syncDirectory} from './files.js';

/**
One name of a tree, with everything that makes it what it is but extended attributes, as a line of a listing has it.
Listings are in the order of a walk, compared name by name as bytes, so that two of them can be gone through side by
side: a tree of a million files never has to be in memory.
*/
export type Entry = {
	/** Relative to the root, which itself is `''`. A name that is no UTF-8 is NUL and its bytes as latin1. */
	readonly path: string;
	/** As lstat(2) gives it: kind and permissions. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	/** Nanoseconds since the epoch. */
	readonly mtime: string;
	/** SHA-256 of a file, target of a link, number of a device; empty for a directory. */
	readonly content: string;
	/**
	What the kernel changes with every change of a file, whatever programs say: device, inode and ctime. Empty where
	the file changed so lately that it could change once more without that being seen.
	*/
	readonly witness: string;
};

/** Reads a listing that `writeListing` wrote. None where there is no such file. */
export async function* readListing(file: string): AsyncGenerator<Entry> {
	const input = createReadStream(file, 'utf8');
	try {
		// Not by readline: to that some characters end a line which JSON leaves as they are, and names may hold them.
		let rest = '';
		for await (const chunk of input) {
			const lines = (rest + chunk).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				yield JSON.parse(line) as Entry;
			}
		}

		if (rest !== '') {
			throw new Error(t('{file} ends in the middle of a line.', {file}));
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}
	} finally {
		input.destroy();
	}
}

export type Written = {readonly files: number; readonly bytes: number; readonly sha256: string};

/** Writes a listing durably and returns what it lists, and its own SHA-256. */
export async function writeListing(file: string, entries: AsyncIterable<Entry>): Promise<Written> {
	const {createHash} = await import('node:crypto');
	const hash = createHash('sha256');
	const unfinished = `${file}.unfinished`;
	const output = await open(unfinished, 'w', 0o600);
	let [files, bytes] = [0, 0];
	let lines = '';
	const flush = async () => {
		hash.update(lines);
		await output.writeFile(lines);
		lines = '';
	};
	try {
		for await (const entry of entries) {
			lines += `${JSON.stringify(entry)}\n`;
			files += isFile(entry) ? 1 : 0;
			bytes += isFile(entry) ? entry.size : 0;
			if (lines.length > 64 * 1024) {
				await flush();
			}
		}

		await flush();
		await output.sync();
	} finally {
		await output.close();
	}

	faultPoint(`write/${basename(file)}`);
	await rename(unfinished, file);
	await syncDirectory(dirname(file));
	return {files, bytes, sha256: hash.digest('hex')};
}

/** Two listings side by side: every path once, with what each of them has of it. */
export async function* sideBySide(
	first: AsyncIterable<Entry>,
	second: AsyncIterable<Entry>,
): AsyncGenerator<Difference> {
	const [one, other] = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()];
	let [a, b] = [(await one.next()).value, (await other.next()).value] as [Entry | undefined, Entry | undefined];
	try {
		while (a ?? b) {
			const order = !a ? 1 : b ? compare(a.path, b.path) : -1;
			yield [order <= 0 ? a : undefined, order >= 0 ? b : undefined];
			if (order <= 0) {
				a = (await one.next()).value as Entry | undefined;
			}

			if (order >= 0) {
				b = (await other.next()).value as Entry | undefined;
			}
		}
	} finally {
		await one.return?.();
		await other.return?.();
	}
}

/** What two trees have of one path; one of them may have nothing. */
export type Difference = readonly [Entry | undefined, Entry | undefined];

/** What differs between two listings: by content, owner, mode, time of a file, or being there. */
export async function* unlike(first: AsyncIterable<Entry>, second: AsyncIterable<Entry>): AsyncGenerator<Difference> {
	for await (const [a, b] of sideBySide(first, second)) {
		if (!(a && b && isAlike(a, b))) {
			yield [a, b];
		}
	}
}

function isAlike(a: Entry, b: Entry): boolean {
	const same = a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.content === b.content;
	// A look can change the times of a directory, and a link is made anew.
	return same && (!isFile(a) || a.mtime === b.mtime);
}

/** Whether they have the same content, but a look at size and time cannot tell that they differ. */
export function differUnseen([a, b]: Difference): boolean {
	return (
		a !== undefined &&
		b !== undefined &&
		isFile(a) &&
		a.size === b.size &&
		a.mtime === b.mtime &&
		a.content !== b.content
	);
}

export function isFile({mode}: Entry): boolean {
	return (mode & 0o170000) === 0o100000;
}

/** The part of a listing below a directory, as if that were the root. */
export async function* below(entries: AsyncIterable<Entry>, directory: string): AsyncGenerator<Entry> {
	for await (const entry of entries) {
		if (entry.path === directory) {
			yield {...entry, path: ''};
		} else if (isWithin(entry.path, directory)) {
			yield {...entry, path: pathOf(bytesOf(entry.path).subarray(Buffer.byteLength(directory) + 1))};
		}
	}
}

/** A listing without these paths and what is below them. */
export async function* without(entries: AsyncIterable<Entry>, excluded: readonly string[]): AsyncGenerator<Entry> {
	for await (const entry of entries) {
		if (!excluded.some(path => entry.path === path || isWithin(entry.path, path))) {
			yield entry;
		}
	}
}

/** Whether a path is below a directory, whose name is UTF-8. */
export function isWithin(path: string, directory: string): boolean {
	return (path.startsWith('\0') ? path.slice(1) : path).startsWith(
		`${path.startsWith('\0') ? Buffer.from(directory).toString('latin1') : directory}/`,
	);
}

/** Name order of a walk: a directory before what is in it, and that before its neighbours. */
function compare(a: string, b: string): number {
	const [first, second] = [a, b].map(path => {
		const bytes = Buffer.from(bytesOf(path));
		for (let at = bytes.indexOf(slash); at >= 0; at = bytes.indexOf(slash, at + 1)) {
			bytes[at] = 0;
		}

		return bytes;
	});
	return Buffer.compare(first ?? nothing, second ?? nothing);
}

const slash = 0x2f;
const nothing = Buffer.alloc(0);

/** Bytes of a path as the kernel has them. */
export function bytesOf(path: string): Buffer {
	return path.startsWith('\0') ? Buffer.from(path.slice(1), 'latin1') : Buffer.from(path);
}

export function pathOf(bytes: Buffer): string {
	const text = bytes.toString();
	return Buffer.from(text).equals(bytes) ? text : `\0${bytes.toString('latin1')}`;
}

/** A path for people. */
export function shown(path: string): string {
	return path === '' ? '.' : JSON.stringify(bytesOf(path).toString()).slice(1, -1);
}
