import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {type FileHandle, mkdtemp, open, rm, statfs} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {promisify} from 'node:util';

const execute = promisify(execFile);

/**
Makes the disk and keeps it until the test lets go of the pipe, however the test ends. Hides systemd, which would
start programs outside of here.
*/
const script = `
mount -t tmpfs -o "size=$2" tmpfs "$1" || exit
[ ! -d /run/systemd/system ] || mount -t tmpfs tmpfs /run/systemd
echo ready
exec cat`;

/** A disk of any size that can be full from one moment to the next, in a mount namespace of its own. Needs root. */
export class SmallDisk {
	private constructor(
		/** Mount point, as programs see it that are started with `wrap`. */
		readonly path: string,
		private readonly holder: ChildProcess,
		private readonly root: FileHandle,
	) {}

	/** @param size as mount takes it, for example `100m` */
	static async make(t: TestContext, size: string): Promise<SmallDisk> {
		const path = await mkdtemp(join(tmpdir(), 'omflow-tui-small-'));
		t.after(() => rm(path, {recursive: true, force: true}));
		const argv = ['-m', '--propagation', 'private', '/bin/sh', '-c', script, 'sh', path, size];
		const holder = spawn('unshare', argv, {stdio: ['pipe', 'pipe', 'inherit']});
		const ended = once(holder, 'exit');
		t.after(async () => {
			holder.stdin?.end();
			await ended;
		});
		await once(holder.stdout, 'data');
		const root = await open(`/proc/${holder.pid}/root${path}`);
		t.after(() => root.close());
		return new SmallDisk(path, holder, root);
	}

	/** The disk as this process reaches it. */
	get here(): string {
		return `/proc/self/fd/${this.root.fd}`;
	}

	/** Runs a program where the disk is. */
	readonly wrap = (argv: readonly string[]): string[] => [
		...['nsenter', '-t', String(this.holder.pid), '-m', '-r', `--wd=${process.cwd()}`],
		...argv,
	];

	/** From now on next to nothing fits any more, as if another program had filled the disk. Takes no memory. */
	async fill(): Promise<void> {
		for (;;) {
			const {blocks, bfree, bsize} = await statfs(this.here);
			// The kernel refuses a size below what is used, which may grow meanwhile.
			if (await this.resize(String((blocks - bfree) * bsize)).catch(() => false)) {
				return;
			}
		}
	}

	async resize(size: string): Promise<true> {
		const [command = '', ...argv] = this.wrap(['mount', '-o', `remount,size=${size}`, this.path]);
		await execute(command, argv);
		return true;
	}
}
