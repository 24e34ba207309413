import {type Instance, render, useApp} from 'ink';
import {type ReactNode, useEffect} from 'react';
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
	/** The terminal that screens before this one have kept; else each has it for itself. */
	readonly session?: Session;
};

export function wantsAscii({ascii}: {readonly ascii: boolean}): boolean {
	return ascii || !isUtf8(process.env);
}

/** Whether the person has told Ink that the screen is read aloud. */
export function isSpoken(): boolean {
	return process.env.INK_SCREEN_READER === 'true';
}

/**
The terminal while screens of this program have it: one, or as many as follow each other until `close` where it is kept.
Whatever ends the last of them, the terminal is left as it was.
*/
export class Session {
	readonly screen: Screen;
	readonly #keys: KeyStream;
	readonly #input: TerminalInput;
	#instance: Instance | undefined;
	#ended: Promise<void> | undefined;
	#node: (() => ReactNode) | undefined;
	/** Of the screens so far: each begins with a state of its own. */
	#number = 0;
	#leave = () => {};
	#suspendTerminal: ((callback: () => Promise<void>) => Promise<unknown>) | undefined;
	#isSuspended = false;
	#isOver = false;
	readonly #isKept: boolean;

	constructor(options: TerminalOptions, {isKept = false} = {}) {
		this.#input = options.stdin;
		this.#keys = new KeyStream(options.stdin);
		this.screen = new Screen(
			options.stdout,
			isUtf8(process.env) ? (options.ascii ? withoutSigns : undefined) : asciiOnly,
		);
		this.#isKept = isKept;
	}

	/**
	Shows a screen until `end` is called, at once where the terminal is gone. Rejects with what a component threw. Where the
	terminal is kept the screen stays until the next one, and nothing is seen between them.
	*/
	async show(node: () => ReactNode): Promise<void> {
		if (this.#isOver) {
			return;
		}

		this.#node = node;
		this.#number++;
		const left = new Promise<void>(resolve => {
			this.#leave = resolve;
		});
		if (this.#instance === undefined) {
			this.#open();
		} else {
			this.#instance.rerender(this.#page());
		}

		await Promise.race([left, this.#ended]);
		if (!this.#isKept) {
			await this.close();
		}
	}

	/** Gives the terminal back. */
	async close(): Promise<void> {
		this.#isOver = true;
		this.#instance?.unmount();
		await this.#ended;
	}

	/** Told by the root component, which is where Ink hands it out. */
	onSuspend(suspendTerminal: (callback: () => Promise<void>) => Promise<unknown>): void {
		this.#suspendTerminal = suspendTerminal;
	}

	/** Ends the screen that is shown. */
	end(): void {
		this.#leave();
	}

	/** Draws everything anew, whatever is on the terminal. */
	redraw(): void {
		this.#clear();
		if (this.#node !== undefined) {
			this.#instance?.rerender(this.#page());
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

	#page(): ReactNode {
		return (
			<Lending key={this.#number} session={this}>
				{this.#node?.()}
			</Lending>
		);
	}

	#open(): void {
		const leave = () => this.#instance?.unmount();
		this.screen.on('lost', leave);
		this.screen.on('resizing', this.#clear);
		// A terminal that hangs up ends its input, or fails it with EIO.
		this.#input.on('end', leave);
		this.#input.on('error', leave);
		this.#keys.on('error', leave);
		process.on('SIGCONT', this.#continued);
		// Before the first frame: Ink sets it after, and Ctrl-C in between would end the program.
		this.#keys.setRawMode(true);
		this.#instance = render(this.#page(), {
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
		this.#ended = this.#instance.waitUntilExit().finally(() => {
			this.#isOver = true;
			process.off('SIGCONT', this.#continued);
			this.#input.off('end', leave);
			this.screen.release();
			this.#keys.setRawMode(false);
			this.#keys.unref();
		}) as Promise<void>;
		// Told by the screen that is shown, or by the next one that would be.
		this.#ended.catch(() => {});
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

/** Lets the session hand the terminal to another program: only a component can ask Ink for it. */
function Lending({session, children}: {readonly session: Session; readonly children: ReactNode}) {
	const {suspendTerminal} = useApp();
	useEffect(() => {
		session.onSuspend(async callback => suspendTerminal(callback));
	}, [session, suspendTerminal]);
	return children;
}
