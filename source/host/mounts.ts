import {readFile, realpath} from 'node:fs/promises';
import {dirname} from 'node:path';

/** One line of `/proc/self/mountinfo`; see proc_pid_mountinfo(5). */
export type Mount = {
	readonly mountPoint: string;
	readonly type: string;
	/** Of the mount and of its filesystem, for example `noexec`; `ro` when either of them is read-only. */
	readonly options: readonly string[];
};

/** Mounts in the order in which they were made; of several on one mount point only the last, which is the visible one. */
export function parseMountinfo(text: string): Mount[] {
	const mounts = new Map<string, Mount>();
	for (const line of text.split('\n')) {
		// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
		const [before = '', after = ''] = line.split(' - ');
		const [, , , , place = '', own = ''] = before.split(' ');
		const [type = '', , whole = ''] = after.split(' ');
		const mountPoint = unescapeOctal(place);
		if (mountPoint && type) {
			mounts.delete(mountPoint);
			mounts.set(mountPoint, {mountPoint, type, options: [...new Set([own, whole].flatMap(list => list.split(',')))]});
		}
	}

	return [...mounts.values()];
}

/** The mount a path is on, also one that is not there yet. Undefined where the table does not say. */
export async function mountOf(path: string, table = '/proc/self/mountinfo'): Promise<Mount | undefined> {
	const mounts = parseMountinfo(await readFile(table, 'utf8').catch(() => ''));
	const real = await nearest(path);
	return mounts
		.filter(({mountPoint}) => isBelow(real, mountPoint))
		.sort((one, other) => other.mountPoint.length - one.mountPoint.length)[0];
}

/** Real path of what is there, going up from a path until something is. */
export async function nearest(path: string): Promise<string> {
	return realpath(path).catch(() => (path === dirname(path) ? path : nearest(dirname(path))));
}

/** True for the folder itself as well. */
export function isBelow(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The kernel writes blank, tab, line end and backslash as three octal digits. */
function unescapeOctal(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
