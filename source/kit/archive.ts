import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {lstat, mkdir, open, readdir, rm, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {extract} from 'tar-stream';
import {requirePrivate} from '../host/archive.js';
import {unshowable} from '../host/archive-refused.js';
import {freeBytes} from '../host/files.js';
import {digestOf, type KitFile, type KitManifest, kitFiles, longestManifest, readManifest} from './manifest.js';
import {unpackedFrom} from './unpacked.js';

/** A kit that is not used: what is wrong with which of its items, and what to do. */
export class KitRefused extends Error {
	override readonly name = 'KitRefused';

	/** Names in a message may come from a kit of anybody: nothing in it acts on a screen. */
	constructor(message: string) {
		super(
			message.replaceAll(new RegExp(unshowable, 'gu'), character => `\\u{${character.codePointAt(0)?.toString(16)}}`),
		);
	}
}

/** Told about bytes that are written or read, and how many there are in all. */
export type OnBytes = (done: number, total: number) => void;

const longestSignature = 64 * 1024;
/** Room that a filesystem must have beyond what is unpacked; what an archive may have beyond what is to be in it. */
const margin = 16 * 1024 ** 2;
/** Headers and filling of a member. */
const perMember = 4096;

/**
Takes an archive, or a folder, of somebody's into an empty private directory, comparing every file with the manifest on
the way. `source` may be a link, nothing in a folder may. Throws a KitRefused that names the item which is missing,
damaged or not in the manifest; the directory is empty then. What a folder has besides is left where it is.
Throws an Error, and touches nothing, when the directory is not private or not empty.
*/
export async function takeKit(source: string, directory: string, onBytes: OnBytes = () => {}): Promise<KitManifest> {
	await requirePrivate(directory);
	if ((await readdir(directory)).length > 0) {
		throw new Error(`${directory} must be empty, for only the kit to lie in it afterwards. Empty it.`);
	}

	try {
		const found = await stat(source).catch(() => undefined);
		if (!found) {
			throw new KitRefused(`There is no ${source}. Give the path of the kit.`);
		}

		return found.isDirectory()
			? await copyFolder(source, directory, onBytes)
			: await unpack(source, directory, onBytes);
	} catch (error) {
		for (const name of await readdir(directory)) {
			await rm(join(directory, name), {recursive: true, force: true});
		}

		throw error instanceof KitRefused || isSystem(error) ? error : refusal(source, (error as Error).message);
	}
}

/** Errors of this machine, such as a full disk, are not the kit's. */
function isSystem(error: unknown): error is Error {
	return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES'].includes(
		(error as NodeJS.ErrnoException | undefined)?.code ?? '',
	);
}

function refusal(source: string, why: string): KitRefused {
	return new KitRefused(
		`${basename(source)} is not the kit that was built: ${why}. Copy it again from the machine that built it.`,
	);
}

/** Writes the files of a kit as they come, each once, and only what the manifest names. */
class Taker {
	readonly #left = new Map<string, KitFile>();
	readonly #small = new Set<string>();
	#digest: string | undefined;
	#manifest: KitManifest | undefined;
	#total = 0;
	#done = 0;

	constructor(
		private readonly source: string,
		private readonly directory: string,
		private readonly onBytes: OnBytes,
	) {}

	get manifest(): KitManifest | undefined {
		return this.#manifest;
	}

	/** `size` as whoever brings the file says. */
	async take(path: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
		if (!this.#manifest) {
			await this.#takeManifest(path, size, content);
			return;
		}

		if (path === kitFiles.signature || path === kitFiles.digest) {
			if (size > longestSignature) {
				throw refusal(this.source, `${path} is larger than it should be`);
			}

			if (this.#small.has(path)) {
				throw refusal(this.source, `${path} is there twice`);
			}

			this.#small.add(path);
			const found = await this.#write(path, size, content);
			if (path === kitFiles.signature) {
				return;
			}

			if (found !== this.#digest) {
				throw refusal(this.source, 'its manifest has changed since');
			}

			this.#digest = undefined;
			return;
		}

		const file = this.#left.get(path);
		if (!file) {
			throw refusal(this.source, `${JSON.stringify(path).slice(0, 100)} is not in its manifest, or there twice`);
		}

		if (size !== file.bytes) {
			throw refusal(this.source, `${path} has ${size} bytes, and ${file.bytes} in its manifest`);
		}

		if ((await this.#write(path, size, content)) !== file.sha256) {
			throw refusal(this.source, `${path} has another content than its manifest says`);
		}

		this.#left.delete(path);
		this.#done += file.bytes;
		this.onBytes(this.#done, this.#total);
	}

	/** What is still to come; after the end that is what is missing. */
	next(): string | undefined {
		const last = this.#digest === undefined ? undefined : kitFiles.digest;
		return this.#manifest ? (this.#left.keys().next().value ?? last) : kitFiles.manifest;
	}

	/**
	Bytes that an archive of this kit unpacks to at most: before the manifest is known, with the longest one. What it
	names has a header each, with a long name perhaps, and is filled up.
	*/
	most(): number {
		const files = this.#manifest?.files.length ?? 0;
		return longestManifest + 2 * longestSignature + this.#total + files * perMember + margin;
	}

	async #takeManifest(path: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
		if (path !== kitFiles.manifest) {
			throw refusal(this.source, 'it does not begin with a manifest');
		}

		if (size > longestManifest) {
			throw refusal(this.source, 'its manifest is too long');
		}

		const parts: Uint8Array[] = [];
		for await (const part of exactly(path, size, content)) {
			parts.push(part);
		}

		const text = Buffer.concat(parts);
		let manifest: KitManifest;
		try {
			manifest = readManifest(text.toString('utf8'));
		} catch (error) {
			const {message} = error as Error;
			throw message.includes('newer omflow-tui')
				? new KitRefused(`${basename(this.source)} cannot be used: ${message}.`)
				: refusal(this.source, message);
		}

		this.#total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
		const free = await freeBytes(this.directory);
		if (free < this.#total + margin) {
			const [has, wants] = [free, this.#total + margin].map(value => `${(value / 1e6).toFixed(0)} MB`);
			throw new KitRefused(
				`The filesystem of ${this.directory} has ${has} free, and the kit takes ${wants}. Make room there.`,
			);
		}

		for (const file of manifest.files) {
			this.#left.set(file.path, file);
		}

		await this.#write(path, size, [text]);
		this.#digest = createHash('sha256').update(digestOf(text)).digest('hex');
		this.#manifest = manifest;
	}

	/** Returns the SHA-256 of what was written. Nothing of this goes on when it has thrown. */
	async #write(path: string, size: number, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
		const target = join(this.directory, path);
		await mkdir(dirname(target), {recursive: true, mode: 0o700});
		const hash = createHash('sha256');
		const file = await open(target, 'wx', 0o600);
		try {
			for await (const part of exactly(path, size, content)) {
				hash.update(part);
				await file.writeFile(part);
			}

			await file.sync();
		} finally {
			await file.close();
		}

		return hash.digest('hex');
	}
}

/** So many bytes, no fewer and no more. */
async function* exactly(
	path: string,
	size: number,
	content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const part of content) {
		bytes += part.length;
		if (bytes > size) {
			break;
		}

		yield part;
	}

	if (bytes !== size) {
		throw new Error(`${path} has ${bytes < size ? 'fewer' : 'more'} than ${size} bytes`);
	}
}

async function unpack(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	// Not to wait for somebody who would write into a pipe of that name.
	const file = await open(source, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		if (!(await file.stat()).isFile()) {
			throw new KitRefused(`${source} is neither a file nor a folder. Give the path of the kit.`);
		}

		const unpacked = await unpackedFrom(file);
		if (!unpacked) {
			throw new KitRefused(`${source} is no kit: those end in .tar.zst or .tar.gz, and begin accordingly.`);
		}

		const taker = new Taker(source, directory, onBytes);
		const archive = extract();
		let isTooLong = false;
		const bounded = async function* (parts: AsyncIterable<Buffer>) {
			let bytes = 0;
			for await (const part of parts) {
				bytes += part.length;
				if (bytes > taker.most()) {
					isTooLong = true;
					return;
				}

				yield part;
			}
		};
		try {
			// Both come to their end before anything is said or removed: one of them may still be writing.
			const [read, taken] = await Promise.allSettled([
				pipeline(unpacked.content, bounded, archive),
				takeEntries(archive, taker, source),
			]);
			if (isTooLong && taker.next() !== undefined) {
				throw refusal(source, 'it unpacks to more than its manifest says');
			}

			const why = unpacked.failure() ?? reasonOf(taken) ?? reasonOf(read);
			for (const error of [reasonOf(taken), why]) {
				if (error instanceof KitRefused || isSystem(error)) {
					throw error;
				}
			}

			// What lies behind the end of a whole kit does not matter, but where it was cut it was not copied whole.
			if (!taker.manifest || taker.next() !== undefined || isCut(why)) {
				throw cut(source, taker, why);
			}

			return taker.manifest;
		} finally {
			unpacked.end();
		}
	} finally {
		await file.close();
	}
}

function reasonOf(result: PromiseSettledResult<unknown>): Error | undefined {
	return result.status === 'rejected' ? (result.reason as Error) : undefined;
}

/** Both decompressors say so when their input ends too early. */
function isCut(error: Error | undefined): boolean {
	return (error as NodeJS.ErrnoException | undefined)?.code === 'Z_BUF_ERROR';
}

async function takeEntries(archive: ReturnType<typeof extract>, taker: Taker, source: string): Promise<void> {
	for await (const entry of archive) {
		const {name, size = 0, type} = entry.header;
		if (type === 'directory' && /^(?:\.|(?:\.\/)?(?:debs|wheels|patches))\/?$/.test(name)) {
			entry.resume();
			continue;
		}

		if (type !== 'file') {
			throw refusal(source, `${JSON.stringify(name).slice(0, 100)} is a ${type}, not a file`);
		}

		await taker.take(name, size, entry as unknown as AsyncIterable<Uint8Array>);
	}
}

function cut(source: string, taker: Taker, error?: Error): KitRefused {
	const at = taker.next() ?? 'its end';
	return refusal(
		source,
		isCut(error)
			? `it ends before ${at}, and was not copied whole`
			: `it ends before ${at}, or is damaged there${error ? ` (${error.message})` : ''}`,
	);
}

/** A folder is copied, so that nobody can change it afterwards. */
async function copyFolder(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	const taker = new Taker(source, directory, onBytes);
	const take = async (path: string) => {
		const folder = dirname(path);
		const within = folder === '.' ? undefined : await lstat(join(source, folder)).catch(() => undefined);
		if (within && !within.isDirectory()) {
			throw refusal(source, `${folder} is not a folder`);
		}

		const file = await open(join(source, path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(
			(error: NodeJS.ErrnoException) => {
				throw refusal(
					source,
					error.code === 'ENOENT' ? `${path} is missing` : `${path} cannot be read (${error.code})`,
				);
			},
		);
		try {
			const found = await file.stat();
			if (!found.isFile()) {
				throw refusal(source, `${path} is not a file`);
			}

			await taker.take(path, found.size, file.createReadStream({autoClose: false}));
		} finally {
			await file.close();
		}
	};
	await take(kitFiles.manifest);
	if (await lstat(join(source, kitFiles.signature)).catch(() => undefined)) {
		await take(kitFiles.signature);
	}

	for (let path = taker.next(); path !== undefined; path = taker.next()) {
		await take(path);
	}

	return taker.manifest as KitManifest;
}
