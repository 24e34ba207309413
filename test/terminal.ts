import {EventEmitter} from 'node:events';
import {spawn as spawnPty} from '@lydell/node-pty';
import unicode from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

/*
A program in a real pseudo-terminal, and a terminal emulator that shows what a person would see. Tests and
the scripts that make pictures wait for what is on the screen, never for time.
*/

export type TerminalOptions = {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	/** Added to a small environment with UTF-8; `undefined` takes a variable out. */
	readonly env?: Readonly<Record<string, string | undefined>>;
};

export type Exit = {readonly code: number; readonly signal: number};

/** Names for keys that are not text. */
export const keys = {
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	home: '\u001B[H',
	end: '\u001B[F',
	pageUp: '\u001B[5~',
	pageDown: '\u001B[6~',
	enter: '\r',
	escape: '\u001B',
	tab: '\t',
	backspace: '\u007F',
	ctrl: (letter: string) => String.fromCharCode(letter.toLowerCase().charCodeAt(0) - 96),
	paste: (text: string) => `\u001B[200~${text}\u001B[201~`,
} as const;

// Only a test that fails waits so long; a machine under tests is slow at times.
const PATIENCE = 60_000;
const LAST_OUTPUT = 300;

export class Terminal {
	/** The emulator, for looking at cells, colours and modes. */
	readonly emulator: headless.Terminal;
	/** Bytes the program has written so far. */
	bytes = 0;
	/** Everything the program has written, raw. */
	output = '';
	readonly #pty: ReturnType<typeof spawnPty>;
	readonly #events = new EventEmitter();
	#exit: Exit | undefined;

	private constructor(file: string, args: readonly string[], options: TerminalOptions) {
		const {columns = 80, rows = 24} = options;
		this.emulator = new headless.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
		this.emulator.loadAddon(new unicode.Unicode11Addon());
		this.emulator.unicode.activeVersion = '11';
		this.#pty = spawnPty(file, [...args], {
			// It sets TERM to this, whatever the environment says.
			name: options.env?.TERM ?? 'xterm-256color',
			cols: columns,
			rows,
			...(options.cwd === undefined ? {} : {cwd: options.cwd}),
			env: environment(options.env),
		});
		this.#events.setMaxListeners(0);
		this.#pty.onData(data => {
			this.bytes += Buffer.byteLength(data);
			this.output += data;
			this.emulator.write(data, () => this.#events.emit('change'));
		});
		// What a terminal answers when asked, for example about its size or colours.
		this.emulator.onData(reply => this.#pty.write(reply));
		this.#pty.onExit(({exitCode, signal}) => {
			this.#exit = {code: exitCode, signal: signal ?? 0};
			this.emulator.write('', () => this.#events.emit('change'));
		});
	}

	/** Starts a program in a new pseudo-terminal. */
	static spawn(file: string, args: readonly string[] = [], options: TerminalOptions = {}): Terminal {
		return new Terminal(file, args, options);
	}

	get pid(): number {
		return this.#pty.pid;
	}

	/** The rows a person sees, each without the spaces at its end. */
	screen(): string[] {
		const buffer = this.emulator.buffer.active;
		return Array.from({length: this.emulator.rows}, (_, row) => {
			return buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '';
		});
	}

	text(): string {
		return this.screen().join('\n');
	}

	/** Whether the program has the alternate screen. */
	get isFullScreen(): boolean {
		return this.emulator.buffer.active.type === 'alternate';
	}

	/** Whether the program shows the cursor: it does while something is typed. */
	get isCursorVisible(): boolean {
		return this.output.lastIndexOf('\u001B[?25h') > this.output.lastIndexOf('\u001B[?25l');
	}

	/** Sends keys as one chunk. */
	send(text: string): void {
		this.#pty.write(text);
	}

	resize(columns: number, rows: number): void {
		this.emulator.resize(columns, rows);
		this.#pty.resize(columns, rows);
	}

	kill(signal: NodeJS.Signals = 'SIGTERM'): void {
		this.#pty.kill(signal);
	}

	/**
	Waits until the screen has a text, matches a pattern or satisfies a condition. Resolves to the screen.
	Fails with the screen in the message.
	*/
	async waitFor(expected: string | RegExp | ((screen: string) => boolean), milliseconds = PATIENCE): Promise<string> {
		const holds = () => {
			const text = this.text();
			return typeof expected === 'string'
				? text.includes(expected)
				: expected instanceof RegExp
					? expected.test(text)
					: expected(text);
		};
		await this.#until(holds, milliseconds, String(expected));
		return this.text();
	}

	/** Waits for the program's end. */
	async waitForExit(milliseconds = PATIENCE): Promise<Exit> {
		await this.#until(() => this.#exit !== undefined, milliseconds, 'the end of the program');
		return this.#exit as Exit;
	}

	/** Ends the program if it still runs. For the end of a test. */
	async close(): Promise<void> {
		if (this.#exit === undefined) {
			this.kill('SIGKILL');
			await this.waitForExit();
		}

		this.emulator.dispose();
	}

	async #until(holds: () => boolean, milliseconds: number, expected: string): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const finish = (error?: Error) => {
				clearTimeout(timer);
				this.#events.off('change', check);
				if (error === undefined) {
					resolve();
				} else {
					reject(error);
				}
			};

			const check = () => {
				if (holds()) {
					finish();
				} else if (this.#exit !== undefined) {
					// The last output can come after the end.
					setTimeout(() => {
						finish(
							holds()
								? undefined
								: new Error(`The program ended (${JSON.stringify(this.#exit)}) before ${expected}\n${this.text()}`),
						);
					}, LAST_OUTPUT);
				}
			};

			const timer = setTimeout(() => {
				finish(new Error(`Waited ${milliseconds} ms for ${expected}\n${this.text()}`));
			}, milliseconds);
			this.#events.on('change', check);
			check();
		});
	}
}

function environment(added: TerminalOptions['env'] = {}): Record<string, string> {
	const base = {
		PATH: process.env.PATH,
		HOME: process.env.HOME,
		TERM: 'xterm-256color',
		COLORTERM: 'truecolor',
		LANG: 'C.UTF-8',
		NODE_ENV: 'production',
		// No CI: with it, even as `false`, Ink draws nothing until the end or chalk shows no colour.
		...added,
	};
	return Object.fromEntries(Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
