import {realpath} from 'node:fs/promises';
import {join, relative} from 'node:path';

/** Where this program keeps things inside of an installation: what must lie on its filesystem. */
export const ownFolder = '.omflow-tui';

/** Left out of the final backup, and not touched by putting it back. */
export function excludedFrom(hop: {readonly needs?: unknown}): readonly string[] {
	// An old environment that is exchanged is kept itself; one that stays can be changed by patch.sh.
	return hop.needs ? [ownFolder, 'python'] : [ownFolder];
}

/** Folder on the filesystem of the environment, where runs put things aside. */
export function asideOf(base: string): string {
	return join(base, ownFolder);
}

/** Where a run builds the new environment, and keeps the old one after the exchange. */
export function stagingOf(base: string, run: string): string {
	return join(asideOf(base), run, 'python');
}

/** Path of a file relative to `base` when its copy is in a backup of that; links are followed. */
export async function placeInBackup(
	base: string,
	file: string,
	exclude: readonly string[],
): Promise<string | undefined> {
	const [root, real] = await Promise.all([base, file].map(path => realpath(path).catch(() => undefined)));
	const place = root && real ? relative(root, real) : '..';
	const isCopied = isInside(place) && !exclude.some(path => place === path || place.startsWith(`${path}/`));
	return isCopied ? place : undefined;
}

/** Whether a relative path stays below where it starts. */
export function isInside(place: string): boolean {
	return place !== '' && place !== '..' && !place.startsWith('../');
}
