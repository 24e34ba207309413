import assert from 'node:assert/strict';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {type TestContext, test} from 'node:test';
import type {AskedQuestion, Pane} from '../../source/engine/state.js';
import {CommandError} from '../../source/host/process.js';
import {mark} from '../../source/host/venv.js';
import {paths} from '../../source/runbook/facts.js';
import {pythonPackages} from '../../source/runbook/steps/python-packages.js';
import {tryOut} from './context.js';

/** A new environment aside, and a pip that is not asked here: it installs at once, or says why not. */
async function prepared(t: TestContext) {
	const context = await tryOut(t);
	await mkdir(paths.staging(context.facts), {recursive: true});
	await mark(paths.staging(context.facts), context.facts.run);
	await writeFile(paths.requirements(context), 'django\n');
	await writeFile(paths.packagesBefore(context), 'Django==2.2.28\n');
	const pip = {says: '', installations: 0};
	context.run = async argv => {
		pip.installations += argv.includes('install') ? 1 : 0;
		if (pip.says && argv.includes('install')) {
			throw new CommandError(argv, 1, undefined, pip.says);
		}

		return 0;
	};
	context.capture = async () => ({exitCode: 0, stdout: 'Django==4.2.30\n', stderr: ''});
	return {context, pip};
}

test('an environment that is not sound is made anew when it is tried again, with a list that may be changed', async t => {
	const {context, pip} = await prepared(t);
	await pythonPackages.do(context);
	assert.equal(await pythonPackages.look(context), 'done');
	const findings = await pythonPackages.verify(context);
	assert.equal(findings[0]?.severity, 'blocker');
	assert.equal(await pythonPackages.look(context), 'partial');

	context.answer = question => {
		assert.ok(question.prompt.includes(findings[0]?.sentence ?? '?'));
		return {kind: 'text', text: 'django>=4.2\n'};
	};
	await pythonPackages.do(context);
	assert.equal(pip.installations, 2);
	assert.equal(await readFile(paths.requirements(context), 'utf8'), 'django>=4.2\n');
	assert.equal(await pythonPackages.look(context), 'done');
});

test('what is missing is asked about first, beside its versions, and is not asked about again once dropped', async t => {
	const {context, pip} = await prepared(t);
	await writeFile(paths.requirements(context), '# a list\ndjango\nmysqlclient>=2\n# dropped: pywin32 - not on Linux\n');
	await writeFile(paths.packagesBefore(context), 'Django==2.2.28\nmysqlclient==1.3.14\ncx_Oracle==8.3.0\npywin32==1\n');
	const panes: Pane[] = [];
	context.show = pane => panes.push(pane);
	const asked: Array<Extract<AskedQuestion, {kind: 'text'}>> = [];
	context.answer = question => {
		assert.equal(question.kind, 'text');
		asked.push(question);
		return {kind: 'text', text: question.text.replace(/^(cx-oracle|mysqlclient.*)$/gm, '# $1')};
	};
	await pythonPackages.do(context);
	assert.equal(asked.length, 1);
	assert.equal(pip.installations, 2);
	const lines = asked[0]?.text.trimEnd().split('\n');
	assert.deepEqual(lines, ['cx-oracle', 'mysqlclient>=2', '# a list', 'django', '# dropped: pywin32 - not on Linux']);
	assert.deepEqual(
		asked[0]?.remarks.map(({index, remark, mood}) => [index, remark, mood]),
		[
			[0, 'missing, 8.3.0', 'bad'],
			[1, 'missing, 1.3.14', 'bad'],
			[3, 'installed, 2.2.28 > 4.2.30', 'good'],
			[4, 'dropped, 1', 'dull'],
		],
	);
	assert.match(asked[0]?.prompt ?? '', /^2 missing, 1 installed/);
	const last = panes.at(-1);
	assert.ok(last?.kind === 'table');
	assert.deepEqual(last.facts, [['Packages', '1 installed, 3 dropped']]);
	assert.deepEqual(
		last.rows.map(({cells}) => [cells[0], cells[3]]),
		[
			['Django', 'installed'],
			['cx_Oracle', 'dropped'],
			['mysqlclient', 'dropped'],
			['pywin32', 'dropped'],
		],
	);
});

test('a list that pip refuses may be changed once for each failure', async t => {
	const {context, pip} = await prepared(t);
	pip.says = 'ERROR: No matching distribution found for djanga';
	await assert.rejects(pythonPackages.do(context), /djanga/);
	const asked = () => context.events.filter(event => event === 'ask python-packages/again').length;
	assert.equal(asked(), 0);
	await assert.rejects(pythonPackages.do(context), /djanga/);
	assert.equal(asked(), 1);
	context.answer = () => ({kind: 'text', text: '--index-url http://elsewhere\n'});
	await assert.rejects(pythonPackages.do(context), /is an option of pip/);
	context.answer = () => undefined;
	pip.says = '';
	await pythonPackages.do(context);
	assert.equal(asked(), 3);
	await pythonPackages.do(context);
	assert.equal(asked(), 3);
});

test('who stops or cuts it is not asked for another list next time', async t => {
	const {context} = await prepared(t);
	const cut = new AbortController();
	Object.defineProperty(context, 'signal', {value: cut.signal});
	context.run = async argv => {
		cut.abort();
		throw new CommandError(argv, undefined, 'SIGTERM', '');
	};
	await assert.rejects(pythonPackages.do(context), CommandError);
	Object.defineProperty(context, 'signal', {value: new AbortController().signal});
	context.run = async () => 0;
	context.answer = () => assert.fail('there is nothing to ask');
	await pythonPackages.do(context);
});
