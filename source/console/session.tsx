import {type Instance, render} from 'ink';
import type {ReactNode} from 'react';
import {t} from '../locales/index.js';
import {isUtf8} from '../locales/locale.js';
import {showAlone} from './alone.js';
import {asciiOnly, withoutSigns} from './charset.js';
import {editText} from './editor.js';
import {KeyStream, type TerminalInput} from './stdin.js';
import {Screen, type TerminalOutput} from './stdout.js';

export type TerminalOptions = {
	/** Draw with ASCII only. The locale can ask for it as well. */
	readonly ascii: boolean;
	readonly color: boolean;
	readonly stdin: TerminalInput;
	readonly stdout: TerminalOutput;
};

export function wantsAscii({ascii}: {readonly ascii: boolean}): boolean {
	return ascii || !isUtf8(process.env);
}

/** Whether the person has told Ink that the screen is read aloud. */
export function isSpoken(): boolean {
	return process.env.INK_SCREEN_READER === 'true';
}

/** The terminal while a screen of this program has it. Whatever ends the screen, the terminal is left as it was. */
export class Session {
	readonly screen: Screen;
	readonly #keys: KeyStream;
	readonly #input: TerminalInput;
	#instance: Instance | undefined;
	#node: (() => ReactNode) | undefined;
	#suspendTerminal: ((callback: () => Promise<void>) => Promise<unknown>) | undefined;
	#isSuspended = false;

	constructor(options: TerminalOptions) {
		this.#input = options.stdin;
		this.#keys = new KeyStream(options.stdin);
		this.screen = new Screen(
			options.stdout,
			isUtf8(process.env) ? (options.ascii ? withoutSigns : undefined) : asciiOnly,
		);
	}

	/** Shows a screen until `end` is called. Rejects with what a component threw. */
	async show(node: () => ReactNode): Promise<void> {
		const leave = () => this.end();
		this.screen.on('lost', leave);
		this.screen.on('resizing', this.#clear);
		// A terminal that hangs up ends its input, or fails it with EIO.
		this.#input.on('end', leave);
		this.#input.on('error', leave);
		this.#keys.on('error', leave);
		process.on('SIGCONT', this.#continued);
		this.#node = node;
		// Before the first frame: Ink sets it after, and Ctrl-C in between would end the program.
		this.#keys.setRawMode(true);
		try {
			this.#instance = render(node(), {
				stdout: this.screen as unknown as NodeJS.WriteStream,
				stdin: this.#keys as unknown as NodeJS.ReadStream,
				exitOnCtrlC: false,
				// Somebody is at this terminal, whatever a variable such as CI says.
				interactive: true,
				alternateScreen: true,
				incrementalRendering: true,
				maxFps: 30,
				// A library's message must not run through the screen.
				patchConsole: true,
			});
			await this.#instance.waitUntilExit();
		} finally {
			process.off('SIGCONT', this.#continued);
			this.#input.off('end', leave);
			this.screen.release();
			this.#keys.setRawMode(false);
			this.#keys.unref();
		}
	}

	/** Told by the root component, which is where Ink hands it out. */
	onSuspend(suspendTerminal: (callback: () => Promise<void>) => Promise<unknown>): void {
		this.#suspendTerminal = suspendTerminal;
	}

	end(): void {
		this.#instance?.unmount();
	}

	/** Draws everything anew, whatever is on the terminal. */
	redraw(): void {
		this.#clear();
		if (this.#node !== undefined) {
			this.#instance?.rerender(this.#node());
		}
	}

	/** Stops this program as the shell's Ctrl-Z does, and takes the terminal again when it goes on. */
	async suspend(): Promise<void> {
		await this.#lend(async () => {
			// The whole group: a launcher must stop as well, or the shell waits on.
			process.kill(0, 'SIGTSTP');
			// Stopped here. The timer is due when the program goes on; without job control that is at once.
			await new Promise(resolve => {
				setTimeout(resolve, 50);
			});
		});
	}

	async edit(name: string, text: string): Promise<{readonly text: string} | {readonly problem: string}> {
		let result: {readonly text: string} | {readonly problem: string} = {problem: t('The terminal is not free.')};
		await this.#lend(async () => {
			result = await editText(name, text);
		});
		return result;
	}

	/** Shows lines and nothing else, for the terminal's own selection, until any key. */
	async showAlone(lines: readonly string[]): Promise<void> {
		await this.#lend(async () => showAlone(lines, this.#input, this.screen));
	}

	async #lend(work: () => Promise<void>): Promise<void> {
		if (this.#isSuspended || this.#suspendTerminal === undefined) {
			return;
		}

		this.#isSuspended = true;
		try {
			await this.#suspendTerminal(work);
		} finally {
			this.#isSuspended = false;
		}
	}

	readonly #clear = (): void => {
		if (!this.#isSuspended) {
			this.#instance?.clear();
			this.screen.write('\u001B[2J\u001B[H');
		}
	};

	/** After a stop that did not come from a key: the shell may have changed the terminal's mode. */
	readonly #continued = (): void => {
		if (!this.#isSuspended) {
			this.#input.setRawMode?.(false);
			this.#input.setRawMode?.(true);
			this.screen.write('\u001B[?1049h\u001B[?25l');
			this.redraw();
		}
	};
}
