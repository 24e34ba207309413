/** One line of `/proc/self/mountinfo`, as far as a view needs it. */
export type Mount = {readonly mountPoint: string; readonly type: string};

/** What the view does with a mount of the host. */
export type MountChoice = 'overlay' | 'fresh-tmpfs' | 'leave-out';

/** The view brings its own of these, or has no use for them. */
const replaced = ['/proc', '/sys', '/dev', '/run'];

const pseudoTypes = new Set([
	'autofs',
	'binfmt_misc',
	'bpf',
	'cgroup',
	'cgroup2',
	'configfs',
	'debugfs',
	'devpts',
	'devtmpfs',
	'efivarfs',
	'fusectl',
	'hugetlbfs',
	'mqueue',
	'nsfs',
	'proc',
	'pstore',
	'ramfs',
	'rpc_pipefs',
	'securityfs',
	'selinuxfs',
	'sysfs',
	'tmpfs',
	'tracefs',
]);

/** Mounts in the order in which they were made; of several on one mount point only the last, which is the visible one. */
export function parseMountinfo(text: string): Mount[] {
	const mounts = new Map<string, Mount>();
	for (const line of text.split('\n')) {
		// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
		const [before = '', after = ''] = line.split(' - ');
		const mountPoint = unescapeOctal(before.split(' ')[4] ?? '');
		const type = after.split(' ')[0] ?? '';
		if (mountPoint && type) {
			mounts.delete(mountPoint);
			mounts.set(mountPoint, {mountPoint, type});
		}
	}

	return [...mounts.values()];
}

export function chooseMount({mountPoint, type}: Mount): MountChoice {
	if (replaced.some(path => isBelow(mountPoint, path))) {
		return 'leave-out';
	}

	if (mountPoint === '/' || !pseudoTypes.has(type)) {
		return 'overlay';
	}

	return type === 'tmpfs' && mountPoint === '/tmp' ? 'fresh-tmpfs' : 'leave-out';
}

/** True for the folder itself as well. */
export function isBelow(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The kernel writes blank, tab, line end and backslash as three octal digits. */
function unescapeOctal(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
