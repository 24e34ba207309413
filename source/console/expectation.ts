import type {RunState, StepState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {currentStep} from './consequence.js';
import {duration} from './format.js';

/** How long a step is expected to take, as `~0:40`; empty when nobody can tell, or nothing is to be done. */
export function expectedTime({expected}: Pick<StepState, 'expected'>): string {
	return expected === undefined || expected.milliseconds === 0
		? ''
		: `~${duration(Math.max(1000, Math.ceil(expected.milliseconds / 1000) * 1000))}`;
}

/** Until the end of the run, without waiting for answers; undefined when a step is still to come of which nothing is known. */
export function millisecondsLeft(state: RunState, now: number): number | undefined {
	if (state.status === 'ended' || state.status === 'rolling-back') {
		return undefined;
	}

	let sum = 0;
	for (const {expected, startedAt, status, worked} of state.steps) {
		const isOver = status === 'done' || status === 'skipped';
		// Looked at once more, after the run was gone on with.
		if (isOver || worked !== undefined) {
			continue;
		}

		if (!expected) {
			return undefined;
		}

		const gone = status === 'pending' || startedAt === undefined ? 0 : now - startedAt;
		sum += Math.max(0, expected.milliseconds - gone);
	}

	return sum;
}

/** The same in minutes: it stands still between them, and costs nothing on a slow line. */
export function timeLeft(state: RunState, now: number): string | undefined {
	const left = millisecondsLeft(state, now);
	if (left === undefined) {
		return undefined;
	}

	const minutes = Math.ceil(left / 60_000);
	if (minutes <= 1) {
		return t('<1 min left');
	}

	return minutes < 90
		? t('~{minutes} min left', {minutes})
		: t('~{hours} h {minutes} min left', {hours: Math.floor(minutes / 60), minutes: minutes % 60});
}

/** What the clock of the outage is to show in the end, in milliseconds; undefined outside the window, or when nobody can tell. */
export function outageInTheEnd(state: RunState): number | undefined {
	const step = currentStep(state);
	if (step?.phase !== 'window' || state.status === 'rolling-back' || !state.expectedOutage) {
		return undefined;
	}

	// The clock goes on from the windows of the hops before.
	const isFirst = step.hop === state.steps.find(({hop}) => hop !== undefined)?.hop;
	return state.expectedOutage.milliseconds + (isFirst ? 0 : state.outageMilliseconds);
}
