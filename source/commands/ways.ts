import {findPatches} from '../omflow/patches.js';
import {readablePatch} from './patch.js';
import {Refusal} from './refusal.js';
import type {Arguments} from './usage.js';
import {findWay, type Way} from './way.js';

/**
What can be done with the archives that lie about: the shortest way to the newest of them, and a safer one; or why
nothing can. What is no archive at all is left out.
*/
export async function waysOf(
	given: Arguments,
): Promise<{readonly ways: ReadonlyArray<Pick<Way, 'hops'>>; readonly problem?: string}> {
	const found = await findPatches(usualFolders(), usualOwners());
	const read = await Promise.all(found.map(({file}) => readablePatch(file).catch(() => undefined)));
	const patches = read.filter(file => file !== undefined);
	if (patches.length === 0) {
		return {ways: []};
	}

	try {
		const {hops, route} = await findWay({...given, patches});
		const safer = route.safer?.every(({archive}) => archive) ? route.safer : undefined;
		return {ways: [...(safer ? [{hops: safer}] : []), {hops}]};
	} catch (error) {
		if (error instanceof Refusal) {
			return {ways: [], problem: error.message.replaceAll('\n', '; ')};
		}

		throw error;
	}
}

/** The command line that leads this way. */
export function askedFor({hops}: Pick<Way, 'hops'>): Pick<Arguments, 'patches' | 'to' | 'via'> {
	return {
		patches: hops.flatMap(({archive}) => archive ?? []),
		to: hops.at(-1)?.to,
		via: hops.map(({to}) => to),
	};
}

/**
Where administrators put patch archives. Only those of root or of whoever called sudo are taken from there: what lies
in /tmp may be anybody's, and its script would run as root.
*/
export function usualFolders(): readonly string[] {
	return [...new Set([process.cwd(), '/tmp', '/root', process.env.HOME ?? '/root', '/opt'])];
}

/** Whose files are taken from there. */
export function usualOwners(): ReadonlySet<number> {
	return new Set([0, Number(process.env.SUDO_UID ?? 0)]);
}
