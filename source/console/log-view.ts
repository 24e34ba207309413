import {type FileHandle, open} from 'node:fs/promises';
import {t} from '../locales/index.js';
import type {Command} from './keys.js';
import {type LogLine, readForward, searchBackward, searchForward} from './log-file.js';
import {back, forth, isBefore, type Place} from './log-places.js';
import {heightOf, rowWith} from './log-rows.js';

/** The visible part of a log file. */
export type LogState = {
	readonly step: string;
	readonly lines: readonly LogLine[];
	/** Rows of the first line that are above the screen; only where lines are wrapped. */
	readonly skip: number;
	/** Whether long lines are broken at the edge. */
	readonly wrap: boolean;
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

/** How much of a log is visible. */
export type LogWindow = {readonly columns: number; readonly rows: number};

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
	#window: LogWindow;

	constructor(options: {
		readonly step: string;
		readonly path: string;
		readonly window: LogWindow;
		readonly wrap: boolean;
		/** Called after every change of `state`. */
		changed(): void;
	}) {
		this.#path = options.path;
		this.#window = options.window;
		this.#changed = options.changed;
		this.state = {
			step: options.step,
			lines: [],
			skip: 0,
			wrap: options.wrap,
			size: 0,
			follow: true,
			column: 0,
			query: '',
		};
		this.#timer = setInterval(() => this.#do(() => this.#poll()), POLL_MILLISECONDS);
		this.#do(() => this.#poll());
	}

	resize(window: LogWindow): void {
		if (window.columns !== this.#window.columns || window.rows !== this.#window.rows) {
			this.#window = window;
			this.#do(() => this.#showAgain());
		}
	}

	/** Breaks long lines at the edge, or cuts them there. The first line stays the first one. */
	wrap(wrap: boolean): void {
		if (wrap !== this.state.wrap) {
			this.state = {...this.state, wrap, column: 0};
			this.#do(() => this.#showAgain());
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

	get #top(): Place {
		return {at: this.state.lines[0]?.at ?? 0, row: this.state.skip};
	}

	get #bottom(): number {
		return this.state.lines.at(-1)?.next ?? 0;
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

	/** Shows the log from a row on; reads no more than what is visible. */
	async #show(from: Place, change: Partial<LogState> = {}): Promise<void> {
		const handle = this.#handle;
		if (handle === undefined) {
			return;
		}

		const {columns, rows} = this.#window;
		const read = await readForward(handle, from.at, rows, this.state.size);
		const skip = Math.min(from.row, this.#height(read[0]?.text ?? '', columns) - 1);
		const lines: LogLine[] = [];
		let shown = -skip;
		for (const line of read) {
			if (shown >= rows) {
				break;
			}

			lines.push(line);
			shown += this.#height(line.text, columns);
		}

		this.#set({...change, lines, skip});
	}

	async #showEnd(): Promise<void> {
		const handle = this.#handle;
		if (handle !== undefined) {
			await this.#show(await this.#end(handle), {follow: true});
		}
	}

	async #showAgain(): Promise<void> {
		await (this.state.follow ? this.#showEnd() : this.#show(this.#top));
	}

	#height(text: string, columns = this.#window.columns): number {
		return this.state.wrap ? heightOf(text, columns) : 1;
	}

	/** The row so many rows further up. */
	async #back(handle: FileHandle, from: Place, count: number): Promise<Place> {
		return back(handle, from, count, text => this.#height(text));
	}

	async #move(command: Command): Promise<void> {
		const handle = this.#handle;
		if (handle === undefined) {
			return;
		}

		const page = this.#window.rows - 1;
		const up = {up: 1, 'page-up': page}[command as string];
		const down = {down: 1, 'page-down': page}[command as string];
		if (up !== undefined) {
			this.state = {...this.state, follow: false};
			await this.#show(await this.#back(handle, this.#top, up));
		} else if (down !== undefined) {
			await this.#down(handle, down);
		} else if (command === 'first') {
			this.state = {...this.state, follow: false};
			await this.#show({at: 0, row: 0});
		} else if (command === 'last' || command === 'follow') {
			await this.#showEnd();
		} else if ((command === 'left' || command === 'right') && !this.state.wrap) {
			const column = this.state.column + (command === 'left' ? -SIDE_COLUMNS : SIDE_COLUMNS);
			this.#set({column: Math.max(0, column)});
		} else if (command === 'search-next' && this.state.query !== '') {
			await this.#find(this.state.query, 'up', this.state.hit ?? this.#bottom);
		} else if (command === 'search-previous' && this.state.query !== '') {
			await this.#find(this.state.query, 'down', this.#after(this.state.hit));
		}
	}

	async #down(handle: FileHandle, count: number): Promise<void> {
		const to = await forth(handle, this.#top, count, this.state.size, text => this.#height(text));
		const end = await this.#end(handle);
		await (to === undefined || !isBefore(to, end) ? this.#showEnd() : this.#show(to));
	}

	/** The first row of the last screen. */
	async #end(handle: FileHandle): Promise<Place> {
		return this.#back(handle, {at: this.state.size, row: 0}, this.#window.rows);
	}

	#after(hit: number | undefined): number {
		return this.state.lines.find(({at}) => at === hit)?.next ?? hit ?? this.#top.at;
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

		const [line] = await readForward(handle, hit, 1, this.state.size);
		const row = this.state.wrap ? rowWith(line?.text ?? '', query, this.#window.columns) : 0;
		const top = await this.#back(handle, {at: hit, row}, Math.floor(this.#window.rows / 3));
		const end = await this.#end(handle);
		this.state = {...this.state, hit, follow: false, message: undefined};
		await this.#show(isBefore(top, end) ? top : end);
	}
}
