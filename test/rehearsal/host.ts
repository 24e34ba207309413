import {createHash} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {cache} from '../lab/places.js';
import {treeDigest} from '../tree-digest.js';

/**
What a rehearsal must leave alone, byte for byte: configuration, /opt, the package database, the names of all
programs, and the mounts. Two equal digests mean an untouched host. What is mounted in folders
of tests does not count, since others run at the same time, but for `own`.
*/
export async function digestHost(own?: string): Promise<string> {
	const hash = createHash('sha256');
	for (const tree of ['/etc', '/opt', '/var/lib/dpkg']) {
		hash.update(await treeDigest(tree));
	}

	for (const folder of ['/usr/bin', '/usr/sbin', '/usr/lib/python3', '/var/lib', '/var/cache/apt/archives']) {
		hash.update((await readdir(folder).catch(() => [])).sort().join('\n'));
	}

	const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
	hash.update(mounts.filter(line => isOurs(line.split(' ')[4] ?? '', own)).join('\n'));
	return hash.digest('hex');
}

function isOurs(mountPoint: string, own: string | undefined): boolean {
	return (
		(own !== undefined && mountPoint.startsWith(own)) ||
		![tmpdir(), cache].some(folder => mountPoint.startsWith(`${folder}/`))
	);
}

/** Command lines of the processes that have one of the words in it, for example a state directory. */
export async function processesWith(word: string): Promise<string[]> {
	const found: string[] = [];
	for (const pid of await readdir('/proc')) {
		const line = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
		if (line.includes(word) && Number(pid) !== process.pid) {
			found.push(`${pid} ${line.replaceAll('\0', ' ').trim()}`);
		}
	}

	return found;
}
