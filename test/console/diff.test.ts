import assert from 'node:assert/strict';
import test from 'node:test';
import {diff} from '../../source/console/diff.js';

function shown(before: string, after: string, context?: number): string[] {
	return diff(before.split(''), after.split(''), context).map(row =>
		row.mark === 'gap' ? `(${row.count})` : `${row.mark}${row.text}${row.number}`,
	);
}

const cases: ReadonlyArray<readonly [what: string, before: string, after: string, rows: readonly string[]]> = [
	['nothing changes', 'abc', 'abc', []],
	['one line', 'abc', 'axc', [' a1', '-b2', '+x2', ' c3']],
	['added at the end', 'ab', 'abc', [' a1', ' b2', '+c3']],
	['taken from the beginning', 'abc', 'bc', ['-a1', ' b1', ' c2']],
	['far apart', 'abcdefgh', 'xbcdefgy', ['-a1', '+x1', ' b2', ' c3', '(2)', ' f6', ' g7', '-h8', '+y8']],
	['moved', 'abc', 'cab', ['+c1', ' a2', ' b3', '-c3']],
	['from nothing', '', 'a', ['+a1']],
];

for (const [what, before, after, rows] of cases) {
	test(`diff: ${what}`, () => {
		assert.deepEqual(shown(before, after), rows);
	});
}

test('diff of two large files that share nothing is quick', () => {
	const large = (letter: string) => Array.from({length: 5000}, (_, index) => `${letter}${index}`);
	assert.equal(diff(large('a'), large('b')).length, 10_000);
});
