import assert from 'node:assert/strict';
import test from 'node:test';
import {routeFor} from '../../source/commands/runbook.js';
import type {Plan} from '../../source/engine/places.js';
import type {RunState} from '../../source/engine/state.js';
import {runningAt, step, withSteps} from '../console/fixtures/states.js';

const plan: Plan = {
	schema: 2,
	id: '20260101-000000',
	kind: 'rehearsal',
	host: 'flow01',
	to: '1.2.0.0',
	hops: [{to: '1.2.0.0', runbook: 'environment', options: {}}],
	createdAt: 0,
	unattended: true,
	networkEnvironment: {},
	options: {base: '/opt/omflow'},
};

/** A rehearsal that went through: 10 s before the window, 8 in it, 2 after it, and a minute for what only a rehearsal does. */
function rehearsed(): RunState {
	const state = runningAt('keep');
	const each = {prepare: 1250, window: 1600, confirm: 1000, sample: 0, kit: 0};
	return {
		...state,
		kind: 'rehearsal',
		steps: [
			step({id: 'start-in-view', title: 'Start', phase: 'sample', status: 'done', worked: 60_000}),
			...state.steps.map(step => ({...step, status: 'done' as const, worked: each[step.phase]})),
		],
	};
}

const closing = (state: RunState, options: Partial<Plan> = {}) =>
	routeFor({...plan, ...options}, '/state').closing?.(state);

test('a rehearsal says at its end how long the real thing takes', () => {
	const told = 'For real it takes about 20 s here, besides your answers, and OMFLOW is down for about 8 s.';
	assert.equal(closing(rehearsed()), told);
	// Taken back in the end: it was gone through all the same.
	assert.equal(closing(withSteps(rehearsed(), {apply: {status: 'undone'}})), told);
});

test('it says nothing of what it has not seen', () => {
	assert.equal(closing(withSteps(rehearsed(), {apply: {status: 'failed', worked: undefined}})), undefined);
	assert.equal(closing(rehearsed(), {options: {...plan.options, sample: true}}), undefined);
	assert.equal(closing(rehearsed(), {kind: 'upgrade'}), undefined);
});

test('a rehearsal counts for a run with packages from the same kind of place, on the same kind of server', () => {
	const {resembles} = routeFor({...plan, kind: 'upgrade'}, '/state');
	const like = (options: Plan['options']) => resembles?.({...plan, options});
	assert.deepEqual([like({}), like({kit: 'kit-1'}), like({sample: true})], [true, false, false]);
});
