import {createHash} from 'node:crypto';
import {createReadStream, createWriteStream} from 'node:fs';
import {lstat, open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip, createZstdCompress} from 'node:zlib';
import {pack} from 'tar-stream';
import {syncDirectory} from '../host/files.js';
import {type KitFile, type KitManifest, kitFiles, longestManifest, readManifest} from './manifest.js';
import type {OnBytes} from './taker.js';

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

async function readSmall(file: string, most: number): Promise<Buffer> {
	const handle = await open(file, 'r');
	try {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(most), 0, most, 0);
		return buffer.subarray(0, bytesRead);
	} finally {
		await handle.close();
	}
}
