import {copyFile, cp, lstat, mkdir, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {removeTree} from './files.js';
import type {Runner} from './process.js';

/**
A root directory of another system's packages, unpacked and never installed: none of their scripts is run, and what runs
inside does so as nobody. It lets another release's Python resolve and build as it would there.
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

/** User and group of whoever works inside. */
export const nobody = 65_534;

/** What a compiler and scripts want of every system, and no package says that it needs. */
export const essentials = ['bash', 'coreutils', 'dash', 'diffutils', 'findutils', 'grep', 'gzip', 'mawk', 'sed', 'tar'];

/** Folders that are links into `/usr` on the systems of today; packages of older ones still name them. */
const merged = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/**
Unpacks package files into a directory, whose former content goes. Throws a CommandError when one cannot be unpacked,
for example because this host's dpkg does not know how it is compressed.
*/
export async function unpackRoot(
	runner: Runner,
	directory: string,
	files: readonly string[],
	onProgress: (unpacked: number) => void,
): Promise<void> {
	await removeTree(directory);
	await mkdir(directory, {recursive: true, mode: 0o755});
	const left = [...files];
	let unpacked = 0;
	const unpackSome = async () => {
		for (let file = left.shift(); file !== undefined; file = left.shift()) {
			await runner.capture(['dpkg-deb', '--extract', file, directory], {timeout: 300_000});
			unpacked++;
			onProgress(unpacked);
		}
	};
	// dpkg-deb spends its time on decompression.
	await Promise.all(Array.from({length: availableParallelism()}, unpackSome));
	await mergeUsr(directory);
	for (const name of ['dev', 'proc', 'tmp', 'work']) {
		await mkdir(join(directory, name), {recursive: true});
	}

	await rm(join(directory, 'tmp'), {recursive: true});
	await symlink('work/home', join(directory, 'tmp'));
	await writeFile(join(directory, 'etc/passwd'), `nobody:x:${nobody}:${nobody}::/work/home:/bin/sh\n`);
	await writeFile(join(directory, 'etc/group'), `nogroup:x:${nobody}:\n`);
}

/** Puts what older packages still name beside `/usr` where it is today. */
export async function mergeUsr(directory: string): Promise<void> {
	for (const name of merged) {
		const top = join(directory, name);
		const found = await lstat(top).catch(() => undefined);
		if (found?.isDirectory()) {
			await cp(top, join(directory, 'usr', name), {recursive: true, verbatimSymlinks: true, force: true});
			await rm(top, {recursive: true});
		}

		if (!found?.isSymbolicLink()) {
			await mkdir(join(directory, 'usr', name), {recursive: true});
			await symlink(`usr/${name}`, top);
		}
	}
}

/** Lets what runs inside find names and trust the same authorities as this host, and further ones. */
export async function connectRoot({directory}: BuildRoot, authorities: readonly string[]): Promise<void> {
	for (const name of ['resolv.conf', 'hosts']) {
		await copyFile(join('/etc', name), join(directory, 'etc', name)).catch(() => {});
	}

	const texts = await Promise.all(authorities.map(path => readFile(path, 'utf8')));
	await mkdir(join(directory, 'etc/ssl/certs'), {recursive: true});
	await writeFile(join(directory, authoritiesInside), texts.join('\n'));
}

/** Where `connectRoot` puts the certificates that are trusted inside. */
export const authoritiesInside = '/etc/ssl/certs/ca-certificates.crt';

/** Constant: paths and the program come as positional parameters, never into the text. */
const script =
	'mount --bind "$2" "$1/work" && mount --rbind /dev "$1/dev" && root="$1" && shift 2 && ' +
	`exec chroot --userspec=${nobody}:${nobody} "$root" "$@"`;

/** argv that runs a program inside. Its mounts are seen by nobody else; they, and all it has started, are gone with it. */
export function inside({directory, work}: BuildRoot): (argv: readonly string[]) => readonly string[] {
	return argv => [
		'/usr/bin/unshare',
		'-m',
		'-p',
		'-f',
		'--kill-child',
		'--propagation',
		'private',
		'--',
		'/bin/sh',
		'-c',
		script,
		'sh',
		directory,
		work,
		...argv,
	];
}

/** The environment of what runs inside. */
export const environmentInside: Readonly<Record<string, string>> = {
	HOME: '/work/home',
	TMPDIR: '/work/home',
	PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
};

/** Licences that a package's copyright file names, as far as it is written for programs; see Debian's copyright-format. */
export async function licenceIn({directory}: Pick<BuildRoot, 'directory'>, name: string): Promise<string | undefined> {
	const text = await readFile(join(directory, 'usr/share/doc', name, 'copyright'), 'utf8').catch(() => '');
	const found = [...text.matchAll(/^License:[ \t]*([^\n]{1,60})$/gm)].map(match => (match[1] ?? '').trim());
	const names = [...new Set(found.filter(Boolean))];
	return names.length === 0 ? undefined : names.slice(0, 8).join(', ');
}

/** Whether a root was unpacked to its end. */
export async function isWholeRoot(directory: string): Promise<boolean> {
	return (await readdir(join(directory, 'work')).catch(() => undefined)) !== undefined;
}
