import {execFileSync, spawn} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {execa} from 'execa';

export type Result = {readonly stdout: string; readonly stderr: string; readonly exitCode: number};

export type CommandOptions = {
	/** Environment instead of this process's own. */
	readonly env?: Readonly<Record<string, string>>;
	readonly input?: string;
	/** Milliseconds; default: one minute. */
	readonly timeout?: number;
};

/** Runs a program and tells how it ended; an exit code other than 0 is not an error here. */
export async function tryCommand(argv: readonly string[], options: CommandOptions = {}): Promise<Result> {
	const [program = '', ...rest] = argv;
	const result = await execa(program, rest, {
		reject: false,
		stripFinalNewline: false,
		timeout: options.timeout ?? 60_000,
		maxBuffer: 64 * 1024 * 1024,
		...(options.env ? {env: options.env, extendEnv: false} : {}),
		...(options.input === undefined ? {stdin: 'ignore' as const} : {input: options.input}),
	});
	if (result.exitCode === undefined && !result.signal) {
		throw new Error(`${program} could not be run: ${result.originalMessage}`);
	}

	return {
		stdout: String(result.stdout ?? ''),
		stderr: String(result.stderr ?? ''),
		// As a shell counts: a program ended by a signal has failed as well.
		exitCode: result.exitCode ?? 128,
	};
}

/** Runs a program that must succeed and returns what it printed. */
export async function command(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
	const result = await tryCommand(argv, options);
	if (result.exitCode !== 0) {
		const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
		throw new Error(`${argv.join(' ')} ended with status ${result.exitCode}:\n${output}`);
	}

	return result.stdout;
}

/** For taking things down, which also happens while this process exits; true when it succeeded. */
export function commandNow(argv: readonly string[]): boolean {
	const [program = '', ...rest] = argv;
	try {
		execFileSync(program, rest, {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
}

/** Waits until `look` returns something other than undefined or false, and returns it. */
export async function waitFor<T>(
	what: string,
	look: () => Promise<T | undefined | false> | T | undefined | false,
	{deadline = 60_000, interval = 50}: {readonly deadline?: number; readonly interval?: number} = {},
): Promise<T> {
	const end = Date.now() + deadline;
	for (;;) {
		const seen = await look();
		if (seen !== undefined && seen !== false) {
			return seen;
		}

		if (Date.now() > end) {
			throw new Error(`Waited ${Math.round(deadline / 1000)} s in vain for ${what}`);
		}

		await pause(interval);
	}
}

/**
Does something while no other process does it. The kernel keeps the lock, on behalf of a program that
ends with our end of its pipe: a killed test leaves no lock behind.
*/
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
	await mkdir(path.dirname(file), {recursive: true});
	const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
		stdio: ['pipe', 'pipe', 'inherit'],
		// Ctrl-C reaches the whole group; the lock is needed until we are done.
		detached: true,
	});
	const ended = new Promise<void>(resolve => {
		holder.once('exit', () => resolve());
	});
	await new Promise<void>((resolve, reject) => {
		holder.stdout.once('data', () => resolve());
		holder.once('error', reject);
		holder.once('exit', code => reject(new Error(`flock ended with status ${code}`)));
	});
	try {
		return await work();
	} finally {
		holder.stdin.end();
		await ended;
	}
}
