import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {translationsOf} from '../../scripts/texts.js';
import {makeStateDirectory, program} from '../rehearsal/program.js';
import {keys, Terminal} from '../terminal.js';
import {needsRoot} from './program.js';

const execute = promisify(execFile);

test('the first start asks for the language, begins with the locale’s, and keeps the answer', {
	skip: needsRoot,
}, async t => {
	const state = await makeStateDirectory(t);
	const start = (env = {}) => {
		const terminal = Terminal.spawn(process.execPath, [program, '--state-dir', state], {env});
		t.after(() => terminal.close());
		return terminal;
	};
	const left = start({LANG: 'ja_JP.UTF-8'});
	await left.waitFor('› 日本語');
	left.send(keys.ctrl('c'));
	assert.equal((await left.waitForExit()).code, 0);

	const first = start({LANG: 'zh_TW.UTF-8'});
	await first.waitFor(/› 繁體中文[\s\S]*English[\s\S]*日本語/);
	first.send(keys.down + keys.down);
	await first.waitFor('› 日本語');
	first.send(keys.enter);
	await first.waitFor(translationsOf('ja')['Rehearse with a sample server'] ?? '?');
	first.send('q');
	assert.equal((await first.waitForExit()).code, 0);
	assert.equal(await readFile(join(state, 'language'), 'utf8'), 'ja\n');

	// It counts more than the locale, which on a server is often nobody's choice.
	const second = start({LANG: 'en_US.UTF-8'});
	await second.waitFor(translationsOf('ja')['Rehearse with a sample server'] ?? '?');
	second.send('q');
	assert.equal((await second.waitForExit()).code, 0);

	const inEnglish = start({LANG: 'C'});
	await inEnglish.waitFor('Rehearse with a sample server');
	inEnglish.send('q');
	assert.equal((await inEnglish.waitForExit()).code, 0);
});

test('--lang counts most, also for what is wrong with the command line', async () => {
	const env = {...process.env, LANG: 'ja_JP.UTF-8'};
	const run = (...args: string[]) => execute(process.execPath, [program, ...args], {env});
	const sentence = translationsOf('zh-Hant')['There is no option {option}.']?.replace('{option}', '--nothing');
	await assert.rejects(run('--lang', 'zh-Hant', '--nothing'), (error: {stderr: string}) => {
		return error.stderr.includes(sentence ?? '?');
	});
	const {stdout} = await run('--help');
	assert.match(stdout, /[ぁ-ん]/);
	assert.match((await run('--help', '--lang', 'en')).stdout, /^omflow-tui takes/);
});
