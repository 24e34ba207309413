import {chown, lstat, mkdir} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {removeTree} from './files.js';
import type {Runner} from './process.js';

/** User and group of whoever unpacks packages that are not installed, and works with what is in them. */
export const nobody = 65_534;

/** As nobody, who can become nobody else, whatever is executed. */
export const asNobody = [
	'/usr/bin/setpriv',
	`--reuid=${nobody}`,
	`--regid=${nobody}`,
	'--clear-groups',
	'--no-new-privs',
	'--',
];

/** Runs what follows in namespaces of its own: its mounts are seen by nobody else, and go with it as all it has started does. */
export function apart(...further: readonly string[]): readonly string[] {
	return ['/usr/bin/unshare', '-m', '-p', '-f', '--kill-child', ...further, '--propagation', 'private', '--'];
}

/** Constant: paths and the program come as positional parameters, never into the text. */
const script = [
	'mount -t tmpfs -o mode=755 tmpfs /mnt',
	'mkdir /mnt/root /mnt/from',
	'mount --bind "$1" /mnt/root',
	'mount -o remount,bind,nosuid,nodev /mnt/root',
	'mount --bind "$2" /mnt/from',
	'mount -o remount,bind,ro /mnt/from',
	'shift 2',
	'exec "$@"',
].join(' && ');

/** argv that works as nobody on a directory, seen at `/mnt/root`, with another one at `/mnt/from` to read. */
function inDirectory(directory: string, from: string, argv: readonly string[]): readonly string[] {
	return [...apart(), '/bin/sh', '-c', script, 'sh', directory, from, ...asNobody, ...argv];
}

/**
Unpacks package files of a folder into a directory, whose former content goes. Their scripts are not run. It is done as
nobody: a package may bring a link through which another one would else write anywhere, and programs that make their
caller root. Throws a CommandError when one cannot be unpacked, for example because this host's dpkg does not know how
it is compressed.
*/
export async function unpackPackages(
	runner: Runner,
	directory: string,
	{folder, names}: {readonly folder: string; readonly names: readonly string[]},
	onProgress: (unpacked: number) => void = () => {},
): Promise<void> {
	await removeTree(directory);
	await mkdir(directory, {recursive: true, mode: 0o755});
	await chown(directory, nobody, nobody);
	const left = [...names];
	let unpacked = 0;
	const unpackSome = async () => {
		for (let name = left.shift(); name !== undefined; name = left.shift()) {
			const argv = ['dpkg-deb', '--extract', `/mnt/from/${name}`, '/mnt/root'];
			await runner.capture(inDirectory(directory, folder, argv), {timeout: 300_000});
			unpacked++;
			onProgress(unpacked);
		}
	};
	// dpkg-deb spends its time on decompression.
	await Promise.all(Array.from({length: availableParallelism()}, unpackSome));
}

/** Changes an unpacked tree by a constant script of the shell, in the tree itself and as whoever unpacked it. */
export async function changeTree(runner: Runner, directory: string, text: string): Promise<void> {
	const argv = ['/bin/sh', '-c', `cd /mnt/root && ${text}`];
	await runner.capture(inDirectory(directory, directory, argv), {timeout: 300_000});
}

/** Folders that are links into `/usr` on the systems of today; packages of older ones still name them. */
const merged = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** Puts what older packages still name beside `/usr` where it is today. */
export async function mergeUsr(runner: Runner, directory: string): Promise<void> {
	for (const name of merged) {
		const found = await lstat(join(directory, name)).catch(() => undefined);
		if (found?.isDirectory()) {
			await changeTree(runner, directory, `mkdir -p usr/${name} && cp -a ${name}/. usr/${name}/ && rm -rf ${name}`);
		}

		if (!found?.isSymbolicLink()) {
			await changeTree(runner, directory, `mkdir -p usr/${name} && ln -s usr/${name} ${name}`);
		}
	}
}
