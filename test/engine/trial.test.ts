import assert from 'node:assert/strict';
import test from 'node:test';
import type {Answer} from '../../source/engine/state.js';
import {Trial} from '../../source/engine/trial.js';

const answer = (text: string): Answer => ({kind: 'text', text});
const textOf = (given: Answer) => (given.kind === 'text' ? given.text : '');

/** A trial whose checks end when the test says so. */
function slow() {
	const begun: string[] = [];
	const told: string[] = [];
	const ends: Array<(problem?: string | Error) => void> = [];
	const trial = new Trial(
		async given => {
			begun.push(textOf(given));
			return new Promise((resolve, reject) => {
				ends.push(problem => (problem instanceof Error ? reject(problem) : resolve(problem)));
			});
		},
		(given, problem) => told.push(`${textOf(given)}: ${problem ?? 'good'}`),
	);
	return {trial, begun, told, ends};
}

const settled = async () => new Promise(resolve => setImmediate(resolve));

test('one answer is tried at a time, and of those that wait the newest', async () => {
	const {begun, ends, told, trial} = slow();
	for (const text of ['a', 'a', 'ab', 'abc']) {
		trial.try(answer(text));
	}

	ends[0]?.('no such file');
	await settled();
	ends[1]?.();
	await settled();
	assert.deepEqual(begun, ['a', 'abc']);
	assert.deepEqual(told, ['a: no such file', 'abc: good']);
	trial.try(answer('abc'));
	ends[2]?.(new Error('apachectl could not be started'));
	await settled();
	assert.deepEqual(told.slice(2), ['abc: apachectl could not be started']);
});

test('what is tried already is the newest again when it is typed again', async () => {
	const {begun, ends, told, trial} = slow();
	for (const text of ['a', 'b', 'a']) {
		trial.try(answer(text));
	}

	ends[0]?.();
	await settled();
	assert.deepEqual([begun, told], [['a'], ['a: good']]);
});

test('the end waits for what is being tried, tells nothing of it and tries nothing more', async () => {
	const {begun, ends, told, trial} = slow();
	trial.try(answer('a'));
	trial.try(answer('b'));
	let isOver = false;
	const end = trial.end().then(() => {
		isOver = true;
	});
	trial.try(answer('c'));
	await settled();
	assert.equal(isOver, false);
	ends[0]?.();
	await end;
	assert.deepEqual([begun, told], [['a'], []]);
});
