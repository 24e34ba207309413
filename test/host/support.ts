import {access, constants, mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';

/** A directory that goes with the test, and a runner with its log in there. */
export async function workshop(t: TestContext): Promise<{directory: string; runner: Runner; log: string}> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-test-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	const log = join(directory, 'log');
	return {directory, log, runner: createRunner({log, environment: plainEnvironment})};
}

/** Output of the real programs, with addresses and paths made general. */
export async function recorded(name: string): Promise<string> {
	return readFile(new URL(`recorded/${name}`, import.meta.url), 'utf8');
}

/** Why a test cannot run here, or false. */
export async function lacks(...programs: string[]): Promise<string | false> {
	for (const program of programs) {
		const there = await access(program, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (!there) {
			return `${program} is not installed`;
		}
	}

	return false;
}

/** Constant: the paths and the program come as parameters. An overlay of the whole machine, without a network. */
const viewScript = `
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root" &&
mount -t proc proc "$1/root/proc" && mount --rbind /dev "$1/root/dev" && mount -t tmpfs tmpfs "$1/root/run" &&
root=$1 && shift && exec chroot "$root/root" "$@"`;

/**
A runner whose programs see this machine as it is and change only a directory that goes with the test; or a
sentence why that cannot be had here. Files are at `root` for the test, and at the same path for the programs.
*/
export async function machineView(t: TestContext): Promise<{runner: Runner; upper: string; log: string} | string> {
	const {directory, runner, log} = await workshop(t);
	for (const name of ['upper', 'work', 'root']) {
		await mkdir(join(directory, name));
	}

	const wrap = (argv: readonly string[]) => [
		...['/usr/bin/unshare', '-m', '-n', '-p', '-f', '--kill-child', '--propagation', 'private'],
		...['/bin/sh', '-c', viewScript, 'sh', directory, ...argv],
	];
	const view: Runner = {
		run: (argv, options) => runner.run(wrap(argv), options),
		capture: (argv, options) => runner.capture(wrap(argv), options),
	};
	try {
		await view.capture(['/bin/true']);
	} catch (error) {
		return `no copy-on-write view here: ${(error as {lastOutput?: string}).lastOutput ?? error}`;
	}

	return {runner: view, upper: join(directory, 'upper'), log};
}
