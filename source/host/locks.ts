import {readdir, readFile, readlink, stat} from 'node:fs/promises';
import {t} from '../locales/index.js';

export type LockHolder = {
	readonly pid: number;
	/** Its command line. */
	readonly program: string;
	/** The lock file it holds. */
	readonly path: string;
};

/** The locks of dpkg and apt, outermost first. */
const packageLocks = [
	'/var/lib/dpkg/lock-frontend',
	'/var/lib/dpkg/lock',
	'/var/lib/apt/lists/lock',
	'/var/cache/apt/archives/lock',
];

/** Who holds one of these lock files, from the kernel's own table. Undefined when nobody does. */
export async function lockHolder(paths: readonly string[] = packageLocks): Promise<LockHolder | undefined> {
	const held = parseLocks(await readFile('/proc/locks', 'utf8').catch(() => ''));
	for (const path of paths) {
		const file = await stat(path).catch(() => undefined);
		for (const lock of held.filter(entry => entry.inode === file?.ino)) {
			// An inode's number is not unique over filesystems, and some show another device here than stat does.
			if (lock.device === deviceName(file?.dev ?? 0) || (await hasOpen(lock.pid, path))) {
				return {pid: lock.pid, program: await programOf(lock.pid), path};
			}
		}
	}

	return undefined;
}

/** Entries of /proc/locks that are held, not waited for. See proc(5). */
export function parseLocks(text: string): Array<{pid: number; device: string; inode: number}> {
	return [...text.matchAll(/^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+\S+\s+(\d+) ([\da-f]+:[\da-f]+):(\d+) /gm)].map(
		match => ({
			pid: Number(match[1]),
			device: match[2] ?? '',
			inode: Number(match[3]),
		}),
	);
}

/** Who waits for a lock that another has, and the number of the file; see proc(5). Holder -1: it cannot be told. */
export function parseWaiters(text: string): Array<{pid: number; holder: number; inode: number}> {
	const line = /^(\d+): *(-> )?(?:POSIX|FLOCK|OFDLCK)\s+\S+\s+\S+\s+(-?\d+) [\da-f]+:[\da-f]+:(\d+) /gm;
	const holders = new Map<string, number>();
	const waiters: Array<{pid: number; holder: number; inode: number}> = [];
	// Whoever waits comes below the one who has it, with the same number.
	for (const [, number = '', waits, pid, inode] of text.matchAll(line)) {
		if (waits) {
			waiters.push({pid: Number(pid), holder: holders.get(number) ?? -1, inode: Number(inode)});
		} else {
			holders.set(number, Number(pid));
		}
	}

	return waiters;
}

/** As /proc/locks writes it: major and minor number, two hexadecimal digits at least. */
function deviceName(device: number): string {
	const major = (device >>> 8) & 0xfff;
	const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
	return [major, minor].map(part => part.toString(16).padStart(2, '0')).join(':');
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
	const directory = `/proc/${pid}/fd`;
	for (const descriptor of await readdir(directory).catch(() => [])) {
		if ((await readlink(`${directory}/${descriptor}`).catch(() => '')) === path) {
			return true;
		}
	}

	return false;
}

async function programOf(pid: number): Promise<string> {
	const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
	return line.replaceAll('\0', ' ').trim().slice(0, 200) || t('a program that cannot be seen from here');
}
