import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {type TestContext, test} from 'node:test';
import {milestones} from '../../source/engine/stage.js';
import type {Answer} from '../../source/engine/state.js';
import {mark} from '../../source/host/venv.js';
import {paths, type RecordedSite, recorded} from '../../source/runbook/facts.js';
import {site} from '../../source/runbook/steps/site.js';
import {exchangeEnvironment} from '../../source/runbook/steps/switch.js';
import {tryOut} from './context.js';

/** A site whose draft is accepted. Apache and mod_wsgi are not asked here: their word is given. */
async function proposed(t: TestContext) {
	const context = await tryOut(t);
	const {base} = context.facts;
	const module = (version: string) => `${base}/python/lib/python${version}/site-packages/mod_wsgi/server/mod_wsgi.so`;
	const text = `LoadModule wsgi_module ${module('3.8')}\nWSGIScriptAlias / ${base}/server/omflow/wsgi.py\n`;
	const file = await context.put('apache/sites-enabled/omflow.conf', text);
	await context.put('apache/apache2.conf', 'IncludeOptional sites-enabled/*.conf\n');
	const capture = context.capture;
	context.capture = async (argv, options) => {
		const last = argv.at(-1) ?? '';
		const stdout = {'module-location': module('3.11'), '-t': 'Syntax OK', '-M': ' wsgi_module (shared)\n'}[last];
		return stdout === undefined ? capture(argv, options) : {exitCode: 0, stdout, stderr: ''};
	};
	await site.do(context);
	return {context, file, text, draft: text.replace('3.8', '3.11')};
}

test('a site file that somebody changed since is proposed again, and an older answer does not take that back', async t => {
	const {context, file, text, draft} = await proposed(t);
	assert.equal(await site.look(context), 'done');
	const changed = `${text}# somebody's line\n`;
	await writeFile(file, changed);
	assert.equal(await site.look(context), 'todo');

	const older: Answer = {kind: 'lines', files: [{path: file, lines: draft.split('\n')}]};
	context.answer = () => older;
	await assert.rejects(site.do(context), /does not fit .*omflow\.conf as it is now/);
	context.answer = () => undefined;
	await site.do(context);
	assert.equal(await site.look(context), 'done');
	const drafts = context.recall<RecordedSite>(recorded.site)?.files ?? [];
	assert.equal(await readFile(drafts[0]?.draft ?? '', 'utf8'), `${draft}# somebody's line\n`);

	await writeFile(file, 'anything');
	await context.record(milestones.windowOpened, true);
	assert.equal(await site.look(context), 'done', 'nothing is asked while the service is down');
});

test('a site file changed in the window is kept before it is replaced, each way', async t => {
	const {context, file, text, draft} = await proposed(t);
	const aside = paths.staging(context.facts);
	await mkdir(aside, {recursive: true});
	await mark(aside, context.facts.run);
	for (const [isNew, third, expected] of [
		[true, 'third', draft],
		[false, 'fourth', text],
	] as const) {
		await writeFile(file, third);
		await (isNew ? exchangeEnvironment.do(context) : exchangeEnvironment.undo?.(context));
		assert.equal(await readFile(file, 'utf8'), expected);
		const said = context.events.findLast(event => event.includes('by somebody else'));
		assert.equal(await readFile(said?.split(' ').at(-1)?.slice(0, -1) ?? '', 'utf8'), third);
	}

	await rm(file);
	await exchangeEnvironment.do(context);
	assert.equal(await readFile(file, 'utf8'), draft);
	const kept = (await readdir(paths.drafts(context))).filter(name => name.startsWith(basename(file)));
	assert.equal(kept.length, 2, 'what is known is not kept once more');
});
