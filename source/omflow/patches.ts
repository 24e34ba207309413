import {lstat, readdir} from 'node:fs/promises';
import path from 'node:path';
import {versionFromName} from '../host/archive.js';
import {numbersOf, parseVersion} from './numbering.js';

/** A patch archive, by its name alone. */
export type PatchArchive = {
	/** Four numbers, to which it updates as its name says. */
	readonly version: string;
	/** Absolute path. */
	readonly file: string;
};

/** How the vendor names the archive for a version. */
export function patchName(version: string): string {
	return `omflow_patch_${version.replaceAll('.', '_')}.tar.gz`;
}

/**
Patch archives in folders where administrators put them, in the order of the folders and then of the names.
With `owners` (user ids) only files of theirs: what lies in /tmp may be anybody's, and its script would run as
root. Links are passed over for the same reason: whose file is behind one can change at any time. So are
folders that cannot be read.
*/
export async function findPatches(folders: readonly string[], owners?: ReadonlySet<number>): Promise<PatchArchive[]> {
	const found: PatchArchive[] = [];
	for (const folder of new Set(folders.map(folder => path.resolve(folder)))) {
		const names = await readdir(folder).catch(() => []);
		for (const name of names.sort()) {
			const version = versionFromName(name);
			const file = path.join(folder, name);
			if (version !== undefined && isVersion(version) && (await isOurs(file, owners))) {
				found.push({version, file});
			}
		}
	}

	return found;
}

async function isOurs(file: string, owners?: ReadonlySet<number>): Promise<boolean> {
	const found = await lstat(file).catch(() => undefined);
	return found?.isFile() === true && (owners?.has(found.uid) ?? true);
}

/** A name can hold numbers that are too long for a version. */
function isVersion(text: string): boolean {
	try {
		return numbersOf(parseVersion(text)) === text;
	} catch {
		return false;
	}
}
