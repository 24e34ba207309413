import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {EventEmitter, once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type {RunEvent} from '../../source/engine/events.js';
import {sampleUrl} from '../../source/rehearsal/sample.js';
import {findView, type View} from '../../source/rehearsal/view.js';
import {processesWith} from './host.js';

/** The built program. */
export const program = fileURLToPath(new URL('../../dist/omflow-tui.mjs', import.meta.url));

/** Longest time for a whole rehearsal here, package downloads included. */
export const rehearsalPatience = 600_000;

/** A state directory for one test; a view left in it by a failure is closed, and everything is removed. */
export async function makeStateDirectory(t: TestContext): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-rehearsal-'));
	t.after(async () => {
		await (await viewOf(directory))?.close();
		await rm(directory, {recursive: true, force: true});
	});
	return directory;
}

export async function viewOf(state: string): Promise<View | undefined> {
	return findView(join(state, 'rehearsal', 'view'));
}

/** A program that prints one event a line. */
export class Rehearsal {
	readonly events: RunEvent[] = [];
	stderr = '';
	readonly #news = new EventEmitter();
	readonly #child: ChildProcess;
	readonly #ended: Promise<number | null>;

	constructor(state: string, args: readonly string[] = []) {
		this.#child = spawn(
			process.execPath,
			[program, 'rehearse', '--sample', '--yes', '--json', '--state-dir', state, ...args],
			{stdio: ['ignore', 'pipe', 'pipe']},
		);
		let rest = '';
		this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
			const lines = (rest + chunk).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				this.events.push(JSON.parse(line) as RunEvent);
				this.#news.emit('event');
			}
		});
		this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
			this.stderr += chunk;
		});
		this.#ended = once(this.#child, 'close').then(([code]) => {
			this.#news.emit('event');
			return code as number | null;
		});
	}

	/** Waits for an event after the ones seen by an earlier call with the same condition. */
	async until(condition: (event: RunEvent) => boolean): Promise<RunEvent> {
		for (;;) {
			const found = this.events.find(condition);
			if (found) {
				return found;
			}

			if (this.#child.exitCode !== null) {
				throw new Error(`It ended without that event.\n${this.stderr}\n${JSON.stringify(this.events.slice(-5))}`);
			}

			await once(this.#news, 'event');
		}
	}

	async step(id: string, status: string): Promise<void> {
		await this.until(event => event.event === 'step' && event.step === id && event.status === status);
	}

	/** Exit status. */
	async end(): Promise<number | null> {
		return this.#ended;
	}
}

/** Kills the worker of this very program the hard way, and not merely what entered the view for it. */
export async function killWorker(bundle = program): Promise<void> {
	const command = `${process.execPath} ${bundle} worker `;
	const found = (await processesWith(bundle)).find(line => line.replace(/^\d+ /, '').startsWith(command));
	if (!found) {
		throw new Error('There is no worker to kill.');
	}

	process.kill(Number.parseInt(found, 10), 'SIGKILL');
}

/** Runs a program inside a view and returns what it printed. */
export async function inside(view: View, ...argv: string[]): Promise<string> {
	const [command = '', ...rest] = view.enter(argv);
	return (await promisify(execFile)(command, rest)).stdout;
}

/** What the sample says about itself over HTTP, asked inside the view; the server unless another address is given. */
export async function sampleSays(view: View, url = sampleUrl('B')): Promise<Record<string, unknown>> {
	const script = `fetch('${url}status.json').then(async r => console.log(await r.text()))`;
	return JSON.parse(await inside(view, process.execPath, '-e', script)) as Record<string, unknown>;
}
