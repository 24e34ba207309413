import assert from 'node:assert/strict';
import test from 'node:test';
import {StyleSaver} from '../../source/console/sgr.js';

const cases: ReadonlyArray<readonly [what: string, raw: string, saved: string]> = [
	['nothing to save', 'text', 'text'],
	['history of a line', '\u001B[1m\u001B[22m\u001B[2m\u001B[22m\u001B[36mx\u001B[39m', '\u001B[36mx\u001B[m'],
	['nothing shown', '\u001B[1m\u001B[31m\u001B[39m\u001B[22mx', 'x'],
	['two attributes', '\u001B[7m\u001B[1mx\u001B[22m\u001B[27m', '\u001B[1;7mx\u001B[m'],
	[
		'bold stays while dim goes',
		'\u001B[1m\u001B[2mx\u001B[22m\u001B[1my\u001B[0m',
		'\u001B[1;2mx\u001B[22;1my\u001B[m',
	],
	['256 colours', '\u001B[38;5;200mx\u001B[39m', '\u001B[38;5;200mx\u001B[m'],
	['a colour to another', '\u001B[31ma\u001B[39m\u001B[32mb\u001B[39m', '\u001B[31ma\u001B[32mb\u001B[m'],
	['other sequences keep their place', '\u001B[31m\u001B[3Ex\u001B[39m', '\u001B[31m\u001B[3Ex\u001B[m'],
];

for (const [what, raw, saved] of cases) {
	test(`styles: ${what}`, () => {
		assert.equal(new StyleSaver().save(raw), saved);
	});
}

test('what the terminal has is known from one write to the next', () => {
	const saver = new StyleSaver();
	assert.equal(saver.save('\u001B[1mx'), '\u001B[1mx');
	assert.equal(saver.save('\u001B[1my\u001B[22mz'), 'y\u001B[mz');
});
