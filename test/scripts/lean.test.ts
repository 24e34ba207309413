import assert from 'node:assert/strict';
import {test} from 'node:test';
import stringWidth from 'string-width';
// @ts-expect-error plain JavaScript, for the bundler
import {Segmenter} from '../../scripts/lean/segmenter.js';
// @ts-expect-error plain JavaScript, for the bundler
import {narrow} from '../../scripts/lean/string-width.js';

const every = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code));

test('what counts as narrow without a closer look is one column wide, alone and beside its like', () => {
	const all = every.filter(character => narrow.test(character));
	assert.ok(all.length > 1000);
	const wrong = all.filter(character =>
		[character, character + character, `1${character}`, `${character}é`].some(
			text => stringWidth(text) !== text.length,
		),
	);
	assert.deepEqual(wrong, []);
});

test('what counts as a cluster of its own is one beside letters, digits, line feeds and its like', () => {
	const real = new Intl.Segmenter();
	const all = every.filter(character => Segmenter.alone.test(character));
	assert.ok(all.length > 20_000);
	const wrong = all.filter(character =>
		[`a${character}a`, character + character, `\n${character}\n`, `3${character}`, `あ${character}漢`].some(
			text => [...real.segment(text)].length !== text.length,
		),
	);
	assert.deepEqual(wrong, []);
});

test('the segmenter of the bundle gives the clusters of the real one', () => {
	const real = new Intl.Segmenter();
	const lean = new Segmenter();
	for (const text of ['', 'plain', '│ 漢字 ✔', 'a\r\nb', 'e\u0301', '👩‍👩‍👧 1️⃣', 'かﾞ', '한글']) {
		assert.deepEqual([...lean.segment(text)], [...real.segment(text)], text);
		for (let index = 0; index <= text.length; index++) {
			assert.deepEqual(lean.segment(text).containing(index), real.segment(text).containing(index), `${text} ${index}`);
		}
	}
});
