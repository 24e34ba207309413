import {readdir, readFile, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {Runner} from './process.js';
import {apart, changeTree, mergeUsr, nobody, unpackPackages} from './unpack.js';

/**
A root directory of another system's packages, unpacked and never installed: none of their scripts is run, and what runs
inside does so as nobody, who can change nothing there. It lets another release's Python resolve and build as it would
there.
*/
export type BuildRoot = {
	readonly directory: string;
	/**
	Folder that is seen at `/work` inside. It is root's, so that nothing in it can be made to lead elsewhere; only what is
	in its folder `home` is written by what runs inside, and is not to be trusted.
	*/
	readonly work: string;
};

/** Where what runs inside may write, as seen from outside. */
export function homeOf({work}: Pick<BuildRoot, 'work'>): string {
	return join(work, 'home');
}

/** What a compiler and scripts want of every system, and no package says that it needs. */
export const essentials = ['bash', 'coreutils', 'dash', 'diffutils', 'findutils', 'grep', 'gzip', 'mawk', 'sed', 'tar'];

/** Places for what is mounted, and whom programs look up. `work` comes last, and says that it is whole. */
const furniture = [
	'mkdir -p dev etc proc',
	'touch dev/null dev/zero dev/random dev/urandom',
	'rm -rf tmp etc/hosts etc/resolv.conf etc/pip.conf etc/passwd etc/group',
	'touch etc/hosts etc/resolv.conf etc/pip.conf',
	'ln -s work/home tmp',
	`echo nobody:x:${nobody}:${nobody}::/work/home:/bin/sh > etc/passwd`,
	`echo nogroup:x:${nobody}: > etc/group`,
	'mkdir work',
].join(' && ');

/** Unpacks package files of a folder into a directory, so that it can be worked in; see `unpackPackages`. */
export async function unpackRoot(
	runner: Runner,
	directory: string,
	packages: {readonly folder: string; readonly names: readonly string[]},
	onProgress: (unpacked: number) => void,
): Promise<void> {
	await unpackPackages(runner, directory, packages, onProgress);
	await mergeUsr(runner, directory);
	await changeTree(runner, directory, furniture);
}

/** Whether a root was unpacked to its end. */
export async function isWholeRoot(directory: string): Promise<boolean> {
	return (await readdir(join(directory, 'work')).catch(() => undefined)) !== undefined;
}

/** Names in `work` of what is trusted inside, and of pip's settings for the whole system. */
export const inWork = {trusted: 'trusted.pem', pip: 'etc-pip.conf'} as const;

/** Constant: paths and the program come as positional parameters, never into the text. */
const script = [
	'mount -t tmpfs -o mode=755 tmpfs /mnt',
	'mkdir /mnt/root',
	'mount --bind "$1" /mnt/root',
	'mount -o remount,bind,ro,nosuid,nodev /mnt/root',
	'mount --bind "$2" /mnt/root/work',
	'mount -o remount,bind,nosuid,nodev /mnt/root/work',
	'for name in null zero random urandom; do mount --bind "/dev/$name" "/mnt/root/dev/$name" || exit; done',
	// Names are found as on this host.
	'for name in hosts resolv.conf; do [ ! -e "/etc/$name" ] || mount --bind "/etc/$name" "/mnt/root/etc/$name" || exit; done',
	`{ [ ! -e "$2/${inWork.pip}" ] || mount --bind "$2/${inWork.pip}" /mnt/root/etc/pip.conf; }`,
	'shift 2',
	`exec /usr/bin/setpriv --no-new-privs -- chroot --userspec=${nobody}:${nobody} /mnt/root "$@"`,
].join(' && ');

/** argv that runs a program inside. */
export function inside({directory, work}: BuildRoot): (argv: readonly string[]) => readonly string[] {
	return argv => [...apart(), '/bin/sh', '-c', script, 'sh', directory, work, ...argv];
}

/** The environment of what runs inside. */
export const environmentInside: Readonly<Record<string, string>> = {
	HOME: '/work/home',
	TMPDIR: '/work/home',
	PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
};

/** Licences that a package's copyright file names, as far as it is written for programs; see Debian's copyright-format. */
export async function licenceIn({directory}: Pick<BuildRoot, 'directory'>, name: string): Promise<string | undefined> {
	const text = await textIn(directory, `usr/share/doc/${name}/copyright`);
	const found = [...text.matchAll(/^License:[ \t]*([ -~]{1,60})$/gm)].map(match => (match[1] ?? '').trim());
	const names = [...new Set(found.filter(Boolean))];
	return names.length === 0 ? undefined : names.slice(0, 8).join(', ');
}

/** A file of the root, and none of this host that a link in it leads to. */
async function textIn(directory: string, name: string): Promise<string> {
	try {
		const [root, path] = [await realpath(directory), await realpath(join(directory, name))];
		return path.startsWith(`${root}/`) ? await readFile(path, 'utf8') : '';
	} catch {
		return '';
	}
}
