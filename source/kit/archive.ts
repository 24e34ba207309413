import {createHash} from 'node:crypto';
import {constants, createReadStream, createWriteStream} from 'node:fs';
import {lstat, mkdir, open, readdir, rename, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {Readable, Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip, createGzip, createZstdCompress, createZstdDecompress} from 'node:zlib';
import {extract, pack} from 'tar-stream';
import {freeBytes, syncDirectory} from '../host/files.js';
import {digestOf, type KitFile, type KitManifest, kitFiles, longestManifest, readManifest} from './manifest.js';

/** A kit that is not used: what is wrong with which of its items, and what to do. */
export class KitRefused extends Error {
	override readonly name = 'KitRefused';
}

/** Told about bytes that are written or read, and how many there are in all. */
export type OnBytes = (done: number, total: number) => void;

const longestSignature = 64 * 1024;
const margin = 16 * 1024 ** 2;

/**
Writes a kit's folder as one archive, compressed as the name of the file says, `.tar.zst` or `.tar.gz`. The manifest
comes first, so that a reader knows what to expect. After a power cut there is the whole archive or none.
*/
export async function writeKit(
	directory: string,
	file: string,
	onBytes: OnBytes = () => {},
): Promise<{readonly bytes: number; readonly sha256: string}> {
	const manifest = readManifest(
		(await readSmall(join(directory, kitFiles.manifest), longestManifest)).toString('utf8'),
	);
	const unfinished = `${file}.unfinished`;
	const hash = createHash('sha256');
	let bytes = 0;
	try {
		await rm(unfinished, {force: true});
		const archive = pack();
		const written = pipeline(
			archive,
			// Packages and wheels are compressed themselves: the quick ways lose nothing.
			file.endsWith('.gz') ? createGzip({level: 1}) : createZstdCompress(),
			new Transform({
				transform(part: Buffer, _, done) {
					hash.update(part);
					bytes += part.length;
					done(null, part);
				},
			}),
			createWriteStream(unfinished, {flags: 'wx', mode: 0o644, flush: true}),
		);
		await Promise.all([written, putAll(archive, directory, manifest, onBytes)]);
		await rename(unfinished, file);
		await syncDirectory(dirname(file));
		return {bytes, sha256: hash.digest('hex')};
	} catch (error) {
		await rm(unfinished, {force: true});
		throw error;
	}
}

async function putAll(
	archive: ReturnType<typeof pack>,
	directory: string,
	{createdAt, files}: KitManifest,
	onBytes: OnBytes,
): Promise<void> {
	const total = files.reduce((sum, {bytes}) => sum + bytes, 0);
	let done = 0;
	const sized = async (path: string) => sizeOf(join(directory, path), path);
	const first = [...(await sized(kitFiles.manifest)), ...(await sized(kitFiles.signature))];
	for (const {bytes, path} of [...first, ...files, ...(await sized(kitFiles.digest))]) {
		const entry = archive.entry({name: path, size: bytes, mode: 0o644, mtime: new Date(createdAt)});
		await pipeline(createReadStream(join(directory, path)), entry);
		done += bytes;
		onBytes(Math.min(done, total), total);
	}

	archive.finalize();
}

async function sizeOf(file: string, path: string): Promise<Array<Pick<KitFile, 'bytes' | 'path'>>> {
	return lstat(file).then(
		({size}) => [{path, bytes: size}],
		() => [],
	);
}

/**
Takes an archive, or a folder, of somebody's into an empty private directory, comparing every file with the manifest on
the way. Throws a KitRefused that names the item which is missing, damaged or not in the manifest; the directory is
empty then.
*/
export async function takeKit(source: string, directory: string, onBytes: OnBytes = () => {}): Promise<KitManifest> {
	try {
		const found = await lstat(source).catch(() => undefined);
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
function isSystem(error: unknown): boolean {
	return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function refusal(source: string, why: string): KitRefused {
	return new KitRefused(
		`${basename(source)} is not the kit that was built: ${why}. Copy it again from the machine that built it.`,
	);
}

/** Writes the files of a kit as they come, each once, and only what the manifest names. */
class Taker {
	readonly #left = new Map<string, KitFile>();
	readonly #ended = new AbortController();
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
	async take(path: string, size: number, content: Readable): Promise<void> {
		if (!this.#manifest) {
			await this.#takeManifest(path, content);
			return;
		}

		if (path === kitFiles.signature) {
			await this.#write(path, content, longestSignature);
			return;
		}

		if (path === kitFiles.digest) {
			const found = await this.#write(path, content, longestSignature);
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

		this.#left.delete(path);
		if ((await this.#write(path, content, file.bytes)) !== file.sha256) {
			throw refusal(this.source, `${path} has another content than its manifest says`);
		}

		this.#done += file.bytes;
		this.onBytes(this.#done, this.#total);
	}

	/** What is still to come; after the end that is what is missing. */
	next(): string | undefined {
		const last = this.#digest === undefined ? undefined : kitFiles.digest;
		return this.#manifest ? (this.#left.keys().next().value ?? last) : kitFiles.manifest;
	}

	/** Lets go of a file that is being written. */
	end(): void {
		this.#ended.abort();
	}

	async #takeManifest(path: string, content: Readable): Promise<void> {
		if (path !== kitFiles.manifest) {
			throw refusal(this.source, 'it does not begin with a manifest');
		}

		const parts: Buffer[] = [];
		let bytes = 0;
		for await (const part of content) {
			bytes += (part as Buffer).length;
			if (bytes > longestManifest) {
				throw refusal(this.source, 'its manifest is too long');
			}

			parts.push(part as Buffer);
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

		await this.#write(path, Readable.from([text]), longestManifest);
		this.#digest = createHash('sha256').update(digestOf(text)).digest('hex');
		this.#manifest = manifest;
	}

	/** Returns the SHA-256 of what was written. */
	async #write(path: string, content: Readable, most: number): Promise<string> {
		const target = join(this.directory, path);
		await mkdir(dirname(target), {recursive: true, mode: 0o700});
		const hash = createHash('sha256');
		let bytes = 0;
		await pipeline(
			content,
			new Transform({
				transform: (part: Buffer, _, done) => {
					bytes += part.length;
					hash.update(part);
					done(bytes > most ? refusal(this.source, `${path} is larger than it should be`) : null, part);
				},
			}),
			createWriteStream(target, {flags: 'wx', mode: 0o600, flush: true}),
			{signal: this.#ended.signal},
		);
		return hash.digest('hex');
	}
}

async function unpack(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	// Not to wait for somebody who would write into a pipe of that name.
	const file = await open(source, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	const taker = new Taker(source, directory, onBytes);
	try {
		if (!(await file.stat()).isFile()) {
			throw new KitRefused(`${source} is neither a file nor a folder. Give the path of the kit.`);
		}

		const {buffer, bytesRead} = await file.read(Buffer.alloc(4), 0, 4, 0);
		const decompress = decompressorFor(buffer.subarray(0, bytesRead));
		if (!decompress) {
			throw new KitRefused(`${source} is no kit: those end in .tar.zst or .tar.gz, and begin accordingly.`);
		}

		const archive = extract();
		const read = pipeline(file.createReadStream({start: 0, autoClose: false}), decompress, archive);
		try {
			// What breaks off within an entry is told by the pipeline alone.
			await Promise.all([read, takeEntries(archive, taker, source)]);
		} catch (error) {
			taker.end();
			archive.destroy();
			throw error instanceof KitRefused || isSystem(error) ? error : cut(source, taker, error as Error);
		}

		if (!taker.manifest || taker.next() !== undefined) {
			throw cut(source, taker);
		}

		return taker.manifest;
	} finally {
		await file.close();
	}
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

		await taker.take(name, size, entry as unknown as Readable);
	}
}

function cut(source: string, taker: Taker, error?: Error): KitRefused {
	const why = error ? ` (${error.message})` : '';
	return refusal(source, `it ends before ${taker.next() ?? 'its end'}, or is damaged there${why}`);
}

function decompressorFor(start: Buffer) {
	if (start[0] === 0x1f && start[1] === 0x8b) {
		return createGunzip();
	}

	return start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined;
}

/** A folder is copied, so that nobody can change it afterwards. */
async function copyFolder(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	const taker = new Taker(source, directory, onBytes);
	const take = async (path: string) => {
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

async function readSmall(file: string, most: number): Promise<Buffer> {
	const handle = await open(file, 'r');
	try {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(most), 0, most, 0);
		return buffer.subarray(0, bytesRead);
	} finally {
		await handle.close();
	}
}
