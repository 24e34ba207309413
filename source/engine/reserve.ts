import {randomBytes} from 'node:crypto';
import {rmSync, statSync, writeFileSync} from 'node:fs';
import {runPlaces} from './places.js';

/** Enough for the last words of a run: its progress several times over, the ledger's and the events' last lines. */
const bytes = 1024 * 1024;

/**
Room that a run keeps for itself and gives up when the disk is full, so that it can still write down how it ends
and take everything back.
*/
export class Reserve {
	constructor(private readonly run: string) {}

	/** Sets the room aside; does without when there is none. */
	hold(): void {
		const path = runPlaces.reserve(this.run);
		if (statSync(path, {throwIfNoEntry: false})?.size === bytes) {
			return;
		}

		try {
			// Bytes that no filesystem can pack into less.
			writeFileSync(path, randomBytes(bytes), {mode: 0o600});
		} catch {
			this.release();
		}
	}

	/** Gives the room back to the filesystem. */
	release(): void {
		rmSync(runPlaces.reserve(this.run), {force: true});
	}
}
