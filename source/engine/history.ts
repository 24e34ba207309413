import {listRuns, type Plan, places, readPlan, rehearsalPlaces} from './places.js';
import {readProgress} from './progress.js';
import type {Expected} from './state.js';

/** How long the steps of a run that is over took, by their ids. */
export type Past = {
	readonly from: Exclude<Expected['from'], 'sizes'>;
	/** When it began. */
	readonly at: number;
	readonly worked: Readonly<Record<string, number>>;
};

/** Older ones are about a server that was another one. */
const enough = 5;

/**
What earlier runs of this state directory say about the steps of a plan: its rehearsals first, then whatever else had
these steps; the newest of each first. What cannot be read says nothing. `resembles` is asked about their plans.
*/
export async function pastOf(state: string, plan: Plan, resembles: (earlier: Plan) => boolean): Promise<Past[]> {
	const found = (await Promise.all([rehearsalPlaces(state).state, state].map(place => runsIn(place, plan, resembles))))
		.flat()
		.sort((a, b) => b.at - a.at);
	return [...found.filter(({from}) => from === 'rehearsal'), ...found.filter(({from}) => from !== 'rehearsal')];
}

async function runsIn(state: string, plan: Plan, resembles: (earlier: Plan) => boolean): Promise<Past[]> {
	const ids = await listRuns(state).catch(() => []);
	const found: Past[] = [];
	for (const id of ids.filter(id => id !== plan.id)) {
		const run = places.run(state, id);
		const earlier = await readPlan(run).catch(() => undefined);
		if (found.length === enough || !earlier || !hasSameSteps(earlier, plan) || !resembles(earlier)) {
			continue;
		}

		const {outcome, startedAt, steps} = await readProgress(run);
		if (outcome && startedAt !== undefined) {
			const worked = Object.entries(steps).flatMap(([step, {worked}]) =>
				worked === undefined ? [] : [[step, worked]],
			);
			found.push({
				from: rehearses(earlier, plan) ? 'rehearsal' : 'earlier run',
				at: startedAt,
				worked: Object.fromEntries(worked),
			});
		}
	}

	return found;
}

/** Whether their steps have the same ids: those of a way of several hops have its versions in them. */
function hasSameSteps(one: Plan, other: Plan): boolean {
	return (
		one.hops.length === other.hops.length &&
		one.hops.every(({runbook, to}, index) => {
			const hop = other.hops[index];
			return hop?.runbook === runbook && (one.hops.length === 1 || hop.to === to);
		})
	);
}

/** A rehearsal on the way to another version is an earlier run like any other. */
function rehearses({hops, kind}: Plan, plan: Plan): boolean {
	return kind === 'rehearsal' && hops.every(({to}, index) => to === plan.hops[index]?.to);
}
