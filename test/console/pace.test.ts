import assert from 'node:assert/strict';
import test from 'node:test';
import {Pace, waitsFor} from '../../source/console/pace.js';
import type {Snapshot} from '../../source/console/store.js';
import {asking, packagesRunning, withSteps} from './fixtures/states.js';

/** Draws frames of so many bytes as soon as each may be drawn, and returns what was written in the worst second. */
function worstSecond(bytes: number, seconds: number): number {
	const pace = new Pace();
	const frames: number[] = [];
	let now = 1_760_000_000_000;
	const end = now + seconds * 1000;
	while (now < end) {
		now += pace.wait(now, frames.length * bytes, false);
		frames.push(now);
		pace.drawn(now);
	}

	return Math.max(...frames.map(from => frames.filter(time => time >= from && time < from + 1000).length)) * bytes;
}

for (const bytes of [40, 100, 300, 700]) {
	test(`frames of ${bytes} bytes make at most 2 KB a second, and at most ten`, () => {
		const worst = worstSecond(bytes, 20);
		assert.ok(worst <= 2048 && worst <= bytes * 10, `${worst} bytes`);
	});
}

test('however large a frame was, the next comes within a second', () => {
	const pace = new Pace();
	pace.drawn(1000);
	assert.equal(pace.wait(1000, 100_000, false), 1000);
	assert.equal(pace.wait(1000, 100_000, true), 100);
});

test('output waits for the line; a step, a question and an answer do not', () => {
	const state = packagesRunning();
	const shot = {state, view: {}, driving: true} as unknown as Snapshot;
	const after = (next: typeof state) => waitsFor(shot, {...shot, state: next});
	assert.equal(after(withSteps(state, {packages: {tail: ['one more line']}})), false);
	assert.equal(after(withSteps(state, {packages: {status: 'done'}})), true);
	assert.equal(after(asking('choice')), true);
	assert.equal(waitsFor(shot, {...shot, view: {} as Snapshot['view']}), true);
});

test('a log that grows waits for the line; one that a key has moved does not', () => {
	const log = {
		step: 'packages',
		lines: [{at: 0, text: '', next: 1}],
		size: 1,
		follow: true,
		column: 0,
		skip: 0,
		wrap: false,
		query: '',
	};
	const shot = {state: packagesRunning(), log} as unknown as Snapshot;
	assert.equal(waitsFor(shot, {...shot, log: {...log, size: 2}}), false);
	assert.equal(waitsFor(shot, {...shot, log: {...log, follow: false}}), true);
	assert.equal(waitsFor({...shot, log: {...log, lines: []}}, shot), true);
});
