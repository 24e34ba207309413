import {UnreadableFile} from '../engine/kept-file.js';
import {type Plan, places, runPlaces} from '../engine/places.js';
import type {Step} from '../engine/step.js';
import type {Route} from '../engine/worker.js';
import {t} from '../locales/index.js';
import type {Installation} from '../omflow/installation.js';
import {environmentSteps} from './environment.js';
import {type Facts, factsOf, recorded} from './facts.js';
import {generalSteps} from './general.js';
import {probeService} from './probe.js';
import {restoreSteps} from './restore.js';
import {ServiceFacts} from './service-facts.js';
import {withAgreement} from './steps/agreement.js';

const runbooks: Readonly<Record<string, ReadonlyArray<Step<Facts>>>> = {
	general: generalSteps,
	environment: environmentSteps,
	restore: restoreSteps,
};

/**
The runbooks of a plan, one a hop, ready for the engine. `state` is where runs are kept. Throws an UnreadableFile for a
runbook that only a newer version knows.
*/
export function routeOf(plan: Plan, state: string): Route<Facts> {
	const facts = new ServiceFacts();
	const hops = plan.hops.map(({to, runbook}, index) => {
		const steps = runbooks[runbook];
		if (!steps) {
			const path = runPlaces.plan(places.run(state, plan.id));
			throw new UnreadableFile(path, t('names the runbook “{runbook}” of a newer omflow-tui', {runbook}), true);
		}

		return {to, steps, facts: factsOf(plan, index, state)};
	});
	return {
		// A rehearsal changes nothing here, and what a restore does is asked beforehand.
		hops: plan.kind === 'upgrade' ? withAgreement(hops) : hops,
		probe: async recall => probeService(recall<Installation>(recorded.installation), facts),
	};
}
