import type {Plan} from '../engine/places.js';
import {type Runbook, work} from '../engine/worker.js';
import {environmentRunbook} from '../runbook/environment/index.js';
import type {Facts} from '../runbook/environment/facts.js';

/** Hidden: carries out a run. Arguments: state directory, run. Ends with 0 whatever the outcome was. */
export async function worker([state, id]: readonly string[]): Promise<number> {
	if (!state || !id) {
		throw new Error('The worker is started by omflow-tui itself.');
	}

	// A closed terminal or a polite signal to the whole session must not end the work.
	for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) {
		process.on(signal, () => {});
	}

	await work<Facts>(state, id, runbookFor);
	return 0;
}

async function runbookFor(plan: Plan): Promise<Runbook<Facts>> {
	const runbook = environmentRunbook(plan);
	if (plan.kind === 'upgrade') {
		return runbook;
	}

	const {rehearsalSteps} = await import('../rehearsal/steps.js');
	return {...runbook, steps: [...rehearsalSteps(plan), ...runbook.steps]};
}
