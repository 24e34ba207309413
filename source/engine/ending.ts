import type {ByHand, Outcome} from './state.js';

/** How a run, or a hop of it, ended. */
export type Ending = {
	readonly outcome: Outcome;
	readonly message: string;
	/** The version of the last hop that was kept, in a run that ended before its last one was. */
	readonly reached?: string;
	/** What is left of a rollback that could not finish. */
	readonly byHand?: readonly ByHand[];
};
