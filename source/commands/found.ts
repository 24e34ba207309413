import {blockedStep} from '../console/model.js';
import {places, readPlan} from '../engine/places.js';
import type {Finding, RunState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {findingsOn} from './check.js';
import type {Arguments} from './usage.js';

/** What stands in the way of a run, and how to look for it again where that can be done from here. */
export async function foundBy(
	state: RunState,
	given: Arguments,
): Promise<{title: string; found: readonly Finding[]; check?: (id?: string) => Promise<readonly Finding[]>}> {
	const {id, kind} = state;
	const step = blockedStep(state);
	const shown = {title: t('What the run {id} found', {id}), found: step?.findings ?? []};
	const isCheck = step?.id.split('@')[0] === 'check';
	const plan = kind === 'upgrade' && isCheck ? await readPlan(places.run(given.state, id)) : undefined;
	// What a rehearsal sees is in its view, and the kit of a run is for its steps alone.
	if (!plan || plan.options.kit !== undefined) {
		return shown;
	}

	const text = (value: unknown) => (typeof value === 'string' ? [value] : []);
	// Those before are over.
	const hops = plan.hops.slice(
		Math.max(
			0,
			plan.hops.findIndex(({to}) => to === step?.hop),
		),
	);
	const asked = {
		...given,
		patches: hops.flatMap(({options}) => text(options.archive)),
		to: plan.to,
		via: hops.slice(0, -1).map(({to}) => to),
		base: text(plan.options.base)[0] ?? given.base,
		// A digest belongs to one archive alone.
		sha256: hops.length === 1 ? text(hops[0]?.options.sha256)[0] : undefined,
		kit: undefined,
		debs: undefined,
		wheels: undefined,
	};
	return {...shown, check: findingsOn(asked, {name: id, directory: places.run(given.state, id)})};
}
