import {execFile} from 'node:child_process';
import {access, constants, mkdir, mkdtemp, rm, stat, statfs} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {plainEnvironment} from '../host/process.js';
import {mark, t} from '../locales/index.js';

const execute = promisify(execFile);

/** A view that cannot be opened, found or closed. The message says what, why and what to do. */
export class ViewError extends Error {
	override readonly name = 'ViewError';
}

/**
Room a rehearsal takes in its directory: measured 129 MB for the packages and 300 MB for two environments and
a backup of a small server; the rest is for the server's own files.
*/
export const roomNeeded = 1_500_000_000;

/** Magic numbers of statfs(2): filesystems that cannot hold what a view writes. */
const unfit = new Map([
	[0x794c7630, mark('an overlay filesystem')],
	[0x6969, mark('a network filesystem (NFS)')],
	[0xff534d42, mark('a network filesystem (CIFS)')],
	[0xfe534d42, mark('a network filesystem (SMB)')],
	[0x4d44, mark('a FAT filesystem')],
	[0x65735546, mark('a FUSE filesystem')],
]);

const programs: ReadonlyArray<readonly [program: string, debianPackage: string]> = [
	['unshare', 'util-linux'],
	['nsenter', 'util-linux'],
	['mount', 'mount'],
	['umount', 'mount'],
	['pivot_root', 'util-linux'],
	['ip', 'iproute2'],
	['bash', 'bash'],
];

/**
Finds out whether a view can be opened, by trying the parts of it that a kernel or a container may refuse.
Throws a `ViewError` otherwise. Leaves nothing behind.

@param directory where the view's layers are to be; need not exist
@param neededBytes free room it must have
*/
export async function checkView(directory: string, neededBytes: number = roomNeeded): Promise<void> {
	if (process.getuid?.() !== 0) {
		throw new ViewError(t('A rehearsal needs root, because it mounts filesystems. Start omflow-tui with sudo.'));
	}

	for (const [program, debianPackage] of programs) {
		if (!(await isInstalled(program))) {
			throw new ViewError(
				t('A rehearsal needs the program {program}, which is not installed. Install the package {debianPackage}.', {
					program,
					debianPackage,
				}),
			);
		}
	}

	if (/[\\:,]/.test(directory)) {
		throw new ViewError(
			t(
				'A rehearsal cannot use {directory}: an overlay takes no path with a comma, colon or backslash. Choose another folder.',
				{directory},
			),
		);
	}

	const existing = await nearestExisting(directory);
	const {type, bavail, bsize} = await statfs(existing);
	const why = unfit.get(type);
	if (why) {
		throw new ViewError(
			t(
				'A rehearsal cannot write to {directory}: it lies on {why}, which cannot be the upper layer of an overlay. Choose a folder on a local disk or on a tmpfs.',
				{directory, why: t(why)},
			),
		);
	}

	const freeBytes = bavail * bsize;
	if (freeBytes < neededBytes) {
		throw new ViewError(
			t(
				'A rehearsal needs {neededBytes} in {directory}, but only {freeBytes} are free. Free some room, or choose a folder on another filesystem.',
				{neededBytes: inMegabytes(neededBytes), directory, freeBytes: inMegabytes(freeBytes)},
			),
		);
	}

	await tryOverlay(directory, existing);
}

/** Makes every namespace and one overlay, in a process that takes all of it along when it ends. */
async function tryOverlay(directory: string, existing: string): Promise<void> {
	const trial = await mkdtemp(join(existing, '.omflow-tui-trial-'));
	try {
		await Promise.all(['upper', 'work', 'root'].map(name => mkdir(join(trial, name))));
		const layers = `lowerdir=/,upperdir=${trial}/upper,workdir=${trial}/work`;
		const options = `${layers},redirect_dir=on,index=off,metacopy=off`;
		const namespaces = ['-m', '-i', '-n', '-p', '-f', '--kill-child', '--propagation', 'private', '--'];
		const mount = ['mount', '-t', 'overlay', '-o', options, 'overlay', join(trial, 'root')];
		await execute('unshare', [...namespaces, ...mount], {env: {...plainEnvironment}});
	} catch (error) {
		const {stderr, message} = error as {stderr?: string; message: string};
		throw new ViewError(
			t(
				'A rehearsal is not possible on this machine: it refuses a private view with an overlay in {directory} ({trial}). Inside a container this takes CAP_SYS_ADMIN; otherwise the kernel needs overlayfs and namespaces.',
				{directory, trial: (stderr?.trim() || message).replaceAll(`${trial}/`, '')},
			),
		);
	} finally {
		await rm(trial, {recursive: true, force: true});
	}
}

async function isInstalled(program: string): Promise<boolean> {
	for (const folder of (plainEnvironment.PATH ?? '').split(':')) {
		try {
			await access(join(folder, program), constants.X_OK);
			return true;
		} catch {}
	}

	return false;
}

async function nearestExisting(path: string): Promise<string> {
	for (let folder = path; ; folder = dirname(folder)) {
		try {
			if ((await stat(folder)).isDirectory()) {
				return folder;
			}
		} catch {}
	}
}

function inMegabytes(bytes: number): string {
	return `${Math.round(bytes / 1_000_000)} MB`;
}
