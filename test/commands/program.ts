import {type ChildProcess, spawn} from 'node:child_process';
import {EventEmitter, once} from 'node:events';
import type {RunEvent} from '../../source/engine/events.js';
import {program} from '../rehearsal/program.js';

export {program} from '../rehearsal/program.js';

export type Settings = {
	/** Added to this process's own, which may know how to reach the network. */
	readonly env?: Readonly<Record<string, string>>;
	/** Runs the command somewhere else, for example in a view. */
	readonly wrap?: (argv: readonly string[]) => readonly string[];
};

export type Ended = {readonly status: number | null; readonly stdout: string; readonly stderr: string};

/** Why a test cannot run here, or false. */
export const needsRoot = process.geteuid?.() === 0 ? false : 'needs root';

/** A port of this machine on which nobody listens: the discard service's, which no machine has any more. */
export const closedPort = '127.0.0.1:9';

/** The built program with a command line: no terminal, its output caught. */
export class Program {
	readonly child: ChildProcess;
	stdout = '';
	stderr = '';
	readonly #news = new EventEmitter();
	readonly #ended: Promise<unknown>;

	constructor(args: readonly string[], {env = {}, wrap = argv => argv}: Settings = {}) {
		const [command = '', ...rest] = wrap([process.execPath, program, ...args]);
		this.child = spawn(command, rest, {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {...process.env, NODE_ENV: 'production', ...env},
		});
		this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
			this.stdout += chunk;
			this.#news.emit('more');
		});
		this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
			this.stderr += chunk;
		});
		this.#ended = once(this.child, 'close').then(() => this.#news.emit('more'));
	}

	/** What it printed with `--json`, as far as the lines are whole. */
	get events(): RunEvent[] {
		return this.stdout
			.split('\n')
			.slice(0, -1)
			.map(line => JSON.parse(line) as RunEvent);
	}

	/** Waits until an event was printed for which the condition holds. */
	async until(condition: (event: RunEvent) => boolean): Promise<void> {
		while (!this.events.some(condition)) {
			if (this.child.exitCode !== null) {
				throw new Error(`It ended before that:\n${this.stderr}\n${this.stdout}`);
			}

			await once(this.#news, 'more');
		}
	}

	/** Waits until a step has a status. */
	async step(id: string, status: string): Promise<void> {
		await this.until(event => event.event === 'step' && event.step === id && event.status === status);
	}

	async end(): Promise<Ended> {
		await this.#ended;
		return {status: this.child.exitCode, stdout: this.stdout, stderr: this.stderr};
	}
}

/** Runs the built program to its end. */
export async function run(args: readonly string[], settings: Settings = {}): Promise<Ended> {
	return new Program(args, settings).end();
}

/** The last line of a run with `--json`. */
export function lastEvent({stdout, stderr}: Ended): RunEvent & {event: 'run-ended'} {
	const event = JSON.parse(stdout.trimEnd().split('\n').at(-1) || 'null') as RunEvent | null;
	if (event?.event !== 'run-ended') {
		throw new Error(`The last line is not the end of a run:\n${stdout.slice(-2000)}\n${stderr}`);
	}

	return event;
}
