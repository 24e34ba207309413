import {sumOf} from '../engine/estimate.js';
import {roughly} from '../engine/expected-words.js';
import {hopsOf} from '../engine/hop.js';
import {type Plan, places} from '../engine/places.js';
import type {RunState} from '../engine/state.js';
import type {Route} from '../engine/worker.js';
import {buildRoute} from '../kit/build/steps.js';
import {t} from '../locales/index.js';
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
	const route = {hops, probe, resembles: (earlier: Plan) => hasSameSupply(earlier, plan)};
	return plan.kind === 'rehearsal' && first
		? {
				...route,
				hops: [{...first, steps: [...rehearsalSteps<Facts>(plan), ...first.steps]}, ...later],
				// Nothing like the sample server is upgraded for real.
				...(plan.options.sample ? {} : {closing: forReal}),
			}
		: route;
}

/** A sample server is none that is upgraded, and packages of a kit are not waited for as those of a network. */
function hasSameSupply(earlier: Plan, plan: Plan): boolean {
	return (['sample', 'kit'] as const).every(name => Boolean(earlier.options[name]) === Boolean(plan.options[name]));
}

/** After a rehearsal: how long the real thing takes here. Nothing when not all of it was done, and in one go. */
function forReal({steps}: RunState): string | undefined {
	const real = steps.flatMap(({phase, status, worked}) =>
		phase === 'sample' ? [] : [{phase, ...(worked === undefined ? {status} : {status: 'done' as const, worked})}],
	);
	const whole = sumOf(real);
	const outage = sumOf(real.filter(({phase}) => phase === 'window'));
	return whole && outage
		? t('For real it takes about {time} here, besides your answers, and OMFLOW is down for about {outage}.', {
				time: roughly(whole.milliseconds),
				outage: roughly(outage.milliseconds),
			})
		: undefined;
}

/** The same as a screen needs it, when no worker lives. */
export function knownHops(plan: Plan, state: string) {
	return hopsOf(routeFor(plan, state).hops);
}
