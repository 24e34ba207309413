import {readFile} from 'node:fs/promises';
import {type Entry, readListing, shown, unlike} from '../../host/listing.js';
import {listTree} from '../../host/walk.js';
import {notListed} from './make.js';
import {manifestFile, readBackupRecord} from './record.js';

/**
Reads a complete backup through and compares it with its manifest, and that with the header. Returns the paths that are
damaged, missing or foreign; empty for a sound backup. Rejects between two files when it is given up.
*/
export async function verifyBackup(directory: string, signal?: AbortSignal): Promise<string[]> {
	const record = await readBackupRecord(directory);
	return record
		? damagedPaths(directory, record.manifest, {trusting: false, ...(signal ? {signal} : {})})
		: ['backup.json'];
}

/**
Paths in which a backup is not what its manifest says, whose SHA-256 is given. Trusting, it reads only what the kernel
says was changed since the manifest was written: enough for what will be read once more before it is used.
*/
export async function damagedPaths(
	directory: string,
	seal: string,
	{
		signal,
		trusting,
		within = () => true,
	}: {readonly trusting: boolean; readonly within?: (entry: Entry) => boolean; readonly signal?: AbortSignal},
): Promise<string[]> {
	const damaged = await damagedManifest(directory, seal);
	if (damaged.length > 0) {
		return damaged;
	}

	const file = manifestFile(directory);
	const known = trusting ? {known: readListing(file)} : {};
	const found = listTree(directory, {exclude: notListed, live: true, ...known});
	for await (const [now, before] of unlike(found, readListing(file))) {
		signal?.throwIfAborted();
		const entry = before ?? now;
		// The directory itself may have been moved, and its times are not its contents.
		if (entry && entry.path !== '' && within(entry)) {
			damaged.push(shown(entry.path));
		}
	}

	return damaged;
}

/** The manifest, if it is not the one whose SHA-256 is given. */
export async function damagedManifest(directory: string, seal: string): Promise<string[]> {
	const file = manifestFile(directory);
	return (await digestOf(file)) === seal ? [] : [file];
}

async function digestOf(file: string): Promise<string | undefined> {
	const {createHash} = await import('node:crypto');
	const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') {
			throw error;
		}

		return undefined;
	});
	return content && createHash('sha256').update(content).digest('hex');
}
