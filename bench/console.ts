import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {spawn as spawnInTerminal} from '@lydell/node-pty';
import {Terminal} from '../test/terminal.js';
import {atEnd} from './ending.js';
import type {Place} from './place.js';

const env = {
	PATH: process.env.PATH ?? '',
	HOME: process.env.HOME ?? '/root',
	TERM: 'xterm-256color',
	COLORTERM: 'truecolor',
	LANG: 'C.UTF-8',
	NODE_ENV: 'production',
};

/** The command that attaches a console to the run of a state directory. */
export function consoleOf(place: Place, state: string): string[] {
	return [process.execPath, place.program, 'upgrade', '--state-dir', state];
}

/** Opens a console on an emulated terminal of 80×24, and waits for a text on its screen. */
export async function openConsole(place: Place, state: string, text: string): Promise<Terminal> {
	const [file = '', ...args] = consoleOf(place, state);
	const terminal = Terminal.spawn(file, args, {env});
	atEnd(() => terminal.close());
	await terminal.waitFor(text);
	return terminal;
}

/** Milliseconds from the start of a program in a pseudo-terminal until it has written a text; ends it then. */
export async function timeToText(argv: readonly string[], text: string): Promise<number> {
	const [file = '', ...args] = argv;
	const began = performance.now();
	const program = spawnInTerminal(file, args, {cols: 80, rows: 24, env});
	const end = atEnd(() => program.kill('SIGKILL'));
	const gone = new Promise<void>(resolve => {
		program.onExit(() => resolve());
	});
	let written = '';
	const took = await new Promise<number>((resolve, reject) => {
		program.onData(data => {
			written += data;
			if (written.includes(text)) {
				resolve(performance.now() - began);
			}
		});
		void gone.then(() => reject(new Error(`It ended without showing “${text}”: ${written.slice(-500)}`)));
	});
	program.write('q');
	await gone;
	await end();
	return took;
}

/** Milliseconds a program takes from its start to its end. */
export async function timeToEnd(argv: readonly string[]): Promise<number> {
	const [file = '', ...args] = argv;
	const began = performance.now();
	const child = spawn(file, args, {stdio: 'ignore', env});
	const end = atEnd(() => void child.kill('SIGKILL'));
	const [status] = await once(child, 'exit');
	const took = performance.now() - began;
	await end();
	if (status !== 0) {
		throw new Error(`${argv.join(' ')} ended with ${status}.`);
	}

	return took;
}
