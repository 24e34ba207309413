import type {Plan} from '../engine/places.js';
import type {Runbook} from '../engine/worker.js';
import {rehearsalSteps} from '../rehearsal/steps.js';
import {environmentRunbook} from '../runbook/environment.js';
import type {Facts} from '../runbook/facts.js';

/** The runbook of a plan; a rehearsal prepares its view first. */
export function runbookFor(plan: Plan): Runbook<Facts> {
	const runbook = environmentRunbook(plan);
	return plan.kind === 'rehearsal' ? {...runbook, steps: [...rehearsalSteps<Facts>(plan), ...runbook.steps]} : runbook;
}
