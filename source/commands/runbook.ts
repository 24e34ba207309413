import {hopsOf} from '../engine/hop.js';
import {type Plan, places} from '../engine/places.js';
import type {Route} from '../engine/worker.js';
import {buildRoute} from '../kit/build/steps.js';
import {rehearsalSteps} from '../rehearsal/steps.js';
import type {Facts} from '../runbook/facts.js';
import {routeOf} from '../runbook/route.js';

/** The runbooks of a plan; a rehearsal prepares its view first. */
export function routeFor(plan: Plan, state: string): Route<unknown> {
	return plan.kind === 'kit' ? buildRoute(plan, places.run(state, plan.id)) : routeOfHost(plan, state);
}

function routeOfHost(plan: Plan, state: string): Route<Facts> {
	const {hops, probe} = routeOf(plan, state);
	const [first, ...later] = hops;
	return plan.kind === 'rehearsal' && first
		? {hops: [{...first, steps: [...rehearsalSteps<Facts>(plan), ...first.steps]}, ...later], probe}
		: {hops, probe};
}

/** The same as a screen needs it, when no worker lives. */
export function knownHops(plan: Plan, state: string) {
	return hopsOf(routeFor(plan, state).hops);
}
