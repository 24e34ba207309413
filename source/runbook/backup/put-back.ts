import {rmdir, unlink} from 'node:fs/promises';
import {join} from 'node:path';
import {StepError} from '../../engine/step.js';
import {copyFiles, differs, restoreTree} from '../../host/backup.js';
import {syncFilesystem} from '../../host/files.js';
import {
	below,
	bytesOf,
	type Difference,
	type Entry,
	isFile,
	isWithin,
	readListing,
	shown,
	unlike,
	without,
	writeListing,
} from '../../host/listing.js';
import {digestFile, pathIn} from '../../host/walk.js';
import {t} from '../../locales/index.js';
import {excludedFrom, ownFolder} from '../../preflight/scope.js';
import {paths, recorded, type StepContext} from '../facts.js';
import {allEnded} from './all-ended.js';
import {loadDatabases} from './databases.js';
import {listInstallation} from './make.js';
import {manifestFile, parts, readBackupRecord} from './record.js';
import {damagedManifest, damagedPaths} from './verify.js';

/** Files and database of the installation go back together, to what this run has sealed. May be cut and called again. */
export async function putBackOwn(context: StepContext): Promise<void> {
	const directory = paths.backup(context);
	const seal = context.recall<string>(recorded.sealed);
	const record = await readBackupRecord(directory);
	if (!seal || !record) {
		throw new StepError(
			t('The backup {directory} is not complete, so nothing was put back from it.', {directory}),
			t(
				'If another version of omflow-tui made it, use that one. Else put files and database back from a backup of your own.',
			),
		);
	}

	await putFilesBack(context, {directory, seal, exclude: excludedFrom(context.facts)});
	await loadDatabases(context, directory, record);
}

export type Sealed = {
	readonly directory: string;
	/** SHA-256 of its manifest. */
	readonly seal: string;
	/** Paths of the installation that stay as they are. */
	readonly exclude?: readonly string[];
};

/**
Makes the files of the installation what a backup holds, and proves it. Reads only what changed since it was read last,
and of the backup what it is about to copy: a damaged one overwrites nothing. May be cut and called again.
*/
export async function putFilesBack(context: StepContext, {directory, exclude = [], seal}: Sealed): Promise<void> {
	const {base} = context.facts;
	const copy = join(directory, parts.installation);
	const spared = [...new Set([ownFolder, ...exclude])];
	const compare = async (listed: AsyncIterable<Entry>) => {
		const now = without(listed, spared);
		const wanted = without(below(readListing(manifestFile(directory)), parts.installation), spared);
		const found: Difference[] = [];
		for await (const pair of unlike(now, wanted)) {
			found.push(pair);
		}

		return found;
	};

	const changed = async () => {
		await writeListing(paths.listing(context), listInstallation(context));
		return compare(readListing(paths.listing(context)));
	};

	// People wait: contents are looked at here, everything else by another program meanwhile. This way round: of two names
	// of one file rsync sees only those that the second tree lacks.
	const different = async () => {
		const [left, seen] = await allEnded([changed(), differs(context, copy, base, {exclude: spared})]);
		return [...left.map(([now, held]) => shown((held ?? now)?.path ?? '')), ...seen];
	};

	refuseDamaged(directory, await damagedManifest(directory, seal));
	refuseDamaged(directory, await damagedBeside(directory));
	// Nothing is written before room was made: the disk may be full.
	const before = await compare(listInstallation(context));
	refuseDamaged(directory, await damagedAmong(copy, before));
	await putBackThese(context, before, {base, copy});
	let left = await different();
	if (left.length > 0) {
		// What a listing does not tell, hard links and attributes: everything is gone through.
		const ours = exclude.map(path => join(parts.installation, path));
		const isOf = ({path}: Entry) => !ours.some(excluded => path === excluded || isWithin(path, excluded));
		refuseDamaged(directory, await damagedPaths(directory, seal, {trusting: true, within: isOf}));
		await restoreTree(context, copy, base, {exclude: spared});
		left = await different();
	}

	if (left.length > 0) {
		throw new StepError(
			t('After putting the backup back these still differ: {left}.', {left: left.slice(0, 3).join(', ')}),
			t('Find out what writes there.'),
		);
	}

	await syncFilesystem(context, base);
}

/** What the backup does not have goes first: on a full disk it is what takes the room. */
async function putBackThese(
	context: StepContext,
	different: readonly Difference[],
	{base, copy}: {readonly base: string; readonly copy: string},
): Promise<void> {
	// A directory comes after what is in it. One that is not empty keeps what is to stay as it is.
	for (const [now, held] of different.toReversed()) {
		if (now && !held) {
			await removeOne(pathIn(Buffer.from(base), now.path), (now.mode & 0o170000) === 0o040000);
		}
	}

	const held = different.flatMap(([, entry]) => (entry && entry.path !== '' ? [bytesOf(entry.path)] : []));
	if (held.length > 0) {
		await copyFiles(context, copy, base, held);
	}
}

async function removeOne(path: Buffer, isDirectory: boolean): Promise<void> {
	try {
		await (isDirectory ? rmdir(path) : unlink(path));
	} catch (error) {
		if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			throw error;
		}
	}
}

/** Of the files that are to be copied, those whose copy is not what it was when it was sealed. */
async function damagedAmong(copy: string, before: readonly Difference[]): Promise<string[]> {
	const damaged: string[] = [];
	for (const [, held] of before) {
		if (held && isFile(held) && (await digestIfThere(pathIn(Buffer.from(copy), held.path))) !== held.content) {
			damaged.push(`${parts.installation}/${shown(held.path)}`);
		}
	}

	return damaged;
}

/** Of what a backup holds beside the installation, dumps for the most part, what is not what it was when it was sealed. */
async function damagedBeside(directory: string): Promise<string[]> {
	const damaged: string[] = [];
	for await (const held of readListing(manifestFile(directory))) {
		const isBeside = isFile(held) && !isWithin(held.path, parts.installation);
		if (isBeside && (await digestIfThere(pathIn(Buffer.from(directory), held.path))) !== held.content) {
			damaged.push(shown(held.path));
		}
	}

	return damaged;
}

async function digestIfThere(path: Buffer): Promise<string | undefined> {
	return digestFile(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') {
			throw error;
		}

		return undefined;
	});
}

/** Putting a damaged backup back would spread the damage. */
function refuseDamaged(directory: string, damaged: readonly string[]): void {
	if (damaged.length > 0) {
		throw new StepError(
			damaged.length === 1
				? t('The backup {directory} is damaged: {damaged} is not what was sealed. Nothing of that was put back.', {
						directory,
						damaged: damaged.slice(0, 3).join(', '),
					})
				: t('The backup {directory} is damaged: {damaged} are not what was sealed. Nothing of that was put back.', {
						directory,
						damaged: damaged.slice(0, 3).join(', '),
					}),
			t(
				'Look for errors of the disk and for who writes there. Bring it back as it was and start omflow-tui again, or put files and database back by hand from a backup of your own.',
			),
		);
	}
}
