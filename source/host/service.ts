import {open} from 'node:fs/promises';
import {createConnection} from 'node:net';
import type {Runner} from './process.js';

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

/** Whether somebody listens on a port of this machine. */
export async function isListening(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = createConnection({host: '127.0.0.1', port});
		const end = (listening: boolean) => {
			socket.destroy();
			resolve(listening);
		};
		socket.setTimeout(2000, () => end(false));
		socket.once('connect', () => end(true));
		socket.once('error', () => end(false));
	});
}

/**
Stops a service and waits until its port is free, for up to 30 s: Apache lets go of it up to three seconds
after its stop command returned, and a start before that fails.
Throws a `CommandError` when the command fails; returns false when the port stays taken.
*/
export async function stopService(runner: Runner, commands: ServiceCommands, port: number): Promise<boolean> {
	await runner.run(commands.stop);
	return becomesTrue(async () => !(await isListening(port)), 30_000);
}

/** Starts a service and waits up to a minute until its port answers; false when it does not. */
export async function startService(runner: Runner, commands: ServiceCommands, port: number): Promise<boolean> {
	await runner.run(commands.start);
	return becomesTrue(async () => isListening(port), 60_000);
}

/** The end of a log of the host, from a position on; empty when there is none. At most 64 KiB. */
export async function logSince(path: string, from: number): Promise<string> {
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
		return '';
	}
}
