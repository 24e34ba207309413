import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {speak} from '../../source/locales/index.js';
import {reasonInWords} from '../../source/omflow/reader-reasons.js';

/** Reasons begin like this in the programs, and nothing else in them does. */
const reason = /'((?:it|its|a|an|another|the|unexpected) [a-z][^'%(]*[^' %(])'/g;
const programs = [
	'omflow/settings-expressions',
	'omflow/settings-reader',
	'omflow/settings',
	'preflight/import-reader',
];

test('every reason of the readers is said in the language that is spoken', async t => {
	t.after(() => speak('en'));
	await speak('ja');
	const reasons = programs.flatMap(name => {
		const code = readFileSync(new URL(`../../source/${name}.ts`, import.meta.url), 'utf8');
		// What goes through `t` is no reason of a program.
		return [...code.replaceAll(/\bt\(\s*'[^']*'/g, '').matchAll(reason)].map(([, text = '']) => text);
	});
	assert.ok(reasons.length > 30, 'the programs still give their reasons like this');
	assert.deepEqual(
		reasons.filter(text => reasonInWords(text) === text),
		[],
	);
});

test('a name in a reason stays, and what the system says', async t => {
	t.after(() => speak('en'));
	assert.equal(reasonInWords('it is not valid Python 3.11 in line 7'), 'it is not valid Python 3.11 in line 7');
	await speak('ja');
	for (const text of [
		'the name BASE_DIR',
		'a call of {name}',
		'the environment variable X',
		'an expression (Lambda)',
	]) {
		const said = reasonInWords(text);
		assert.notEqual(said, text);
		assert.ok(said.includes(/\S+$/.exec(text.replaceAll(/[()]/g, ''))?.[0] ?? '?'), said);
	}

	assert.equal(reasonInWords('Permission denied'), 'Permission denied');
});
