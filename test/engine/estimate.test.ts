import assert from 'node:assert/strict';
import test from 'node:test';
import {estimate, estimateNow, isNews, nothing, sumOf} from '../../source/engine/estimate.js';
import type {Past} from '../../source/engine/history.js';
import type {Expected, Pane, StepState} from '../../source/engine/state.js';

const rehearsal: Past = {from: 'rehearsal', at: 5, worked: {packages: 40_000, stop: 500}};
const earlier: Past = {from: 'earlier run', at: 9, worked: {packages: 60_000, copy: 7000}};
const fromRehearsal: Expected = {milliseconds: 40_000, from: 'rehearsal', at: 5};

const beforehand: ReadonlyArray<
	readonly [what: string, step: string, past: readonly Past[], bySizes: number | undefined, Expected | undefined]
> = [
	['the rehearsal', 'packages', [rehearsal, earlier], 9, fromRehearsal],
	[
		'an earlier run, where it was not rehearsed',
		'copy',
		[rehearsal, earlier],
		9,
		{milliseconds: 7000, from: 'earlier run', at: 9},
	],
	['sizes, where no run tells', 'backup', [rehearsal, earlier], 900.4, {milliseconds: 900, from: 'sizes'}],
	['nothing', 'backup', [rehearsal, earlier], undefined, undefined],
];

for (const [what, step, past, bySizes, expected] of beforehand) {
	test(`a step is expected to take what is said by ${what}`, () => {
		assert.deepEqual(estimate(step, past, bySizes), expected);
	});
}

const progress = (rest: Partial<Extract<Pane, {kind: 'progress'}>>): Pane => ({
	kind: 'progress',
	stage: 'Installing',
	facts: [],
	...rest,
});

const underWay: ReadonlyArray<
	readonly [what: string, expected: Expected | undefined, pane: Pane | undefined, milliseconds: number | undefined]
> = [
	['without a word about it', fromRehearsal, undefined, 40_000],
	['in its first half', fromRehearsal, progress({percent: 40, secondsLeft: 1}), 40_000],
	['that says how far it is alone', fromRehearsal, progress({percent: 90}), 40_000],
	['half of the way, and late', fromRehearsal, progress({percent: 50, secondsLeft: 40}), 45_000],
	['most of the way, and late', fromRehearsal, progress({percent: 80, secondsLeft: 40}), 52_800],
	['at its end', fromRehearsal, progress({percent: 100, secondsLeft: 0}), 20_000],
	['of which nothing was expected, not far', undefined, progress({percent: 40, secondsLeft: 1}), undefined],
	['of which nothing was expected, far enough', undefined, progress({percent: 60, secondsLeft: 12}), 32_000],
	['that shows a table', undefined, {kind: 'table', columns: [], rows: [], facts: []}, undefined],
];

for (const [what, expected, pane, milliseconds] of underWay) {
	test(`a step under way ${what}`, () => {
		const step = {startedAt: 1000, ...(pane ? {pane} : {})};
		assert.equal(estimateNow(expected, step, 21_000)?.milliseconds, milliseconds);
	});
}

test('a second more is no news, a sixth more is', () => {
	const told: Expected = {milliseconds: 20_000, from: 'sizes'};
	assert.equal(isNews({...told, milliseconds: 21_000}, told), false);
	assert.equal(isNews({...told, milliseconds: 24_000}, told), true);
	assert.equal(isNews({...told, from: 'rehearsal'}, told), true);
	assert.equal(isNews(undefined, told), true);
	assert.equal(isNews(undefined, undefined), false);
});

type Part = Pick<StepState, 'status' | 'worked' | 'expected'>;
const pending = (expected?: Expected): Part => ({status: 'pending', ...(expected ? {expected} : {})});
const sized = (milliseconds: number): Expected => ({milliseconds, from: 'sizes'});

const sums: ReadonlyArray<readonly [what: string, steps: readonly Part[], sum: Expected | undefined]> = [
	['of one source says it', [pending(fromRehearsal), pending(fromRehearsal)], {...fromRehearsal, milliseconds: 80_000}],
	['is not known when a part is not', [pending(fromRehearsal), pending()], undefined],
	['leaves out what is not wanted', [pending(fromRehearsal), pending(nothing), {status: 'skipped'}], fromRehearsal],
	[
		'says the least sure source',
		[pending(fromRehearsal), pending({milliseconds: 20_000, from: 'earlier run', at: 9})],
		{milliseconds: 60_000, from: 'earlier run'},
	],
	[
		'is as sure as before with a small part',
		[pending(fromRehearsal), pending(sized(400))],
		{...fromRehearsal, milliseconds: 40_400},
	],
	[
		'takes what is done as it was',
		[{status: 'done', worked: 30_000, expected: fromRehearsal}, pending(fromRehearsal)],
		{...fromRehearsal, milliseconds: 70_000},
	],
	['of many small parts is one all the same', Array.from({length: 20}, () => pending(sized(100))), sized(2000)],
	['of nothing is none', [], undefined],
];

for (const [what, steps, sum] of sums) {
	test(`a sum ${what}`, () => {
		assert.deepEqual(sumOf(steps), sum);
	});
}
