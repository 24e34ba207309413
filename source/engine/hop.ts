import type {Step} from './step.js';

/** The steps from one version to the next, and what they are about. */
export type Runbook<Facts> = {
	/** Version it leads to. */
	readonly to: string;
	readonly steps: ReadonlyArray<Step<Facts>>;
	readonly facts: Facts;
	/** What to say when all of it is done, if not that a new version is in service. `recall` reads the ledger. */
	ending?(recall: <T>(key: string) => T | undefined): string;
};

/** A runbook as a part of a run. What it keeps — notes, answers, files, logs — goes by its own names. */
export type Hop<Facts> = Runbook<Facts> & {
	/** Ends these names, for example `@1.1.6.3`; empty in a run of one hop. */
	readonly suffix: string;
};

/** Whether there is nothing to take back, whatever was done: as where a kit is built. */
export function changesNothing<Facts>({steps}: Pick<Runbook<Facts>, 'steps'>): boolean {
	return steps.every(step => !step.undo);
}

/** What ends the names of the hop to a version, in a run of so many. */
export function suffixOf(to: string, hops: number): string {
	return hops > 1 ? `@${to}` : '';
}

/** The runbooks of a run as its hops: no two of their steps have the same id. */
export function hopsOf<Facts>(runbooks: ReadonlyArray<Runbook<Facts>>): ReadonlyArray<Hop<Facts>> {
	return runbooks.map(runbook => {
		const suffix = suffixOf(runbook.to, runbooks.length);
		// What builds the sample server belongs to no hop.
		const steps = runbook.steps.map(step => (step.phase === 'sample' ? step : {...step, id: `${step.id}${suffix}`}));
		return {...runbook, suffix, steps};
	});
}
