import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, open, readdir, readFile, readlink, rm, rmdir, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {bootId, plainEnvironment, startTime} from '../host/process.js';
import {t} from '../locales/index.js';
import {checkView, ViewError} from './view-check.js';
import {
	defaultStatePath,
	type ProcessMark,
	readViewFile,
	type ViewRecord,
	viewFiles,
	writeViewFile,
} from './view-record.js';

export {checkView, roomNeeded, ViewError} from './view-check.js';
export {defaultStatePath, hostNetwork} from './view-record.js';

export type ViewOptions = {
	/** Absolute path of a folder of the view's own: made with mode 0700 and removed by `close`. */
	readonly directory: string;
	/** Folder of the host that the view sees, writable, at `statePath`. Made with mode 0700 if absent. */
	readonly stateDirectory: string;
	/** The program, whose hidden command `view-init` runs inside: a path, or several arguments for Node.js. */
	readonly bundle: string | readonly string[];
	/** Default: `/var/lib/omflow-tui`. */
	readonly statePath?: string;
	/** More paths that must be seen, read-only, even if they lie on a filesystem the view replaces, such as a tmpfs. */
	readonly visible?: readonly string[];
	/** Free room to insist on. Default: `roomNeeded`. */
	readonly neededBytes?: number;
};

/** A copy-on-write view of this host. It lives until it is closed or the machine stops, whoever opened it. */
export type View = {
	readonly directory: string;
	/** The view's first process, by its number on the host. */
	readonly pid: number;
	/** The arguments that run a program inside: as root, in `/`, without any network but its own loopback. */
	enter(argv: readonly string[]): string[];
	alive(): Promise<boolean>;
	/** Ends every process of the view and removes all it wrote. Safe to call again, and when it is dead. */
	close(): Promise<void>;
};

const startSeconds = 30;
/** Without `volatile` the kernel first writes out all that the view has changed. */
const endSeconds = 120;

/** Opens a view of this host. Throws a `ViewError` when that is not possible; nothing is left then. */
export async function openView(options: ViewOptions): Promise<View> {
	const {directory, stateDirectory} = options;
	await checkView(directory, options.neededBytes);
	const existing = await findView(directory);
	if (existing) {
		throw new ViewError(
			(await existing.alive())
				? t('{directory} already holds a view. Attach to it, or close it first.', {directory})
				: t('{directory} already holds a view, which is dead. Attach to it, or close it first.', {directory}),
		);
	}

	const bundle = typeof options.bundle === 'string' ? [options.bundle] : options.bundle;
	await mkdir(stateDirectory, {recursive: true, mode: 0o700});
	await mkdir(directory, {recursive: true, mode: 0o700});
	await writeViewFile(directory, viewFiles.plan, {
		statePath: options.statePath ?? defaultStatePath,
		visible: [process.execPath, ...bundle.filter(word => word.startsWith('/')), ...(options.visible ?? [])],
	});
	const namespaces = ['-m', '-i', '-p', '-f', '--kill-child', '--propagation', 'private', '--'];
	const init = [process.execPath, ...bundle, 'view-init', directory, stateDirectory];
	try {
		await startHolder(directory, ['/usr/bin/unshare', ...namespaces, ...init]);
		const record = await readViewFile<ViewRecord>(directory, viewFiles.record);
		if (!record) {
			throw new ViewError(
				t('The view in {directory} opened without saying who it is. Close it and try again.', {directory}),
			);
		}

		return createView(directory, record);
	} catch (error) {
		await (await findView(directory))?.close();
		await removeDirectory(directory);
		throw error;
	}
}

/**
Finds the view of a directory again, for example from another console. Undefined when there was never one;
a view that ended, by a reboot for one, is found and not `alive`, and can be closed to remove what it left.
*/
export async function findView(directory: string): Promise<View | undefined> {
	const record = await readViewFile<ViewRecord>(directory, viewFiles.record);
	return record && createView(directory, record);
}

function createView(directory: string, record: ViewRecord): View {
	const alive = async () => (await isRunning(record, record.init)) && isReady(directory);
	return {
		directory,
		pid: record.init.pid,
		// With the root of its first process, which differs from the namespace's own where this host is a chroot.
		enter: argv => [
			'/usr/bin/nsenter',
			'-t',
			String(record.init.pid),
			'-m',
			'-r',
			'-w',
			'-i',
			'-p',
			'-n',
			'--',
			...argv,
		],
		alive,
		async close() {
			for (const mark of [record.holder, record.init]) {
				if (await isRunning(record, mark)) {
					kill(mark.pid);
				}
			}

			await waitUntilGone(record);
			await removeDirectory(directory);
		},
	};
}

async function startHolder(directory: string, argv: readonly string[]): Promise<void> {
	const log = join(directory, viewFiles.log);
	// A service manager, where there is one, keeps the view out of the session that ends with the connection.
	const underSystemd = await exists('/run/systemd/system');
	let ended: () => Promise<boolean>;
	if (underSystemd) {
		const unit = `omflow-tui-view-${basename(directory).replaceAll(/[^\w.-]/g, '-')}`;
		const output = [`--property=StandardOutput=file:${log}`, `--property=StandardError=file:${log}`];
		const start = [
			`--unit=${unit}`,
			'--description=omflow-tui rehearsal',
			'--collect',
			'--quiet',
			...output,
			'--',
			...argv,
		];
		await promisify(execFile)('systemd-run', start, {env: {...plainEnvironment}});
		ended = async () => {
			const {stdout} = await promisify(execFile)('systemctl', ['show', '--property=ActiveState', '--value', unit]);
			return !['active', 'activating'].includes(stdout.trim());
		};
	} else {
		const output = await open(log, 'a', 0o600);
		const [program = '', ...rest] = argv;
		const stdio = ['ignore' as const, output.fd, output.fd];
		const child = spawn(program, rest, {cwd: '/', env: {...plainEnvironment}, detached: true, stdio});
		await once(child, 'spawn');
		child.unref();
		await output.close();
		ended = async () => child.exitCode !== null || child.signalCode !== null;
	}

	const until = Date.now() + startSeconds * 1000;
	for (;;) {
		// Asked before looking: what it wrote last must not be missed.
		const over = await ended();
		if (await isReady(directory)) {
			return;
		}

		if (over || Date.now() > until) {
			const said = (await readText(log)).trim().split('\n').slice(-5).join('\n');
			throw new ViewError(
				over
					? said
						? t(
								'The view of this host could not be opened: its first process ended. It said: {said}. The host is unchanged; solve what it names and try again.',
								{said},
							)
						: t(
								'The view of this host could not be opened: its first process ended. The host is unchanged; solve what it names and try again.',
							)
					: said
						? t(
								'The view of this host could not be opened: it was not ready after {startSeconds} s. It said: {said}. The host is unchanged; solve what it names and try again.',
								{startSeconds, said},
							)
						: t(
								'The view of this host could not be opened: it was not ready after {startSeconds} s. The host is unchanged; solve what it names and try again.',
								{startSeconds},
							),
			);
		}

		await delay(10);
	}
}

async function isReady(directory: string): Promise<boolean> {
	return /^ready$/m.test(await readText(join(directory, viewFiles.log)));
}

async function isRunning(record: ViewRecord, mark: ProcessMark): Promise<boolean> {
	return record.bootId === (await bootId()) && (await startTime(mark.pid)) === mark.startTime;
}

/** The view is over when its first process is gone, and with it all others, and nobody stands in its mounts. */
async function waitUntilGone(record: ViewRecord): Promise<void> {
	if (record.bootId !== (await bootId())) {
		return;
	}

	const until = Date.now() + endSeconds * 1000;
	for (;;) {
		const left = await processesIn(record.mountNamespace);
		if (left.length === 0 && !(await isRunning(record, record.init)) && !(await isRunning(record, record.holder))) {
			return;
		}

		if (Date.now() > until) {
			throw new ViewError(
				t(
					'The view did not end within {endSeconds} s: the processes {left} are still in it. End them and close it again.',
					{endSeconds, left: left.join(', ')},
				),
			);
		}

		await delay(10);
	}
}

async function processesIn(mountNamespace: string): Promise<string[]> {
	const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
	const found = await Promise.all(
		pids.map(async pid => {
			try {
				return (await readlink(`/proc/${pid}/ns/mnt`)) === mountNamespace ? pid : undefined;
			} catch {
				return undefined;
			}
		}),
	);
	return found.filter(pid => pid !== undefined);
}

/** Removes what a view is known to have made; a folder with anything else in it stays, and says so by ENOTEMPTY. */
async function removeDirectory(directory: string): Promise<void> {
	for (const name of Object.values(viewFiles)) {
		await rm(join(directory, name), {recursive: true, force: true, maxRetries: 3});
	}

	await rm(join(directory, `${viewFiles.plan}.new`), {force: true});
	await rm(join(directory, `${viewFiles.record}.new`), {force: true});
	try {
		await rmdir(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}
	}
}

function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// Gone in the meantime, which is what was wanted.
	}
}

async function readText(path: string): Promise<string> {
	try {
		return await readFile(path, 'utf8');
	} catch {
		return '';
	}
}

async function exists(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch {
		return false;
	}
}
