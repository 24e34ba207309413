import {type FileHandle, open} from 'node:fs/promises';
import {t} from '../locales/index.js';
import type {Command} from './keys.js';
import {type LogLine, readForward, searchBackward, searchForward, startBefore} from './log-file.js';

/** The visible part of a log file. */
export type LogState = {
	readonly step: string;
	readonly lines: readonly LogLine[];
	readonly size: number;
	/** Whether the view goes with the end of the file. */
	readonly follow: boolean;
	/** Columns moved to the right. */
	readonly column: number;
	readonly query: string;
	/** Byte of the line found last. */
	readonly hit?: number;
	/** What is going on, or why nothing is shown. */
	readonly message?: string;
};

const POLL_MILLISECONDS = 250;
const SIDE_COLUMNS = 20;

/**
Keeps the visible part of one log up to date. Reads only that part, by position in the file, so that a log
of a million lines opens as fast as an empty one. Work is done one piece after the other, in order of the keys.
*/
export class LogReader {
	state: LogState;
	#handle: FileHandle | undefined;
	#work: Promise<void> = Promise.resolve();
	#timer: NodeJS.Timeout;
	#search: AbortController | undefined;
	#closed = false;
	readonly #path: string;
	readonly #changed: () => void;
	#rows: number;

	constructor(options: {
		readonly step: string;
		readonly path: string;
		readonly rows: number;
		/** Called after every change of `state`. */
		changed(): void;
	}) {
		this.#path = options.path;
		this.#rows = options.rows;
		this.#changed = options.changed;
		this.state = {step: options.step, lines: [], size: 0, follow: true, column: 0, query: ''};
		this.#timer = setInterval(() => this.#do(() => this.#poll()), POLL_MILLISECONDS);
		this.#do(() => this.#poll());
	}

	resize(rows: number): void {
		if (rows !== this.#rows) {
			this.#rows = rows;
			this.#do(() => (this.state.follow ? this.#showEnd() : this.#show(this.#top)));
		}
	}

	command(command: Command): void {
		this.#search?.abort();
		this.#do(() => this.#move(command));
	}

	search(query: string): void {
		this.#search?.abort();
		if (query !== '') {
			// From the end of what is shown upwards: the newest is what is looked for.
			this.#do(() => this.#find(query, 'up', this.#bottom));
		}
	}

	close(): void {
		this.#closed = true;
		clearInterval(this.#timer);
		this.#search?.abort();
		void this.#work.then(() => this.#handle?.close()).catch(() => {});
	}

	get #top(): number {
		return this.state.lines[0]?.at ?? 0;
	}

	get #bottom(): number {
		const last = this.state.lines.at(-1);
		return last === undefined ? 0 : last.at + Buffer.byteLength(last.text);
	}

	#do(work: () => Promise<void>): void {
		this.#work = this.#work.then(async () => {
			if (this.#closed) {
				return;
			}

			try {
				await work();
			} catch (error) {
				this.#set({
					message: t('This log cannot be read: {message}', {
						message: error instanceof Error ? error.message : String(error),
					}),
				});
			}
		});
	}

	#set(change: Partial<LogState>): void {
		this.state = {...this.state, ...change};
		this.#changed();
	}

	async #poll(): Promise<void> {
		if (this.#handle === undefined) {
			try {
				this.#handle = await open(this.#path, 'r');
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
					throw error;
				}

				if (this.state.message === undefined) {
					this.#set({message: t('This step has written nothing yet.')});
				}

				return;
			}

			this.#set({message: undefined});
		}

		const {size} = await this.#handle.stat();
		if (size === this.state.size && this.state.lines.length > 0) {
			return;
		}

		const shrank = size < this.state.size;
		this.state = {...this.state, size};
		if (this.state.follow || shrank) {
			await this.#showEnd();
		} else {
			await this.#show(this.#top);
		}
	}

	async #show(from: number): Promise<void> {
		const handle = this.#handle;
		if (handle !== undefined) {
			this.#set({lines: await readForward(handle, from, this.#rows, this.state.size)});
		}
	}

	async #showEnd(): Promise<void> {
		const handle = this.#handle;
		if (handle !== undefined) {
			const from = await startBefore(handle, this.state.size, this.#rows);
			const lines = await readForward(handle, from, this.#rows, this.state.size);
			this.#set({lines, follow: true});
		}
	}

	async #move(command: Command): Promise<void> {
		const handle = this.#handle;
		if (handle === undefined) {
			return;
		}

		const up = {up: 1, 'page-up': this.#rows - 1}[command as string];
		const down = {down: 1, 'page-down': this.#rows - 1}[command as string];
		if (up !== undefined) {
			this.state = {...this.state, follow: false};
			await this.#show(await startBefore(handle, this.#top, up));
		} else if (down !== undefined) {
			await this.#down(handle, down);
		} else if (command === 'first') {
			this.state = {...this.state, follow: false};
			await this.#show(0);
		} else if (command === 'last' || command === 'follow') {
			await this.#showEnd();
		} else if (command === 'left' || command === 'right') {
			const column = this.state.column + (command === 'left' ? -SIDE_COLUMNS : SIDE_COLUMNS);
			this.#set({column: Math.max(0, column)});
		} else if (command === 'search-next' && this.state.query !== '') {
			await this.#find(this.state.query, 'up', this.state.hit ?? this.#bottom);
		} else if (command === 'search-previous' && this.state.query !== '') {
			await this.#find(this.state.query, 'down', this.#after(this.state.hit));
		}
	}

	async #down(handle: FileHandle, count: number): Promise<void> {
		const end = await startBefore(handle, this.state.size, this.#rows);
		const lines = await readForward(handle, this.#top, count + 1, this.state.size);
		const from = lines.at(-1)?.at ?? end;
		await (from >= end ? this.#showEnd() : this.#show(from));
	}

	#after(hit: number | undefined): number {
		const line = this.state.lines.find(({at}) => at === hit);
		return hit === undefined ? this.#top : hit + Buffer.byteLength(line?.text ?? '') + 1;
	}

	async #find(query: string, way: 'up' | 'down', from: number): Promise<void> {
		const handle = this.#handle;
		if (handle === undefined) {
			return;
		}

		const abort = new AbortController();
		this.#search = abort;
		this.#set({query, message: t('Searching for "{query}"', {query})});
		const search = {query, from, signal: abort.signal, progress: () => {}};
		const hit = await (way === 'up' ? searchBackward(handle, search) : searchForward(handle, search, this.state.size));
		if (hit === undefined) {
			const where = way === 'up' ? t('further up') : t('further down');
			this.#set({message: abort.signal.aborted ? undefined : t('"{query}" is not found {where}.', {query, where})});
			return;
		}

		const end = await startBefore(handle, this.state.size, this.#rows);
		const top = await startBefore(handle, hit, Math.floor(this.#rows / 3));
		this.state = {...this.state, hit, follow: false, message: undefined};
		await this.#show(Math.min(top, end));
	}
}
