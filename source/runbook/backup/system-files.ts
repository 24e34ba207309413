import {lstat, mkdir, readdir, readFile, readlink, realpath} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import {isThere, removeTree, syncFilesystem} from '../../host/files.js';
import {type Runner, showCommand} from '../../host/process.js';
import {t} from '../../locales/index.js';
import {type Installation, partsOf} from '../../omflow/installation.js';
import {systemdPlaces, unitFiles} from '../../omflow/service.js';
import {isInside} from '../../preflight/scope.js';
import type {StepContext} from '../facts.js';

/**
What lies outside of an installation and is part of it all the same, as paths relative to where it is: a restore makes
exactly these what the backup holds, and leaves everything else of Apache and systemd alone.
*/
export type SystemFiles = {
	/** Apache's configuration directory; absent where there is no server. */
	readonly apacheRoot?: string;
	readonly apache: readonly string[];
	/** Relative to `/`. */
	readonly units: readonly string[];
};

/** What there is of that in a backup or on this host now, for which of these the installations are given. */
export async function aboutOmflow(installations: readonly Installation[], backup: string): Promise<SystemFiles> {
	const apacheRoot = installations.find(({apache}) => apache)?.apache?.root;
	const named = installations.flatMap(({apache}) =>
		apache && apacheRoot ? apache.files.map(file => relative(apacheRoot, file)) : [],
	);
	const apache = apacheRoot
		? await Promise.all(
				[join(backup, 'apache'), apacheRoot].map(tree => ofApache(tree, apacheRoot, new Set(named.filter(isInside)))),
			)
		: [];
	const roles = new Set(installations.flatMap(installation => partsOf(installation).map(({role}) => role)));
	const now = await unitFiles([...roles]);
	return {
		...(apacheRoot ? {apacheRoot} : {}),
		apache: [...new Set(apache.flat())].sort(),
		units: [...new Set([...(await filesBelow(join(backup, 'system'))), ...now.map(file => file.slice(1))])].sort(),
	};
}

/** Makes these files what a backup holds: what it does not have goes. May be called again after a cut. */
export async function placeSystemFiles(
	context: Runner & Pick<StepContext, 'directory' | 'say'>,
	{apache, apacheRoot, units}: SystemFiles,
	backup: string,
) {
	if (apacheRoot) {
		await place(context, join(backup, 'apache'), apacheRoot, apache);
	}

	const changed = await place(context, join(backup, 'system'), '/', units);
	if (changed && (await isThere(systemdPlaces.running))) {
		await context.run(['systemctl', 'daemon-reload']);
	}
}

/** Whether anything had to be changed. */
async function place(
	context: Runner & Pick<StepContext, 'directory' | 'say'>,
	from: string,
	to: string,
	paths: readonly string[],
): Promise<boolean> {
	let changed = false;
	for (const path of paths) {
		const [held, now] = await Promise.all([describe(join(from, path)), describe(join(to, path))]);
		if (held === now) {
			continue;
		}

		changed = true;
		if (now !== undefined) {
			await keepReplaced(context, join(to, path));
		}

		await (held === undefined ? removeTree(join(to, path)) : copyFile(context, join(from, path), join(to, path)));
	}

	if (changed) {
		await syncFilesystem(context, to);
	}

	return changed;
}

/** Somebody may have worked on it meanwhile. Want of room for that is no reason not to go on. */
async function keepReplaced(context: Runner & Pick<StepContext, 'directory' | 'say'>, file: string): Promise<void> {
	const kept = join(context.directory, 'replaced', file);
	const why = await copyFile(context, file, kept).then(
		() => t('as it was now it is kept as {kept}', {kept}),
		(error: Error) => t('as it was now could not be kept: {message}', {message: error.message}),
	);
	await context.say(t('{file} goes back to what the backup has; {why}.', {file, why}));
}

/** All that makes a file or link what it is; undefined when it is not there. */
async function describe(path: string): Promise<string | undefined> {
	const found = await lstat(path).catch(() => undefined);
	if (!found) {
		return undefined;
	}

	const content = found.isSymbolicLink() ? await readlink(path) : found.isFile() ? await readFile(path, 'latin1') : '';
	return [found.mode, found.uid, found.gid, content].join(' ');
}

/** The same as commands; what the backup does not have is left alone. */
export async function placeByHand({apache, apacheRoot, units}: SystemFiles, backup: string): Promise<string[]> {
	const files = [
		...(apacheRoot ? apache.map(path => [join(backup, 'apache', path), join(apacheRoot, path)] as const) : []),
		...units.map(path => [join(backup, 'system', path), join('/', path)] as const),
	];
	const states = await Promise.all(
		files.map(async ([from, to]) => {
			const held = await describe(from);
			return held !== undefined && held !== (await describe(to));
		}),
	);
	const commands = files.filter((_, index) => states[index]);
	return [
		...commands.map(([from, to]) => showCommand(['cp', '--archive', '--no-target-directory', from, to])),
		...(commands.length > 0 && (await isThere(systemdPlaces.running)) ? ['systemctl daemon-reload'] : []),
	];
}

/** One at a time: given a list, rsync would make a folder of a link that leads to it, as /lib is one. */
async function copyFile(runner: Runner, from: string, to: string): Promise<void> {
	await mkdir(dirname(to), {recursive: true});
	await runner.run(['/usr/bin/rsync', '-lptgoDHAXS', '--numeric-ids', '--checksum', from, to]);
}

/** Of a copy of Apache's configuration: the named files, what loads the WSGI module, and the links to these. */
async function ofApache(tree: string, root: string, named: ReadonlySet<string>): Promise<string[]> {
	const all = await filesBelow(tree);
	const files = new Set<string>();
	for (const path of all) {
		const found = await lstat(join(tree, path));
		if (found.isFile() && (named.has(path) || (found.size < largest && (await loadsModule(join(tree, path)))))) {
			files.add(path);
		}
	}

	const links = await Promise.all(
		all.map(async path => {
			const target = await readlink(join(tree, path)).catch(() => undefined);
			const end = target === undefined ? undefined : relative(root, resolve(dirname(join(root, path)), target));
			return end !== undefined && files.has(end) ? [path] : [];
		}),
	);
	return [...files, ...links.flat()];
}

/** No configuration file is larger by far. */
const largest = 1_000_000;

async function loadsModule(file: string): Promise<boolean> {
	return /^\s*LoadModule\s+wsgi_module\s/im.test(await readFile(file, 'latin1'));
}

/** Files and links below a directory, relative to it; none when it is not there. */
async function filesBelow(directory: string): Promise<string[]> {
	const root = await realpath(directory).catch(() => undefined);
	const entries = root ? await readdir(root, {recursive: true, withFileTypes: true}) : [];
	return entries
		.filter(entry => entry.isFile() || entry.isSymbolicLink())
		.map(entry => relative(root ?? '', join(entry.parentPath, entry.name)));
}
