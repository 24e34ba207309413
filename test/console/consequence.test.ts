import assert from 'node:assert/strict';
import test from 'node:test';
import {consequence} from '../../source/console/consequence.js';
import type {RunState} from '../../source/engine/state.js';
import {asking, kitRunning, packagesRunning, runningAt, secondHop, step, windowDown} from './fixtures/states.js';

/** The first of two hops, about to be decided on. */
function firstKept(): RunState {
	const state = secondHop();
	const steps = state.steps.filter(({hop}) => hop === '1.1.6.3');
	return {...state, steps: steps.map(step => (step.id === 'keep@1.1.6.3' ? {...step, status: 'asking'} : step))};
}

/** In the window, with the service held back at a boot. */
function heldBack(): RunState {
	const state = windowDown();
	return {...state, steps: [step({id: 'hold', title: 'Hold back', phase: 'window', status: 'done'}), ...state.steps]};
}

const cases: ReadonlyArray<readonly [what: string, state: RunState, machine: RegExp, connection?: RegExp]> = [
	['preparing', packagesRunning(), /comes back with 1\.1\.6\.3, untouched/, /goes on/],
	['before the installation is known', {...packagesRunning(), from: undefined}, /its old version, untouched/],
	['a question while preparing', asking('lines'), /1\.1\.6\.3, untouched/, /the run waits/],
	['in the window', windowDown(), /down until you start omflow-tui; it resumes or rolls back/],
	['at the first step of the window', runningAt('stop'), /down until/],
	['in the window, held back', heldBack(), /down until the run is over; it goes on by itself at a boot/],
	['rolling back, held back', {...heldBack(), status: 'rolling-back'}, /taken back; that goes on by itself at a boot/],
	['confirming', runningAt('health'), /OMFLOW has 1\.2\.0\.0/],
	['confirming the first of two hops', firstKept(), /OMFLOW has 1\.1\.6\.3/],
	['confirming while it does not answer', {...runningAt('health'), outageSince: 1}, /down until/],
	['rolling back in an outage', {...windowDown(), status: 'rolling-back'}, /down until .* finishes the roll back/],
	['rolling back while it answers', {...packagesRunning(), status: 'rolling-back'}, /finishes the roll back/],
	['rehearsing', {...windowDown(), kind: 'rehearsal'}, /this host stays as it is/],
	[
		'building a kit',
		kitRunning(),
		/^what was fetched stays; start omflow-tui kit build to go on\.$/,
		/kit build to see it/,
	],
	['a question while a kit is built', {...kitRunning(), status: 'asking'}, /kit build/, /the run waits; .* kit build/],
	['giving up a kit', {...kitRunning(), status: 'rolling-back'}, /the kit is given up/],
	['a kit stopped', {...kitRunning(), status: 'ended', outcome: 'stopped'}, /start omflow-tui kit build to go on/],
	['kept', {...packagesRunning(), status: 'ended', outcome: 'kept'}, /the run is over/, /the run is over/],
	['stopped', {...packagesRunning(), status: 'ended', outcome: 'stopped'}, /start omflow-tui again/],
	['needing attention', {...packagesRunning(), status: 'ended', outcome: 'needs-attention'}, /left to do/],
];

for (const [what, state, machine, connection = /./] of cases) {
	test(`if you stop now: ${what}`, () => {
		const told = consequence(state);
		assert.match(told.machine, machine);
		assert.match(told.connection, connection);
		assert.notEqual(told.program, '');
	});
}
