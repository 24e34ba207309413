import {stateFrom} from '../engine/journal.js';
import {kitPlaces, places, rehearsalPlaces} from '../engine/places.js';
import type {RunState} from '../engine/state.js';
import {knownHops} from './runbook.js';
import {knownRuns} from './runs.js';

/** Every run that is known here, of whatever kind, newest first, as its plan and progress tell it. */
export async function earlierRuns(state: string): Promise<readonly RunState[]> {
	const found = await Promise.all(
		[state, rehearsalPlaces(state).state, kitPlaces(state).state].map(async place =>
			(await knownRuns(place)).map(({id, plan, progress}) => ({
				...stateFrom(places.run(place, id), plan, progress, knownHops(plan, place)),
				// One that was planned, and that no worker has begun.
				...(progress.startedAt === undefined ? {startedAt: plan.createdAt} : {}),
			})),
		),
	);
	return found.flat().sort((a, b) => b.startedAt - a.startedAt);
}
