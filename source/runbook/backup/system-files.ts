import {lstat, mkdir, readdir, readFile, readlink, realpath} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import {removeTree} from '../../host/files.js';
import {type Runner, showCommand} from '../../host/process.js';
import type {Installation} from '../../omflow/installation.js';
import {systemdPlaces} from '../../omflow/service.js';
import {isInside} from '../../preflight/scope.js';

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
	return {
		...(apacheRoot ? {apacheRoot} : {}),
		apache: [...new Set(apache.flat())].sort(),
		units: await filesBelow(join(backup, 'system')),
	};
}

/** Makes these files what a backup holds: what it does not have goes. May be called again after a cut. */
export async function placeSystemFiles(runner: Runner, {apache, apacheRoot, units}: SystemFiles, backup: string) {
	if (apacheRoot) {
		const tree = join(backup, 'apache');
		const held = await Promise.all(apache.map(path => isThere(join(tree, path))));
		for (const path of apache.filter((_, index) => held[index])) {
			await copyFile(runner, join(tree, path), join(apacheRoot, path));
		}

		for (const path of apache.filter((_, index) => !held[index])) {
			await removeTree(join(apacheRoot, path));
		}
	}

	for (const path of units) {
		await copyFile(runner, join(backup, 'system', path), join('/', path));
	}

	if (units.length > 0 && (await isThere(systemdPlaces.running))) {
		await runner.run(['systemctl', 'daemon-reload']);
	}
}

/** The same as commands; of Apache's files, those that the backup does not have are left alone. */
export function placeByHand({apache, apacheRoot, units}: SystemFiles, backup: string): string[] {
	const files = [
		...(apacheRoot ? apache.map(path => [join(backup, 'apache', path), join(apacheRoot, path)] as const) : []),
		...units.map(path => [join(backup, 'system', path), join('/', path)] as const),
	];
	return files.map(([from, to]) => showCommand(['cp', '--archive', from, to]));
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

async function isThere(path: string): Promise<boolean> {
	return lstat(path).then(
		() => true,
		() => false,
	);
}
