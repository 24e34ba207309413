import assert from 'node:assert/strict';
import test from 'node:test';
import {announcement} from '../../source/console/announcement.js';
import {expectedTime, millisecondsLeft, outageInTheEnd, timeLeft} from '../../source/console/expectation.js';
import type {RunState} from '../../source/engine/state.js';
import {
	asking,
	expecting,
	kitRunning,
	packagesRunning,
	runningAt,
	START,
	secondHop,
	windowDown,
	withSteps,
} from './fixtures/states.js';

const running = expecting(packagesRunning());
const atTheWindow = {
	...withSteps(expecting(runningAt('backup')), {backup: {status: 'asking'}}),
	status: 'asking',
} satisfies RunState;

const announced: ReadonlyArray<readonly [what: string, state: RunState, first: RegExp | undefined]> = [
	[
		'as it was rehearsed',
		running,
		/^Next: .*down for about 8 s \(as in the rehearsal of \d+ \w+\); you are asked first\.$/,
	],
	['of a run that asks nobody', {...running, unattended: true}, /down for about 8 s .*; nobody is asked\.$/],
	[
		'as an earlier run had it',
		{...running, expectedOutage: {milliseconds: 61_000, from: 'earlier run', at: START}},
		/about 61 s \(as in the run of \d+ \w+\)/,
	],
	[
		'by several runs',
		{...running, expectedOutage: {milliseconds: 95_000, from: 'earlier run'}},
		/2 min \(as in earlier runs\)/,
	],
	['by sizes', {...running, expectedOutage: {milliseconds: 9_000_000, from: 'sizes'}}, /2 h 30 min \(by the sizes\)/],
	['of which nothing is known', packagesRunning(), /is down, for how long is not known yet; you are asked first\.$/],
	['before a question', {...expecting(asking('lines'))}, /about 8 s/],
	['of the second hop', expecting(secondHop()), /about 8 s/],
	['not while its own question is open', atTheWindow, undefined],
	['not in the window', expecting(windowDown()), undefined],
	['not after it', expecting(runningAt('health')), undefined],
	['not before a stop', {...running, status: 'stopping'}, undefined],
	['not while everything is taken back', {...running, status: 'rolling-back'}, undefined],
	['not when the run is over', {...running, status: 'ended', outcome: 'stopped'}, undefined],
	['not where a kit is built', kitRunning(), undefined],
];

for (const [what, state, first] of announced) {
	test(`the window is announced: ${what}`, () => {
		const forms = announcement(state);
		if (first === undefined) {
			assert.deepEqual(forms, []);
			return;
		}

		const [longest = ''] = forms;
		assert.match(longest, first);
		const lengths = forms.map(({length}) => length);
		assert.deepEqual(
			lengths,
			[...lengths].sort((a, b) => b - a),
		);
		// With a line before and after it on the smallest screen.
		assert.ok((lengths.at(-1) ?? 0) <= 56);
	});
}

test('a time that is expected is never said too short', () => {
	const times = [undefined, 0, 1, 1000, 1001, 95_400].map(milliseconds =>
		expectedTime(milliseconds === undefined ? {} : {expected: {milliseconds, from: 'sizes'}}),
	);
	assert.deepEqual(times, ['', '', '~0:01', '~0:01', '~0:02', '~1:36']);
});

test('what is left counts down to the end, and is not known with a step of which nothing is', () => {
	const begun = START + 3000;
	const rest = 300 + 6800 + 48_000 + 400 + 11_000 + 600 + 3100 + 100 + 2900 + 1200 + 500 + 1400;
	assert.equal(millisecondsLeft(running, begun), 96_000 + rest);
	assert.equal(millisecondsLeft(running, begun + 90_000), 6000 + rest);
	// Later than expected: the others take what they take.
	assert.equal(millisecondsLeft(running, begun + 200_000), rest);
	assert.equal(millisecondsLeft(withSteps(running, {apply: {expected: undefined}}), begun), undefined);
	assert.equal(millisecondsLeft({...running, status: 'rolling-back'}, begun), undefined);
	assert.equal(timeLeft(running, begun), '~3 min left');
	assert.equal(timeLeft(expecting(runningAt('start')), START + 200_000), '<1 min left');
});

test('the clock of an outage knows its end in the window only', () => {
	assert.equal(outageInTheEnd(running), undefined);
	assert.equal(outageInTheEnd(expecting(windowDown())), 7900);
	assert.equal(outageInTheEnd({...expecting(windowDown()), status: 'rolling-back'}), undefined);
	assert.equal(outageInTheEnd(windowDown()), undefined);
	const later = withSteps(expecting(secondHop()), {packages: {status: 'done'}, apply: {status: 'running'}});
	assert.equal(outageInTheEnd({...later, outageMilliseconds: 1100}), 9000);
});
