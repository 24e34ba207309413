import {chmod, readFile, writeFile} from 'node:fs/promises';
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

/** Who wrote the lock file last; meaningful only while the lock is held. */
export async function readHolder(state: string): Promise<Holder | undefined> {
	try {
		return JSON.parse(await readFile(places.lock(state), 'utf8')) as Holder;
	} catch {
		return undefined;
	}
}
