import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, rmdirSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {commandNow, waitFor} from './commands.js';

/** Where a container's processes are grouped; one folder in each tree that systemd uses. */
function groups(id: string): string[] {
	const trees = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];
	return trees
		.filter(tree => existsSync(path.join(tree, 'cgroup.procs')))
		.map(tree => path.join(tree, `omflow-lab-${id}`));
}

/**
Boots a machine from layers and returns the pid of its first process. The view of the layers is mounted
in a mount namespace of its own: it is gone with the last process, however that ended.
*/
export async function boot(
	id: string,
	{lower, directory}: {readonly lower: readonly string[]; readonly directory: string},
): Promise<number> {
	const view = path.join(directory, 'root');
	const mountOptions = [
		`lowerdir=${lower.join(':')}`,
		`upperdir=${path.join(directory, 'upper')}`,
		`workdir=${path.join(directory, 'work')}`,
		// Without it a folder of a lower layer cannot be renamed, as it can on every server.
		'redirect_dir=on',
	].join(',');
	// Since 256, systemd takes the older groups, which this machine may have, only when it is told so.
	const legacy = 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1';
	// Groups of its own, or two machines would stop each other's services.
	const script = [
		'set -e',
		...groups(id).flatMap(group => [`mkdir -p '${group}'`, `echo $$ > '${group}/cgroup.procs'`]),
		'mount -t overlay overlay -o "$1" "$2"',
		`exec systemd-nspawn -q --register=no --keep-unit -b -D "$2" --private-network --resolv-conf=off --timezone=off --link-journal=no ${legacy}`,
	].join('\n');
	const log = openSync(path.join(directory, 'console.log'), 'a', 0o600);
	// The machine dies with this process, even by kill -9; `unshare` first, since it forgets that wish.
	const argv = ['--mount', '--propagation', 'private', 'setpriv', '--pdeathsig', 'KILL', 'sh', '-c', script, 'sh'];
	const child = spawn('unshare', [...argv, mountOptions, view], {stdio: ['ignore', log, log], detached: true});
	closeSync(log);
	child.unref();
	let ended = false;
	child.once('exit', () => {
		ended = true;
	});
	child.once('error', () => {
		ended = true;
	});
	return waitFor('the first process of the server', async () => {
		if (ended) {
			throw new Error(`The server did not boot:\n${await readFile(path.join(directory, 'console.log'), 'utf8')}`);
		}

		return firstProcess(child.pid ?? 0);
	});
}

/** The child of nspawn that is process 1 in its own namespace, once it is systemd. */
function firstProcess(parent: number): number | undefined {
	try {
		const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
		return children
			.map(Number)
			.find(
				pid =>
					/^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) &&
					readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd',
			);
	} catch {
		return undefined;
	}
}

export type Process = {readonly pid: number; readonly argv: readonly string[]};

/** What runs in a machine, also what was sent into it from outside, with pids as the host counts them. */
export function processes(id: string, leader: number): Process[] {
	const found: Process[] = [];
	const namespace = readlinkSync(`/proc/${leader}/ns/pid`);
	const isInside = (pid: string) =>
		readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/omflow-lab-${id}/`) ||
		readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
	for (const name of readdirSync('/proc')) {
		try {
			if (/^\d+$/.test(name) && isInside(name)) {
				const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
				found.push({pid: Number(name), argv});
			}
		} catch {}
	}

	return found;
}

/** Cuts the power: every process is gone when this returns, and nothing was told. Safe to call again. */
export function cutPower(id: string): void {
	const nap = new Int32Array(new SharedArrayBuffer(4));
	for (const group of groups(id)) {
		for (let round = 0; round < 1000; round++) {
			const pids = pidsBelow(group);
			if (pids.length === 0) {
				break;
			}

			for (const pid of pids) {
				try {
					process.kill(pid, 'SIGKILL');
				} catch {}
			}

			Atomics.wait(nap, 0, 0, 10);
		}
	}

	for (const group of groups(id)) {
		removeGroup(group);
	}
}

function pidsBelow(group: string): number[] {
	try {
		const own = readFileSync(path.join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
		const below = readdirSync(group, {withFileTypes: true}).filter(entry => entry.isDirectory());
		return [...own, ...below.flatMap(entry => pidsBelow(path.join(group, entry.name)))];
	} catch {
		return [];
	}
}

function removeGroup(group: string): void {
	try {
		for (const entry of readdirSync(group, {withFileTypes: true})) {
			if (entry.isDirectory()) {
				removeGroup(path.join(group, entry.name));
			}
		}

		rmdirSync(group);
	} catch {}
}

/** Asks the machine to shut down as an administrator would. */
export async function powerOff(id: string, leader: number): Promise<void> {
	// SIGRTMIN+4 to process 1 is systemd's word for it.
	commandNow(['sh', '-c', `kill -s RTMIN+4 ${leader}`]);
	await waitFor('the server to power off', () => groups(id).every(group => pidsBelow(group).length === 0), {
		deadline: 90_000,
	});
	cutPower(id);
}
