import {open} from 'node:fs/promises';
import {t} from '../locales/index.js';
import {isListening, type Listener, listeners, nameListeners} from './listeners.js';
import {CommandError, type Runner} from './process.js';

/** How a service is started, stopped and asked, as argument arrays. */
export type ServiceCommands = {
	readonly start: readonly string[];
	readonly stop: readonly string[];
	readonly status: readonly string[];
};

/**
Asks a condition again and again until it holds; false when it did not within `patience` milliseconds.
The host offers no event for what is waited for here: a port, a process of somebody else.
*/
export async function becomesTrue(
	condition: () => Promise<boolean>,
	patience: number,
	signal?: AbortSignal,
): Promise<boolean> {
	const deadline = Date.now() + patience;
	for (;;) {
		signal?.throwIfAborted();
		if (await condition()) {
			return true;
		}

		if (Date.now() >= deadline) {
			return false;
		}

		await new Promise(resolve => {
			setTimeout(resolve, 50);
		});
	}
}

/** Whether a service runs, by its own word: that a port is taken says only that somebody listens there. */
export async function isRunning(runner: Pick<Runner, 'capture'>, {status}: ServiceCommands): Promise<boolean> {
	try {
		await runner.capture(status);
		return true;
	} catch (error) {
		// Any status but 0 means that it does not run; a command that gives none cannot be believed.
		if (error instanceof CommandError && error.exitCode !== undefined) {
			return false;
		}

		throw error;
	}
}

/** What a service says of itself, and in which words. */
export type Said = {readonly state: 'runs' | 'stopped' | 'unknown'; readonly words: string};

/** As init scripts answer, by the Linux Standard Base: 1 to 3 mean stopped, what is beyond says nothing. Never throws. */
export async function askService(runner: Pick<Runner, 'capture'>, {status}: ServiceCommands): Promise<Said> {
	try {
		const {exitCode, stdout} = await runner.capture(status, {accept: [0, 1, 2, 3]});
		const words = stdout.trim().split('\n')[0] || t('ended with status {exitCode}', {exitCode});
		return {state: exitCode === 0 ? 'runs' : 'stopped', words};
	} catch (error) {
		return {state: 'unknown', words: (error as Error).message};
	}
}

/**
Stops a service and waits until its port is free, for up to 30 s: Apache lets go of it up to three seconds
after its stop command returned, and a start before that fails. Returns why it is not stopped, or undefined.
Throws a `CommandError` when the command fails.
*/
export async function stopService(
	runner: Runner,
	commands: ServiceCommands,
	port: number,
): Promise<string | undefined> {
	const before = new Set((await listeners(port)).map(({pid}) => pid));
	await runner.run(commands.stop);
	let left: Listener[] = [];
	await becomesTrue(async () => {
		left = await listeners(port);
		// Whoever took the port meanwhile will not let go of it because somebody waits.
		return left.length === 0 || left.some(({pid}) => !before.has(pid));
	}, patienceForStop);
	if (await isRunning(runner, commands)) {
		return t('it says that it still runs');
	}

	return left.length > 0 ? portTaken(port, left) : undefined;
}

/** Starts a service and waits up to a minute until it runs and its port is taken. Returns why not, or undefined. */
export async function startService(
	runner: Runner,
	commands: ServiceCommands,
	port: number,
): Promise<string | undefined> {
	if (!(await isRunning(runner, commands))) {
		// Whether somebody who stays there is in the way, only the start can tell: the service itself may have been
		// started by another way, which its unit does not know.
		await holdersOf(port);
	}

	try {
		await runner.run(commands.start);
	} catch (error) {
		const now = await listeners(port);
		if (error instanceof CommandError && now.length > 0 && !(await isRunning(runner, commands))) {
			return portTaken(port, now);
		}

		throw error;
	}

	const runs = await becomesTrue(
		// A script that cannot tell is no reason to believe that it does not run.
		async () => (await isListening(port)) && (await askService(runner, commands)).state !== 'stopped',
		patienceForStart,
	);
	if (runs) {
		return undefined;
	}

	const now = await listeners(port);
	return now.length > 0 ? portTaken(port, now) : t('nothing listens on port {port} a minute after the start', {port});
}

/** Who holds a port that should be free. A service that was cut while it stopped gets time to let go of it. */
export async function holdersOf(port: number): Promise<readonly Listener[]> {
	let left: Listener[] = [];
	await becomesTrue(async () => {
		left = await listeners(port);
		return left.length === 0;
	}, patienceForPort);
	return left;
}

const patienceForStop = 30_000;
const patienceForStart = 60_000;
const patienceForPort = 5000;

function portTaken(port: number, by: readonly Listener[]): string {
	return t('port {port} is taken by {by}', {port, by: nameListeners(by)});
}

/** The end of a log of the host, from a position on; undefined when it cannot be read. At most 64 KiB. */
export async function logSince(path: string, from: number): Promise<string | undefined> {
	try {
		const file = await open(path, 'r');
		try {
			const {size} = await file.stat();
			// A log that shrank was rotated: all of the new one counts.
			const start = Math.max(size < from ? 0 : from, size - 64 * 1024);
			const {buffer, bytesRead} = await file.read(Buffer.alloc(size - start), 0, size - start, start);
			return buffer.subarray(0, bytesRead).toString('utf8');
		} finally {
			await file.close();
		}
	} catch {
		return undefined;
	}
}
