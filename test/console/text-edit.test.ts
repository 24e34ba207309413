import assert from 'node:assert/strict';
import test from 'node:test';
import {complete, edit, editWindow, insert, type TextEdit, textEdit} from '../../source/console/text-edit.js';

/** A state written with the cursor as `|`. */
function at(marked: string): TextEdit {
	const [before = '', after = ''] = marked.split('|');
	return {text: before + after, cursor: [...before].length};
}

function marked(state: TextEdit): string {
	const parts = [...state.text];
	return `${parts.slice(0, state.cursor).join('')}|${parts.slice(state.cursor).join('')}`;
}

const cases: ReadonlyArray<readonly [before: string, key: string, after: string]> = [
	['ab|', 'c', 'abc|'],
	['a|b', 'x', 'ax|b'],
	['ab|', 'left', 'a|b'],
	['|ab', 'left', '|ab'],
	['ab|', 'right', 'ab|'],
	['ab|', 'home', '|ab'],
	['|ab', 'ctrl-e', 'ab|'],
	['ab|', 'ctrl-a', '|ab'],
	['ab|', 'backspace', 'a|'],
	['|ab', 'backspace', '|ab'],
	['a|b', 'delete', 'a|'],
	['ab|cd', 'ctrl-k', 'ab|'],
	['ab|cd', 'ctrl-u', '|cd'],
	['one two |', 'ctrl-w', 'one |'],
	['/opt/omflow/python|', 'ctrl-w', '/opt/omflow/|'],
	['/opt/omflow/|', 'ctrl-w', '/opt/|'],
	['日本|', 'backspace', '日|'],
	['a|', 'enter', 'a|'],
	['a|', 'ctrl-x', 'a|'],
];

for (const [before, key, after] of cases) {
	test(`${key} turns ${before} into ${after}`, () => {
		assert.equal(marked(edit(at(before), key)), after);
	});
}

test('a paste loses its line ends', () => {
	assert.equal(marked(insert(at('a|z'), 'b\r\nc\t')), 'abc|z');
});

test('Tab completes what was typed, then offers the next', () => {
	const values = ['/opt/a.so', '/opt/b.so', '/usr/c.so'];
	assert.equal(marked(complete(at('/usr|'), values)), '/usr/c.so|');
	assert.equal(marked(complete(at('/opt|'), values)), '/opt/a.so|');
	assert.equal(marked(complete(at('/opt/a.so|'), values)), '/opt/b.so|');
	assert.equal(marked(complete(at('/usr/c.so|'), values)), '/opt/a.so|');
	assert.equal(marked(complete(at('x|'), [])), 'x|');
});

test('a long line moves so that the cursor can be seen', () => {
	assert.deepEqual(editWindow(textEdit('abcdefgh'), 5), {text: 'efgh', column: 4});
	assert.deepEqual(editWindow({text: 'abcdefgh', cursor: 0}, 5), {text: 'abcde', column: 0});
	assert.deepEqual(editWindow({text: '\tab', cursor: 1}, 20), {text: '        ab', column: 8});
});
