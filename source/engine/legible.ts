import {t} from '../locales/index.js';
import {isThere, UnreadableFile} from './kept-file.js';
import {readLedger} from './ledger.js';
import {runPlaces} from './places.js';
import {readProgress} from './progress.js';

/**
Whether a worker can know what was done in a run and how to take it back: throws an UnreadableFile when it cannot. What
the ledger has promised is nowhere else; progress and events are for screens, and their workers do without.
*/
export async function checkLedger(run: string): Promise<void> {
	const path = runPlaces.ledger(run);
	if (readLedger(path).size > 0) {
		return;
	}

	const {steps} = await readProgress(run);
	const isBegun = Object.values(steps).some(({status}) => ['done', 'undoing', 'undone'].includes(status));
	if (isBegun) {
		throw new UnreadableFile(path, isThere(path) ? t('is empty') : t('is missing'));
	}
}
