import type {BigIntStats} from 'node:fs';
import {closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync} from 'node:fs';
import {breather} from './files.js';
import {bytesOf, type Entry, pathOf, sideBySide} from './listing.js';

export type ListOptions = {
	/** Paths relative to the root; each stands for itself and everything below it. */
	readonly exclude?: readonly string[];
	/** An earlier listing of this very tree: contents are taken from it where the file did not change since. */
	readonly known?: AsyncIterable<Entry>;
	/** Files that are read in any case. */
	readonly afresh?: ReadonlySet<string>;
	/** The tree is in use: what vanishes meanwhile is left out. */
	readonly live?: boolean;
};

/** Lists a tree, in order. Reads every file that `known` does not vouch for. */
export async function* listTree(root: string, options: ListOptions = {}): AsyncGenerator<Entry> {
	const {afresh, exclude = [], known, live = false} = options;
	const excluded = new Set(exclude);
	const start = Buffer.from(root);
	const breathe = breather();

	const found = walk(start, excluded, live);
	for await (const [now, before] of known ? sideBySide(found, known) : alone(found)) {
		if (!now) {
			continue;
		}

		await breathe();
		if ((now.mode & 0o170000) !== 0o100000) {
			yield now;
			continue;
		}

		if (before && before.witness !== '' && before.witness === now.witness && !afresh?.has(now.path)) {
			yield {...now, content: before.content};
			continue;
		}

		const content = await ifThere(live, async () => digestFile(pathIn(start, now.path), breathe));
		if (content !== undefined) {
			yield {...now, content};
		}
	}
}

/** SHA-256 of a file's content. `breathe` lets others have their turn. */
export async function digestFile(path: Buffer, breathe = breather()): Promise<string> {
	// Once and not for every file: the bundle copies all that the module has each time it is imported.
	crypto ??= await import('node:crypto');
	const hash = crypto.createHash('sha256');
	const file = openSync(path, 'r');
	try {
		for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
			hash.update(piece.subarray(0, read));
			await breathe();
		}
	} finally {
		closeSync(file);
	}

	return hash.digest('hex');
}

let crypto: typeof import('node:crypto') | undefined;
const piece = Buffer.allocUnsafe(256 * 1024);

async function* alone(entries: AsyncIterable<Entry>): AsyncGenerator<readonly [Entry, undefined]> {
	for await (const entry of entries) {
		yield [entry, undefined];
	}
}

/** Everything of a tree in order; files without their content. */
async function* walk(root: Buffer, excluded: ReadonlySet<string>, live: boolean): AsyncGenerator<Entry> {
	const stack = [''];
	for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
		const at = pathIn(root, path);
		const relative = path;
		const entry = await ifThere(live && path !== '', async () => entryOf(at, relative));
		if (!entry) {
			continue;
		}

		yield entry;
		if ((entry.mode & 0o170000) === 0o040000) {
			const names = (await ifThere(live, async () => readdirSync(at, 'buffer'))) ?? [];
			const inside = names.sort((a, b) => Buffer.compare(b, a)).map(name => joined(relative, name));
			stack.push(...inside.filter(name => !excluded.has(name)));
		}
	}
}

function entryOf(at: Buffer, path: string): Entry {
	const stat = lstatSync(at, {bigint: true});
	const kind = Number(stat.mode) & 0o170000;
	return {
		path,
		mode: Number(stat.mode),
		uid: Number(stat.uid),
		gid: Number(stat.gid),
		size: Number(stat.size),
		mtime: String(stat.mtimeNs),
		content:
			kind === 0o120000
				? pathOf(readlinkSync(at, 'buffer'))
				: kind === 0o020000 || kind === 0o060000
					? String(stat.rdev)
					: '',
		witness: witnessOf(stat),
	};
}

/** As long as a clock tick of the filesystem may be, and a good deal more. */
const settled = 2_000_000_000n;

function witnessOf({dev, ino, ctimeNs}: BigIntStats): string {
	return ctimeNs + settled < BigInt(Date.now()) * 1_000_000n ? `${dev}:${ino}:${ctimeNs}` : '';
}

/** A path of a tree as the kernel takes it. */
export function pathIn(root: Buffer, path: string): Buffer {
	return path === '' ? root : Buffer.concat([root, Buffer.from('/'), bytesOf(path)]);
}

function joined(path: string, name: Buffer): string {
	return pathOf(path === '' ? name : Buffer.concat([bytesOf(path), Buffer.from('/'), name]));
}

async function ifThere<Result>(live: boolean, look: () => Promise<Result>): Promise<Result | undefined> {
	try {
		return await look();
	} catch (error) {
		if (live && (error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}
