import {execFileSync} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	rmdirSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {isBelow, parseMountinfo} from '../host/mounts.js';
import {bootId, plainEnvironment, startTime} from '../host/process.js';
import {chooseMount} from './mounts.js';
import {hostNetwork, readViewFile, type ViewPlan, viewFiles, writeViewFile} from './view-record.js';

/**
First process of a view: makes its mounts and becomes a process that only waits. Runs as pid 1 of namespaces
made by `openView`; not to be called anywhere else. Returns only by throwing.

@param directory the view's directory on the host, holding the plan
@param stateDirectory folder of the host to show at the plan's `statePath`, writable
*/
export async function viewInit(directory: string, stateDirectory: string): Promise<never> {
	if (process.pid !== 1) {
		throw new Error('view-init is started by a rehearsal inside its own namespaces and does nothing elsewhere.');
	}

	const plan = await readViewFile<ViewPlan>(directory, viewFiles.plan);
	if (!plan) {
		throw new Error(`${join(directory, viewFiles.plan)} cannot be read, so there is nothing to open.`);
	}

	await recordSelf(directory);
	const root = join(directory, viewFiles.root);
	mountFilesystems(directory, root);
	mountKernel(root);
	mountRun(root);
	showShared(directory, stateDirectory, root, plan);
	forbidServiceStarts(root);
	enterRoot(root);
	// The line `ready` comes from the program that stays, so that whoever reads it can enter at once. What bash
	// ignores stays ignored in what it executes (dash does not do that for SIGCHLD, env only in newer coreutils):
	// the kernel then reaps every orphan of the view.
	const script = 'ip link set lo up && trap "" CHLD && echo ready && exec sleep infinity';
	const argv = ['unshare', '-n', '--', '/bin/bash', '-c', script];
	process.execve?.('/usr/bin/unshare', argv, {...plainEnvironment});
	throw new Error('this Node.js cannot replace its own process (process.execve); version 22.15 or newer can.');
}

/** The view writes this itself, so that it can be found even if its opener dies this moment. */
async function recordSelf(directory: string): Promise<void> {
	// Not yet mounted anew, /proc still speaks the host's numbers.
	const pid = Number(readlinkSync('/proc/self'));
	const stat = readFileSync('/proc/self/stat', 'utf8');
	const holder = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
	await writeViewFile(directory, viewFiles.record, {
		bootId: await bootId(),
		holder: {pid: holder, startTime: (await startTime(holder)) ?? ''},
		init: {pid, startTime: (await startTime(pid)) ?? ''},
		mountNamespace: readlinkSync('/proc/self/ns/mnt'),
		openedAt: Date.now(),
	});
}

function mountFilesystems(directory: string, root: string): void {
	mkdirSync(root, {recursive: true, mode: 0o700});
	const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
	for (const [index, found] of mounts.entries()) {
		const {mountPoint} = found;
		const choice = chooseMount(found);
		const target = mountPoint === '/' ? root : root + mountPoint;
		if (choice === 'leave-out' || !existsSync(mountPoint) || !existsSync(target)) {
			continue;
		}

		if (choice === 'fresh-tmpfs') {
			mount('-t', 'tmpfs', '-o', 'mode=1777,nosuid,nodev', 'tmpfs', target);
		} else if (!statSync(mountPoint).isDirectory()) {
			// A single file mounted over another, as containers do: a copy of its own is all it takes.
			copyFileSync(mountPoint, target);
		} else if (mountPoint === '/') {
			mountOverlay(mountPoint, join(directory, viewFiles.layers, String(index)), target);
		} else {
			try {
				mountOverlay(mountPoint, join(directory, viewFiles.layers, String(index)), target);
			} catch (error) {
				// Some filesystems cannot lie below an overlay, for example vfat of /boot/efi.
				process.stdout.write(`${mountPoint} is read-only in the view: ${(error as Error).message.trim()}\n`);
				mountReadOnly(mountPoint, target);
			}
		}
	}
}

function mountOverlay(lower: string, layer: string, target: string): void {
	if (/[\\:,]/.test(lower)) {
		throw new Error('its path has a character that an overlay cannot take.');
	}

	const upper = join(layer, 'upper');
	const work = join(layer, 'work');
	mkdirSync(upper, {recursive: true});
	mkdirSync(work, {recursive: true});
	// The top folder of an overlay has owner and mode of its upper layer.
	const {mode, uid, gid} = statSync(lower);
	chownSync(upper, uid, gid);
	chmodSync(upper, mode & 0o7777);
	// redirect_dir: folders of the host can be exchanged by name; without it that fails with EXDEV.
	const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on,index=off,metacopy=off`;
	try {
		// A view never outlives the machine's run, so nothing is gained by waiting for the disk, neither in dpkg's
		// many fsync calls nor at the end, when the kernel would write out what is about to be removed.
		mount('-t', 'overlay', '-o', `${options},volatile`, 'overlay', target);
	} catch {
		// Linux before 5.10 does not know the option.
		mount('-t', 'overlay', '-o', options, 'overlay', target);
	}
}

/** /proc, /sys and /dev: usable, but nothing of the host can be set through them. */
function mountKernel(root: string): void {
	mount('-t', 'proc', '-o', 'nosuid,nodev,noexec', 'proc', `${root}/proc`);
	mountReadOnly(`${root}/proc/sys`, `${root}/proc/sys`);
	mountReadOnly('/sys', `${root}/sys`);
	mount('--rbind', '/dev', `${root}/dev`);
	mount('-o', 'remount,bind,ro', `${root}/dev`);
	mount('-t', 'devpts', '-o', 'newinstance,ptmxmode=0666,mode=620,gid=5', 'devpts', `${root}/dev/pts`);
	mount('-t', 'tmpfs', '-o', 'mode=1777,nosuid,nodev', 'tmpfs', `${root}/dev/shm`);
}

function mountRun(root: string): void {
	mount('-t', 'tmpfs', '-o', 'mode=755,nosuid,nodev', 'tmpfs', `${root}/run`);
	mkdirSync(`${root}/run/lock`);
	chmodSync(`${root}/run/lock`, 0o1777);
	const network = root + hostNetwork;
	mkdirSync(dirname(network), {mode: 0o700});
	writeFileSync(network, '');
	mount('--bind', '/proc/self/ns/net', network);
	// Where the resolver's file is a link into /run, programs with network need what it led to.
	try {
		const real = realpathSync('/etc/resolv.conf');
		if (isBelow(real, '/run')) {
			mkdirSync(dirname(root + real), {recursive: true});
			copyFileSync(real, root + real);
		}
	} catch {
		// A host without a resolver file has none in the view either.
	}
}

function showShared(directory: string, stateDirectory: string, root: string, plan: ViewPlan): void {
	if (!isBelow(directory, plan.statePath) && existsSync(root + directory)) {
		// The view's own layers are out of its sight: searching them from inside ends in ELOOP.
		mount('-t', 'tmpfs', '-o', 'mode=700,size=4k,ro', 'tmpfs', root + directory);
	}

	mkdirSync(root + plan.statePath, {recursive: true, mode: 0o700});
	mount('--bind', stateDirectory, root + plan.statePath);
	for (const path of plan.visible) {
		const real = realpathSync(path);
		const folder = statSync(real).isDirectory() ? real : dirname(real);
		if (!existsSync(root + real) && folder !== '/') {
			mkdirSync(root + folder, {recursive: true});
			mountReadOnly(folder, root + folder);
		}
	}
}

/** Packages ask this program before they start or restart a service; 101 means no. */
function forbidServiceStarts(root: string): void {
	const path = `${root}/usr/sbin/policy-rc.d`;
	writeFileSync(path, '#!/bin/sh\nexit 101\n');
	chmodSync(path, 0o755);
}

function enterRoot(root: string): void {
	const old = '/run/omflow-tui/old-root';
	mkdirSync(root + old);
	process.chdir(root);
	run('pivot_root', '.', `.${old}`);
	process.chdir('/');
	run('umount', '--lazy', old);
	rmdirSync(old);
}

function mountReadOnly(source: string, target: string): void {
	mount('--bind', source, target);
	mount('-o', 'remount,bind,ro', target);
}

function mount(...options: readonly string[]): void {
	run('mount', ...options);
}

function run(program: string, ...argv: readonly string[]): void {
	try {
		execFileSync(program, argv, {env: {...plainEnvironment}, stdio: ['ignore', 'ignore', 'pipe']});
	} catch (error) {
		const {stderr} = error as {stderr?: Buffer};
		throw new Error(stderr?.toString().trim() || (error as Error).message);
	}
}
