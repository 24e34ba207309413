import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changedLines, optionOf, readDirectives, replaceText, splice} from '../../source/host/apache-config.js';

const read = (text: string) => readDirectives(Buffer.from(text, 'latin1'));
const words = (text: string) =>
	read(text).map(({name, arguments: list}) => [name, ...list.map(argument => argument.text)]);

for (const [name, text, expected] of [
	['plain', 'LoadModule wsgi_module /a/b.so\n', [['LoadModule', 'wsgi_module', '/a/b.so']]],
	[
		'tabs, space around, no line end',
		'\t LoadModule\twsgi_module \t/a.so \t',
		[['LoadModule', 'wsgi_module', '/a.so']],
	],
	[
		'CRLF',
		'A b\r\nC d\r\n',
		[
			['A', 'b'],
			['C', 'd'],
		],
	],
	['continued', 'LoadModule wsgi_module \\\n  /a.so\nB', [['LoadModule', 'wsgi_module', '/a.so'], ['B']]],
	['continued with CRLF', 'LoadModule \\\r\nwsgi_module /a.so\r\n', [['LoadModule', 'wsgi_module', '/a.so']]],
	['continued inside a word', 'LoadModule wsgi_mo\\\ndule /a.so\n', [['LoadModule', 'wsgi_module', '/a.so']]],
	['a doubled backslash continues too', 'A b\\\\\nc\n', [['A', 'b\\c']]],
	['a backslash before a space does not', 'A b\\ \nC\n', [['A', 'b\\'], ['C']]],
	['comment', '# LoadModule x y\n  #z\nA\n', [['A']]],
	['a comment swallows its continuation', '# see \\\nLoadModule wsgi_module /a.so\nB\n', [['B']]],
	['a comment with CRLF swallows it too', '# see \\\r\nLoadModule wsgi_module /a.so\r\nB\r\n', [['B']]],
	['a comment only at the beginning', 'A b # c\n', [['A', 'b', '#', 'c']]],
	['quotes', `A "b c" 'd "e' "f\\"g" "h\\\\i"\n`, [['A', 'b c', 'd "e', 'f"g', 'h\\i']]],
	['a quote inside a word is itself', 'A b="c d"\n', [['A', 'b="c', 'd"']]],
	[
		'a WSGI option may quote its value',
		'WSGIDaemonProcess o python-path="/a b:/c" x=1\n',
		[['WSGIDaemonProcess', 'o', 'python-path=/a b:/c', 'x=1']],
	],
	['any letter case', "wsgiDAEMONprocess o python-path='/a b'\n", [['wsgiDAEMONprocess', 'o', 'python-path=/a b']]],
	['bytes beyond ASCII', 'A \xE6\x97\n', [['A', '\xE6\x97']]],
	['sections', '<VirtualHost *:80>\nA\n</VirtualHost>\nB\n', [['<VirtualHost', '*:80'], ['A'], ['B']]],
	['nothing', '\n \r\n\n', []],
] as const) {
	test(`reads: ${name}`, () => {
		assert.deepEqual(words(text), expected);
	});
}

test('names the sections around a directive and the line on which it begins', () => {
	const directives = read(
		'# one\\\ntwo\n<IfModule mod_ssl.c>\r\n <VirtualHost *:443>\n  A \\\n b\n C\n </virtualhost>\n D\n</IfModule>\nE',
	);
	assert.deepEqual(
		directives.map(({name, line, sections}) => [name, line, sections.length]),
		[
			['<IfModule', 3, 0],
			['<VirtualHost', 4, 1],
			['A', 5, 2],
			['C', 7, 2],
			['D', 9, 1],
			['E', 11, 0],
		],
	);
	assert.deepEqual(directives[2]?.sections, ['<IfModule mod_ssl.c>', '<VirtualHost *:443>']);
});

/** Replaces the second argument of the first directive. */
function replaceSecond(text: string, value: string): string {
	const [argument] = read(text)[0]?.arguments.slice(1) ?? [];
	assert.ok(argument);
	return splice(Buffer.from(text, 'latin1'), [replaceText(argument, value)]).toString('latin1');
}

for (const [name, before, value, after] of [
	['plain', '\tLoadModule  wsgi_module /a.so  \r\nX\r\n', '/b.so', '\tLoadModule  wsgi_module /b.so  \r\nX\r\n'],
	['quotes stay', 'LoadModule wsgi_module "/a.so"\n', '/b.so', 'LoadModule wsgi_module "/b.so"\n'],
	['single quotes stay', "LoadModule wsgi_module '/a.so'", "/b'.so", "LoadModule wsgi_module '/b\\'.so'"],
	['quotes come when needed', 'LoadModule wsgi_module /a.so\n', '/b c.so', 'LoadModule wsgi_module "/b c.so"\n'],
	[
		'after a continuation',
		'LoadModule \\\r\n wsgi_module \\\r\n /a.so\r\n',
		'/b.so',
		'LoadModule \\\r\n wsgi_module \\\r\n /b.so\r\n',
	],
] as const) {
	test(`replaces: ${name}`, () => {
		const result = replaceSecond(before, value);
		assert.equal(result, after);
		// What Apache then reads is what was meant.
		assert.equal(read(result)[0]?.arguments[1]?.text, value);
	});
}

test('every byte outside of the edit stays', () => {
	const all = Buffer.from(Array.from({length: 256}, (_, byte) => byte));
	const bytes = Buffer.concat([
		Buffer.from('#'),
		all.subarray(11),
		Buffer.from('\nLoadModule w /a\n# '),
		all.subarray(11),
	]);
	const argument = readDirectives(bytes)[0]?.arguments[1];
	assert.ok(argument);
	const after = splice(bytes, [replaceText(argument, '/new')]);
	assert.deepEqual(after.subarray(0, argument.start), bytes.subarray(0, argument.start));
	assert.deepEqual(after.subarray(argument.start + 4), bytes.subarray(argument.end));
});

test('an option knows where its value stands', () => {
	const text = 'WSGIDaemonProcess o user=x python-path="/a b:/c"\n';
	const option = optionOf(read(text)[0]?.arguments[2] ?? assert.fail());
	assert.equal(option?.key, 'python-path');
	assert.equal(text.slice(option?.value.start, option?.value.end), '/a b:/c');
	assert.equal(optionOf(read(text)[0]?.arguments[0] ?? assert.fail()), undefined);
});

test('edits in any order, but none over another', () => {
	const bytes = Buffer.from('abcdef');
	const edits = [
		{start: 4, end: 5, text: 'E'},
		{start: 0, end: 2, text: ''},
	];
	assert.equal(splice(bytes, edits).toString(), 'cdEf');
	assert.throws(() => splice(bytes, [...edits, {start: 1, end: 3, text: ''}]), /overlap at byte/);
	assert.throws(() => splice(bytes, [{start: 5, end: 9, text: ''}]), /overlap at byte/);
	assert.deepEqual(changedLines(Buffer.from('a\nb\nc\n'), Buffer.from('a\nB\nc\n')), [1]);
});
