import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {width, wrap} from '../../source/console/lines.js';

const wrapped: ReadonlyArray<readonly [text: string, columns: number, lines: readonly string[]]> = [
	['one two  three four', 14, ['one two  three', 'four']],
	['  indented text here', 14, ['  indented', 'text here']],
	['aaaaaaaaaaaaaaaaaa b', 14, ['aaaaaaaaaaaaaa', 'aaaa b']],
	['', 14, ['']],
	['ホストを確認しました。', 10, ['ホストを確', '認しまし', 'た。']],
	['「例」（それ）', 6, ['「例」', '（そ', 'れ）']],
	['--patch でアーカイブ', 12, ['--patch で', 'アーカイブ']],
	['執行 patch.sh 之後', 8, ['執行', 'patch.sh', '之後']],
];

for (const [text, columns, lines] of wrapped) {
	test(`in ${columns} columns: ${text}`, () => {
		assert.deepEqual(wrap(text, columns), lines);
	});
}

test('no line is too wide, and nothing but spaces is lost', () => {
	const word = fc.string({unit: fc.constantFrom('a', '字', '。', '「', ' ', 'é', '👍'), maxLength: 60});
	fc.assert(
		fc.property(word, fc.integer({min: 2, max: 30}), (text, columns) => {
			const lines = wrap(text, columns);
			assert.ok(lines.every(line => width(line) <= columns));
			assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
		}),
	);
});
