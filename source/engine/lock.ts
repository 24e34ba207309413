import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, writeFile} from 'node:fs/promises';
import {isDiskFull} from '../host/files.js';
import {bootId, startTime} from '../host/process.js';
import {places} from './places.js';

/** Exit status of a worker that found the lock taken. */
export const lockedExitCode = 75;

/**
The arguments that run a worker only while it holds the machine's lock. The kernel holds the lock for as
long as the worker lives and drops it however the worker ends. flock(1) hands the open file over to it;
Node closes such files in the programs it starts, so a service started by the worker does not keep it.
*/
export function underLock(state: string, argv: readonly string[]): string[] {
	return [
		'/usr/bin/flock',
		'--no-fork',
		// Long enough for somebody who only looks whether it is held.
		'--timeout=2',
		`--conflict-exit-code=${lockedExitCode}`,
		places.lock(state),
		...argv,
	];
}

export type Holder = {readonly pid: number; readonly boot: string; readonly started: string; readonly run: string};

/** Writes into the lock file who holds it. */
export async function signLock(state: string, run: string): Promise<void> {
	const holder: Holder = {
		pid: process.pid,
		boot: await bootId(),
		started: (await startTime(process.pid)) ?? '',
		run,
	};
	// flock(1) made the file, with the mode of everybody's files.
	await chmod(places.lock(state), 0o600);
	await writeFile(places.lock(state), JSON.stringify(holder)).catch(error => {
		// The kernel knows who holds it; this is for people.
		if (!isDiskFull(error)) {
			throw error;
		}
	});
}

/** Whether a worker holds the lock now, by the kernel's word; works across namespaces as well. */
export async function isLocked(state: string): Promise<boolean> {
	const {execa} = await import('execa');
	const result = await execa(
		'/usr/bin/flock',
		['--shared', '--nonblock', `--conflict-exit-code=${lockedExitCode}`, places.lock(state), '/bin/true'],
		{reject: false, stdio: 'ignore'},
	);
	return result.exitCode === lockedExitCode;
}

/**
Takes a lock on a file for as long as this process lives or until the returned function is called. Undefined when
another one still holds it after `seconds`. Node cannot lock files: flock(1) holds it, for a cat that waits on a
pipe from here, so that the kernel lets go of it however this process ends.
*/
export async function holdLock(path: string, seconds: number): Promise<(() => Promise<void>) | undefined> {
	const waiting = ['/bin/sh', '-c', 'echo held; exec cat'];
	const child = spawn('/usr/bin/flock', ['--no-fork', `--timeout=${seconds}`, path, ...waiting], {
		stdio: ['pipe', 'pipe', 'ignore'],
		// A key that interrupts this program must not take the lock from it before it is done.
		detached: true,
	});
	child.stdin.on('error', () => {});
	const ended = once(child, 'close');
	const isHeld = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
	if (!isHeld) {
		return undefined;
	}

	return async () => {
		child.stdin.end();
		await ended;
	};
}
