import {isBelow, type Mount} from '../host/mounts.js';

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

export function chooseMount({mountPoint, type}: Mount): MountChoice {
	if (replaced.some(path => isBelow(mountPoint, path))) {
		return 'leave-out';
	}

	if (mountPoint === '/' || !pseudoTypes.has(type)) {
		return 'overlay';
	}

	return type === 'tmpfs' && mountPoint === '/tmp' ? 'fresh-tmpfs' : 'leave-out';
}
