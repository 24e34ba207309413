import assert from 'node:assert/strict';
import test from 'node:test';
import {harmless} from '../../source/console/harmless.js';

const cases: ReadonlyArray<readonly [what: string, raw: string, shown: string]> = [
	['plain text', 'Setting up python3.11 ...', 'Setting up python3.11 ...'],
	['colours', '\u001B[1;31merror\u001B[0m: no', 'error: no'],
	['cursor and erase', '\u001B[2J\u001B[Hgone', 'gone'],
	['private modes', '\u001B[?1049l\u001B[?25hx', 'x'],
	['title with bell', '\u001B]0;evil\u0007text', 'text'],
	['title with string terminator', '\u001B]0;evil\u001B\\text', 'text'],
	['title without an end', 'text\u001B]0;evil', 'text'],
	['device control string', '\u001BPq#0;2;0\u001B\\after', 'after'],
	['application command', '\u001B_Gpayload\u001B\\after', 'after'],
	['eight-bit sequence', '\u009B31mred', 'red'],
	['eight-bit title', '\u009D0;evil\u009Ctext', 'text'],
	['cut sequence', 'text\u001B[1;3', 'text'],
	['lone escape at the end', 'text\u001B', 'text'],
	['other controls', 'a\u0000b\u0007c\u0008d\u007Fe\u0085f', 'a·b·c·d·e·f'],
	['line feed inside', 'a\nb', 'a·b'],
	['reordering marks', 'user\u202Etxt.exe\u2066', 'user·txt.exe·'],
	['line separators', 'a\u2028b', 'a·b'],
	['tabs', 'a\tb\tc', 'a       b       c'],
	['tabs after wide characters', '日本\tb', '日本    b'],
	['overwritten', ' 10 %\r 20 %', ' 20 %'],
	['overwritten by less', 'longer line\rshort', 'short' + 'r line'],
	['carriage return at the end', 'line\r', 'line'],
	['wide text stays', '更新しました', '更新しました'],
];

for (const [what, raw, shown] of cases) {
	test(`harmless: ${what}`, () => {
		assert.equal(harmless(raw), shown);
	});
}

test('harmless leaves nothing that moves a cursor, whatever comes in', () => {
	let seed = 1;
	const random = (below: number) => {
		seed = (seed * 48_271) % 2_147_483_647;
		return seed % below;
	};

	const pieces = [
		'\u001B',
		'[',
		']',
		'P',
		'\\',
		'0',
		';',
		'm',
		'\u0007',
		'\u009B',
		'\u009C',
		'\r',
		'\n',
		'\t',
		'x',
		'日',
		'\u202E',
	];
	for (let round = 0; round < 5000; round++) {
		const raw = Array.from({length: random(12)}, () => pieces[random(pieces.length)]).join('');
		assert.doesNotMatch(harmless(raw), /[\p{Control}\u202E]/u, JSON.stringify(raw));
	}
});
