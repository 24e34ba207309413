import {constants} from 'node:fs';
import {lstat, open, readdir, rm, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {extract} from 'tar-stream';
import {requirePrivate} from '../host/archive.js';
import {t} from '../locales/index.js';
import {type KitManifest, kitFiles} from './manifest.js';
import {KitRefused, type OnBytes, refusal, Taker} from './taker.js';
import {unpackedFrom} from './unpacked.js';

/**
Takes an archive, or a folder, of somebody's into an empty private directory, comparing every file with the manifest on
the way. `source` may be a link, nothing in a folder may. Throws a KitRefused that names the item which is missing,
damaged or not in the manifest; the directory is empty then. What a folder has besides is left where it is.
Throws an Error, and touches nothing, when the directory is not private or not empty.
*/
export async function takeKit(source: string, directory: string, onBytes: OnBytes = () => {}): Promise<KitManifest> {
	await requirePrivate(directory);
	if ((await readdir(directory)).length > 0) {
		throw new Error(t('{directory} must be empty, for only the kit to lie in it afterwards. Empty it.', {directory}));
	}

	try {
		const found = await stat(source).catch(() => undefined);
		if (!found) {
			throw new KitRefused(t('There is no {source}. Give the path of the kit.', {source}));
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

async function unpack(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	// Not to wait for somebody who would write into a pipe of that name.
	const file = await open(source, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		if (!(await file.stat()).isFile()) {
			throw new KitRefused(t('{source} is neither a file nor a folder. Give the path of the kit.', {source}));
		}

		const unpacked = await unpackedFrom(file);
		if (!unpacked) {
			throw new KitRefused(t('{source} is no kit: those end in .tar.zst or .tar.gz, and begin accordingly.', {source}));
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
				throw refusal(source, t('it unpacks to more than its manifest says'));
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
			throw refusal(source, t('{name} is a {type}, not a file', {name: JSON.stringify(name).slice(0, 100), type}));
		}

		await taker.take(name, size, entry as unknown as AsyncIterable<Uint8Array>);
	}
}

function cut(source: string, taker: Taker, error?: Error): KitRefused {
	const at = taker.next() ?? t('its end');
	return refusal(
		source,
		isCut(error)
			? t('it ends before {at}, and was not copied whole', {at})
			: t('it ends before {at}, or is damaged there{message}', {at, message: error ? ` (${error.message})` : ''}),
	);
}

/** A folder is copied, so that nobody can change it afterwards. */
async function copyFolder(source: string, directory: string, onBytes: OnBytes): Promise<KitManifest> {
	const taker = new Taker(source, directory, onBytes);
	const take = async (path: string) => {
		const folder = dirname(path);
		const within = folder === '.' ? undefined : await lstat(join(source, folder)).catch(() => undefined);
		if (within && !within.isDirectory()) {
			throw refusal(source, t('{folder} is not a folder', {folder}));
		}

		const file = await open(join(source, path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(
			(error: NodeJS.ErrnoException) => {
				throw refusal(
					source,
					error.code === 'ENOENT'
						? t('{path} is missing', {path})
						: t('{path} cannot be read ({code})', {path, code: error.code}),
				);
			},
		);
		try {
			const found = await file.stat();
			if (!found.isFile()) {
				throw refusal(source, t('{path} is not a file', {path}));
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
