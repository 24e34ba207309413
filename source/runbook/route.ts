import type {Plan} from '../engine/places.js';
import type {Step} from '../engine/step.js';
import type {Route} from '../engine/worker.js';
import type {Installation} from '../omflow/installation.js';
import {environmentSteps} from './environment.js';
import {type Facts, factsOf, recorded} from './facts.js';
import {generalSteps} from './general.js';
import {probeService} from './probe.js';
import {restoreSteps} from './restore.js';

const runbooks: Readonly<Record<string, ReadonlyArray<Step<Facts>>>> = {
	general: generalSteps,
	environment: environmentSteps,
	restore: restoreSteps,
};

/** The runbooks of a plan, one a hop, ready for the engine. `state` is where runs are kept. */
export function routeOf(plan: Plan, state: string): Route<Facts> {
	return {
		hops: plan.hops.map(({to, runbook}, index) => {
			const steps = runbooks[runbook];
			if (!steps) {
				throw new Error(`This version of omflow-tui knows no runbook “${runbook}”. Use the one that began the run.`);
			}

			return {to, steps, facts: factsOf(plan, index, state)};
		}),
		probe: async recall => probeService(recall<Installation>(recorded.installation)),
	};
}
