import {statfs} from 'node:fs/promises';
import {t} from '../locales/index.js';

/** How much room there was, and where. */
export type Room = {
	readonly bytes: number;
	/** For a sentence: `for /var`. */
	readonly where: string;
};

/** Where programs write that a step starts. */
const watched = ['/', '/var', '/tmp'];

/**
Looks five times a second how much room there is while a step works, and remembers the least: a program that fills the
disk removes its own files when it fails, and on a full disk it cannot even write down why it failed.
*/
export class RoomWatch {
	#least: Room | undefined;
	#timer: NodeJS.Timeout | undefined;
	#looking = Promise.resolve();

	constructor(private readonly run: string) {}

	start(): void {
		this.#timer = setInterval(() => {
			this.#looking = this.#looking.then(() => this.#look());
		}, 200);
	}

	/** Looks once more and returns the least there was. */
	async stop(): Promise<Room | undefined> {
		clearInterval(this.#timer);
		this.#looking = this.#looking.then(() => this.#look());
		await this.#looking;
		return this.#least;
	}

	async #look(): Promise<void> {
		for (const path of [this.run, ...watched]) {
			try {
				const {bavail, bsize} = await statfs(path);
				if (bavail * bsize < (this.#least?.bytes ?? Number.POSITIVE_INFINITY)) {
					this.#least = {
						bytes: bavail * bsize,
						where: path === this.run ? t('where runs are kept') : t('for {path}', {path}),
					};
				}
			} catch {
				// A place that is not there needs no room.
			}
		}
	}
}
