import {mkdir, rm, writeFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import {StepError} from '../../engine/step.js';
import {pythonLink} from '../../host/alternatives.js';
import {beginCopy, copyFiles, copyTree, differs} from '../../host/backup.js';
import {packageList} from '../../host/dpkg.js';
import {isThere, syncFilesystem, writeDurably} from '../../host/files.js';
import {
	below,
	bytesOf,
	differUnseen,
	type Entry,
	readListing,
	shown,
	unlike,
	without,
	writeListing,
} from '../../host/listing.js';
import {markerOf} from '../../host/venv.js';
import {listTree} from '../../host/walk.js';
import {t} from '../../locales/index.js';
import type {Dump} from '../../omflow/dump.js';
import {partsOf} from '../../omflow/installation.js';
import {unitFiles} from '../../omflow/service.js';
import {ownFolder} from '../../preflight/scope.js';
import {installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {allEnded} from './all-ended.js';
import {type BackupRecord, copyOf, manifestFile, parts, recordFile} from './record.js';

/**
Copies everything while OMFLOW runs, reads the copy back and compares. Returns how much there is, and how many paths are
different by now, which the copy in the window has to bring. May be cut and called again.
*/
export async function makeFirstCopy(
	context: StepContext,
): Promise<{readonly files: number; readonly bytes: number; readonly behind: number}> {
	const {base} = context.facts;
	const directory = paths.backup(context);
	const copy = copyOf(context, 'installation');
	const exclude = [ownFolder];
	await mkdir(directory, {recursive: true, mode: 0o700});
	const isBegun = await isThere(copy);
	// Reading takes one processor, copying the other. Neither goes on behind the back of a step that failed.
	const [{files, bytes}, packages] = await allEnded([
		writeListing(paths.listing(context), listInstallation(context, exclude, true)),
		packageList(context),
		isBegun ? undefined : beginCopy(context, base, copy, {exclude}),
	]);
	await copyTree(context, base, copy, {exclude, live: true});
	await copySystem(context, directory);
	await writeFile(join(directory, parts.packages), packages, {mode: 0o600});
	// Now, while OMFLOW runs: what waits to be written would have to be waited for in the window.
	await syncFilesystem(context, directory);
	await writeListing(manifestFile(directory), listBackup(context, directory));
	const different = await differencesListed(context, exclude);
	return {files, bytes, behind: different.length};
}

/** Brings the copy up to date while nothing writes, and seals it. May be cut and called again. */
export async function sealBackup(context: StepContext, dumps: readonly Dump[]): Promise<void> {
	const {base, to} = context.facts;
	const directory = paths.backup(context);
	const copy = copyOf(context, 'installation');
	const hasNewEnvironment = await isExchanged(context);
	const exclude = leftOut(hasNewEnvironment);
	await context.record(recorded.sealed, false);
	await rm(recordFile(directory), {force: true});
	await copyTree(context, base, copy, {exclude});
	// Site and environment change places together: what there is of the old ones is in the copy since before that.
	if (!hasNewEnvironment) {
		await copySystem(context, directory);
	}

	await writeListing(paths.listing(context), listInstallation(context, exclude));
	let written = await writeListing(manifestFile(directory), listBackup(context, directory));
	const unseen = await collect(compared(context, exclude), ([now]) => now, differUnseen);
	if (unseen.length > 0) {
		await copyFiles(
			context,
			base,
			copy,
			unseen.flatMap(entry => (entry ? [bytesOf(entry.path)] : [])),
		);
		written = await writeListing(manifestFile(directory), listBackup(context, directory));
	}

	const installation = installationBefore(context);
	const python3 = await pythonLink().catch(() => undefined);
	const record: BackupRecord = {
		schema: 1,
		run: context.facts.run,
		host: hostname(),
		base,
		from: installation.version.text,
		to,
		sealedAt: Date.now(),
		files: written.files,
		bytes: written.bytes,
		manifest: written.sha256,
		installation,
		dumps,
		...(python3 ? {python3} : {}),
	};
	await writeDurably(recordFile(directory), `${JSON.stringify(record, null, '\t')}\n`);
	// What the seal promises must be on the disk before the promise is.
	await syncFilesystem(context, directory);
	await context.record(recorded.sealed, written.sha256);
}

/** Paths in which the installation differs from its sealed copy, looked at anew. */
export async function differences(context: StepContext): Promise<string[]> {
	await writeListing(paths.listing(context), listInstallation(context, leftOut(await isExchanged(context))));
	return differencesSeen(context);
}

/** The same with the contents that were read last; attributes are looked at anew. */
export async function differencesSeen(context: StepContext): Promise<string[]> {
	const exclude = leftOut(await isExchanged(context));
	const [listed, seen] = await Promise.all([
		differencesListed(context, exclude),
		differs(context, context.facts.base, copyOf(context, 'installation'), {exclude}),
	]);
	return [...new Set([...listed, ...seen])];
}

async function differencesListed(context: StepContext, exclude: readonly string[]): Promise<string[]> {
	return collect(compared(context, exclude), ([now, copied]) => shown((now ?? copied)?.path ?? ''));
}

function compared(context: StepContext, exclude: readonly string[]) {
	const manifest = readListing(manifestFile(paths.backup(context)));
	return unlike(readListing(paths.listing(context)), without(below(manifest, parts.installation), exclude));
}

/** Whether the new environment is in service; the old one was copied before. */
async function isExchanged({facts}: StepContext): Promise<boolean> {
	return facts.needs !== undefined && (await markerOf(paths.environment(facts))) === facts.run;
}

/** What is this program's own, and a new environment. */
function leftOut(hasNewEnvironment: boolean): readonly string[] {
	return hasNewEnvironment ? [ownFolder, 'python'] : [ownFolder];
}

/** The installation as it is now. Contents are taken from the listing before, but for databases, which may be mapped. */
export function listInstallation(
	context: StepContext,
	exclude: readonly string[] = [ownFolder],
	live = false,
): AsyncGenerator<Entry> {
	const known = readListing(paths.listing(context));
	return listTree(context.facts.base, {exclude, known, afresh: databaseFiles(context), live});
}

function listBackup(context: StepContext, directory: string): AsyncGenerator<Entry> {
	const afresh = new Set([...databaseFiles(context)].map(file => join(parts.installation, file)));
	return listTree(directory, {exclude: notListed, known: readListing(manifestFile(directory)), afresh});
}

/** What a backup is listed without: the list itself, and what is written after it. */
export const notListed = [parts.manifest, `${parts.manifest}.unfinished`, parts.record, 'first-copy'];

function databaseFiles(context: StepContext): ReadonlySet<string> {
	const {base} = context.facts;
	return new Set(
		partsOf(installationBefore(context)).flatMap(({database: {file}}) =>
			file?.startsWith(`${base}/`)
				? [file, `${file}-wal`, `${file}-journal`].map(path => path.slice(base.length + 1))
				: [],
		),
	);
}

/** What is needed to come back and does not lie in the installation. */
async function copySystem(context: StepContext, directory: string): Promise<void> {
	const installation = installationBefore(context);
	const {apache} = installation;
	if (apache) {
		await copyTree(context, apache.root, join(directory, parts.apache));
	}

	const system = join(directory, parts.system);
	await rm(system, {recursive: true, force: true});
	for (const file of await unitFiles(partsOf(installation).map(({role}) => role))) {
		const place = join(system, file);
		await mkdir(dirname(place), {recursive: true});
		await context.run(['/bin/cp', '--archive', '--no-target-directory', file, place]);
	}
}

async function collect<Item, Result>(
	items: AsyncIterable<Item>,
	map: (item: Item) => Result,
	filter: (item: Item) => boolean = () => true,
): Promise<Result[]> {
	const found: Result[] = [];
	for await (const item of items) {
		if (filter(item)) {
			found.push(map(item));
		}
	}

	return found;
}

/** A difference is a failure: a backup that is not the original is none. */
export function refuseDifferences(different: readonly string[]): void {
	if (different.length > 0) {
		throw new StepError(
			t('The backup differs from the installation: {different}.', {different: different.slice(0, 3).join(', ')}),
			t('Find out what writes there while OMFLOW is stopped.'),
		);
	}
}
