import {spawn} from 'node:child_process';
import {open, readFile, readlink} from 'node:fs/promises';
import {basename} from 'node:path';
import {t} from '../locales/index.js';
import {faultPoint} from './fault.js';
import {isDiskFull} from './files.js';

export type RunOptions = {
	readonly cwd?: string;
	/** Added to the environment every program gets. May hold secrets: never shown. */
	readonly env?: Readonly<Record<string, string>>;
	/** Needs the network. Everything else runs without one in a rehearsal. */
	readonly network?: boolean;
	/** File that receives what the program writes to descriptor 3. */
	readonly status?: string;
	/** May be ended at any moment, for example pip; apt may not. */
	readonly cuttable?: boolean;
	/** Exit codes that are not errors. Default: only 0. */
	readonly accept?: readonly number[];
	/** Only for `capture`: how long it may take, in milliseconds. Default: one minute. */
	readonly timeout?: number;
	/** Text for the program's standard input; else it gets none. */
	readonly input?: string | Uint8Array;
	/**
	Runs at a terminal of its own, by `script`, and may ask there: whoever is told of the child types the answers. When
	this process is gone, or nobody is told, its input is at its end.
	*/
	readonly asks?: boolean;
	/** What to show instead of the arguments when these are long. */
	readonly shownAs?: string;
};

export type Captured = {readonly exitCode: number; readonly stdout: string; readonly stderr: string};

/**
How a step, and everything in `host/`, runs programs: arguments are arrays, never a shell's string.
The engine gives every step one that writes to the step's log; `createRunner` makes one without an engine.
*/
export type Runner = {
	/**
	Runs a program whose output goes to the log file directly, not through this process, so that neither
	is slowed nor ended by the other. Returns its exit code. Throws a `CommandError` for codes not accepted.
	*/
	run(argv: readonly string[], options?: RunOptions): Promise<number>;
	/** Runs a short query and returns what it printed. Throws a `CommandError` for codes not accepted. */
	capture(argv: readonly string[], options?: RunOptions): Promise<Captured>;
};

/** A program that could not be started, or ended with a code that was not accepted. */
export class CommandError extends Error {
	override readonly name = 'CommandError';

	constructor(
		readonly argv: readonly string[],
		/** Absent when it did not start or was ended by a signal. */
		readonly exitCode: number | undefined,
		readonly signal: string | undefined,
		/** Last lines it printed. */
		readonly lastOutput: string,
	) {
		const how =
			exitCode === undefined
				? signal
					? t('was ended by {signal}', {signal})
					: t('could not be started')
				: t('ended with status {exitCode}', {exitCode});
		super(`${argv[0]} ${how}`);
	}
}

/** A running program, so that a later worker can find out whether it still runs. */
export type Child = {
	readonly pid: number;
	readonly argv: readonly string[];
	readonly cuttable: boolean;
	/** Whether it may ask at a terminal of its own, where nobody can answer once this process is gone. */
	readonly asks: boolean;
};

export type RunnerOptions = {
	/** File that gets commands and output, opened for appending. */
	readonly log: string;
	/** Environment of every program, instead of this process's own. */
	readonly environment: Readonly<Record<string, string>>;
	/** Added for programs with `network`: proxies and certificate settings. Never shown. */
	readonly networkEnvironment?: Readonly<Record<string, string>>;
	/** File of a network namespace in which programs with `network` run; they run in this one when absent. */
	readonly networkNamespace?: string;
	/** Told about every program that starts and, with `undefined`, that it ended. `type` is there for one that asks. */
	readonly onChild?: (child: Child | undefined, type?: (text: string) => void) => Promise<void> | void;
	readonly onCommand?: (shown: string) => void;
	/** Ends programs that are `cuttable`. */
	readonly signal?: AbortSignal;
};

/** A plain environment for programs of the host: nothing of the caller's session leaks in. */
export const plainEnvironment: Readonly<Record<string, string>> = {
	PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
	LANG: 'C.UTF-8',
	LC_ALL: 'C.UTF-8',
	HOME: '/root',
	TERM: 'dumb',
};

export function createRunner(options: RunnerOptions): Runner {
	const wrap = (argv: readonly string[], network: boolean | undefined) =>
		network && options.networkNamespace
			? ['/usr/bin/nsenter', `--net=${options.networkNamespace}`, '--', ...argv]
			: argv;

	return {
		async run(argv, runOptions = {}) {
			const shown = runOptions.shownAs ?? showCommand(argv);
			options.onCommand?.(shown);
			const log = await open(options.log, 'a', 0o600);
			const status = runOptions.status ? await open(runOptions.status, 'a', 0o600) : undefined;
			try {
				await log.write(`$ ${shown}\n`).catch(error => {
					// On a full disk it is for the program to fail, or to do without, as when things are removed.
					if (!isDiskFull(error)) {
						throw error;
					}
				});
				const from = (await log.stat()).size;
				const result = await spawnInto(wrap(argv, runOptions.network), log.fd, status?.fd, options, runOptions);
				faultPoint(`ended/${basename(argv[0] ?? '')}`);
				if (isAccepted(result.exitCode, runOptions)) {
					return result.exitCode ?? 0;
				}

				throw new CommandError(argv, result.exitCode, result.signal, await lastLines(options.log, from));
			} finally {
				await options.onChild?.(undefined);
				await status?.close();
				await log.close();
			}
		},
		async capture(argv, runOptions = {}) {
			const {execa} = await import('execa');
			const [program = '', ...rest] = wrap(argv, runOptions.network);
			const result = await execa(program, rest, {
				cwd: runOptions.cwd ?? '/',
				env: environmentFor(options, runOptions),
				extendEnv: false,
				reject: false,
				stripFinalNewline: false,
				timeout: runOptions.timeout ?? 60_000,
				maxBuffer: 64 * 1024 * 1024,
				...(runOptions.input === undefined ? {stdin: 'ignore' as const} : {input: runOptions.input}),
				...(options.signal ? {cancelSignal: options.signal} : {}),
			});
			const stdout = String(result.stdout ?? '');
			const stderr = String(result.stderr ?? '');
			if (isAccepted(result.exitCode, runOptions)) {
				return {exitCode: result.exitCode ?? 0, stdout, stderr};
			}

			throw new CommandError(argv, result.exitCode, result.signal, (stderr || stdout).slice(-2000).trim());
		},
	};
}

/** A command as a person would type it. */
export function showCommand(argv: readonly string[]): string {
	return argv
		.map(word => (/^[\w@%+=:,./~^-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
		.join(' ');
}

function environmentFor(options: RunnerOptions, runOptions: RunOptions): Record<string, string> {
	return {...options.environment, ...(runOptions.network ? options.networkEnvironment : {}), ...runOptions.env};
}

function isAccepted(exitCode: number | undefined, options: RunOptions): boolean {
	return exitCode !== undefined && (options.accept ?? [0]).includes(exitCode);
}

/** Output goes to open descriptors without a pipe in between, which is why this one is not execa. */
async function spawnInto(
	argv: readonly string[],
	log: number,
	status: number | undefined,
	options: RunnerOptions,
	runOptions: RunOptions,
): Promise<{exitCode: number | undefined; signal: string | undefined}> {
	const [program = '', ...rest] = argv;
	const canType = runOptions.asks === true && options.onChild !== undefined;
	const input = runOptions.input === undefined && !canType ? 'ignore' : 'pipe';
	const child = spawn(program, rest, {
		cwd: runOptions.cwd ?? '/',
		env: environmentFor(options, runOptions),
		stdio: status === undefined ? [input, log, log] : [input, log, log, status],
		// A session of its own: a signal sent to the worker's group does not reach what it runs.
		detached: true,
	});
	const ended = new Promise<{exitCode: number | undefined; signal: string | undefined}>(resolve => {
		child.once('error', () => resolve({exitCode: undefined, signal: undefined}));
		child.once('exit', (code, signal) => resolve({exitCode: code ?? undefined, signal: signal ?? undefined}));
	});
	child.stdin?.on('error', () => {});
	if (!canType) {
		child.stdin?.end(runOptions.input);
	}

	const {pid} = child;
	if (pid !== undefined) {
		const type = canType ? (text: string) => void child.stdin?.write(text) : undefined;
		await options.onChild?.({pid, argv, cuttable: runOptions.cuttable ?? false, asks: canType}, type);
		faultPoint(`started/${basename(program)}`);
	}

	const cut = () => {
		if (pid !== undefined) {
			try {
				process.kill(-pid, 'SIGTERM');
			} catch {}
		}
	};
	if (runOptions.cuttable) {
		options.signal?.addEventListener('abort', cut);
	}

	try {
		return await ended;
	} finally {
		options.signal?.removeEventListener('abort', cut);
		child.stdin?.destroy();
	}
}

/** The end of a log file from a position on: what a program printed last, for an error's evidence. */
async function lastLines(path: string, from: number): Promise<string> {
	const file = await open(path, 'r');
	try {
		const {size} = await file.stat();
		const start = Math.max(from, size - 4000);
		const {buffer, bytesRead} = await file.read(Buffer.alloc(size - start), 0, size - start, start);
		return buffer.subarray(0, bytesRead).toString('utf8').trim().split('\n').slice(-12).join('\n');
	} finally {
		await file.close();
	}
}

/** When a process started, in clock ticks since boot; undefined when it is gone. Pids are used again, this is not. */
export async function startTime(pid: number): Promise<string | undefined> {
	try {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return fields[0] === 'Z' ? undefined : fields[19];
	} catch {
		return undefined;
	}
}

/** Name of the program a process runs, for example `python3.11`. Undefined when it is gone or cannot be seen. */
export async function processName(pid: number): Promise<string | undefined> {
	try {
		// What it calls itself (comm) is often the name of a thread.
		return basename(await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
	} catch {
		return undefined;
	}
}

/** Changes with every boot of this machine. */
export async function bootId(): Promise<string> {
	return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
