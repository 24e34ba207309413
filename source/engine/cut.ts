import {t} from '../locales/index.js';
import type {Carried} from './context.js';
import type {Failure} from './failure.js';
import {stageOf} from './stage.js';

class CutRequest extends Error {
	override readonly name = 'CutRequest';
}

/**
Ends the command that runs now, so that it is asked whether to try again: only one that may be ended at any moment,
and only as long as nothing was changed, where a step that fails is asked about. Returns why not, or undefined.
*/
export function cut({child, cut: controller, journal, ledger}: Carried<unknown>): string | undefined {
	if (stageOf(ledger) !== 'preparing') {
		return t('The window is open: what runs now comes to its end. Wait, or roll back.');
	}

	if (!child?.cuttable) {
		return t('What runs now must come to its end. Wait, or stop after this step.');
	}

	if (journal.plan.unattended) {
		return t('This run asks nobody how to go on. Wait, stop after this step, or roll back.');
	}

	controller.abort(new CutRequest());
	return undefined;
}

/** Once a command was ended by `cut`: why its step failed, and what follows is not cut any more. */
export function afterCut(carried: Carried<unknown>): Failure | undefined {
	if (!(carried.cut.signal.reason instanceof CutRequest)) {
		return undefined;
	}

	carried.cut = new AbortController();
	return {message: t('It was ended on request.'), findings: []};
}
