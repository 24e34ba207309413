import {t} from '../locales/index.js';
import type {Entries} from './ledger.js';

/**
How far a hop has come, by what the ledger says. It decides what stopping, a failure and a roll back mean:

- `preparing`: the service runs untouched. A failure asks, or ends the run.
- `window`: the service is down, or may be. A failure takes everything back by itself.
- `in-service`: the new version was seen in service and not in bad health, and people may have worked with it. Nothing is taken
  back without being asked for, since what they entered would be lost.
- `kept`: decided; nothing is taken back any more.
- `rolling-back`: the way leads back, also after a crash.
*/
export type Stage = 'preparing' | 'window' | 'in-service' | 'kept' | 'rolling-back';

/** Keys of the ledger that make the stage. */
export const milestones = {
	windowOpened: 'window-opened',
	inService: 'in-service',
	/** When everything is taken back unless it was kept by then; set together with `inService`, if at all. */
	confirmBy: 'confirm-by',
	kept: 'kept',
	/** Kept, and nothing left to tidy up. */
	over: 'over',
	/** A console wants everything back; a worker that dies before it begins with that must not go forward. */
	backWanted: 'back-wanted',
	/** Nobody kept it in time, and the machine was started again since. */
	lapsed: 'confirm-lapsed',
	/** The boot in which it has to be kept. */
	confirmBoot: 'confirm-boot',
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

/** Until when the new version has to be kept, where it is in service and that was wanted. Milliseconds since the epoch. */
export function deadlineOf(ledger: Pick<Entries, 'recall'>): number | undefined {
	const counts = stageOf(ledger) === 'in-service' && !ledger.recall(milestones.lapsed);
	return counts ? ledger.recall<number>(milestones.confirmBy) : undefined;
}

/** Why everything is taken back after the deadline. */
export function unconfirmed(to: string, deadline: number): string {
	return t('Nobody kept {to} until {time}, so everything is taken back.', {
		to,
		time: new Date(deadline).toLocaleTimeString('en-GB'),
	});
}
