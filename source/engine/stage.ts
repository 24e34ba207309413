import type {Entries} from './ledger.js';

/**
How far a hop has come, by what the ledger says. It decides what stopping, a failure and a roll back mean:

- `preparing`: the service runs untouched. A failure asks, or ends the run.
- `window`: the service is down, or may be. A failure takes everything back by itself.
- `in-service`: the new version was seen in good health, and people may have worked with it. Nothing is taken
  back without being asked for, since what they entered would be lost.
- `kept`: decided; nothing is taken back any more.
- `rolling-back`: the way leads back, also after a crash.
*/
export type Stage = 'preparing' | 'window' | 'in-service' | 'kept' | 'rolling-back';

/** Keys of the ledger that make the stage. */
export const milestones = {
	windowOpened: 'window-opened',
	inService: 'in-service',
	kept: 'kept',
	/** Kept, and nothing left to tidy up. */
	over: 'over',
	/** Its value is the reason. */
	rollingBack: 'rolling-back',
} as const;

export function stageOf(ledger: Pick<Entries, 'recall'>): Stage {
	if (ledger.recall(milestones.kept)) {
		return 'kept';
	}

	if (ledger.recall(milestones.rollingBack)) {
		return 'rolling-back';
	}

	if (ledger.recall(milestones.inService)) {
		return 'in-service';
	}

	return ledger.recall(milestones.windowOpened) ? 'window' : 'preparing';
}
