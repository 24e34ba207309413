import assert from 'node:assert/strict';
import {chmod, copyFile, link, mkdir, readFile, rm, stat, symlink, utimes, writeFile} from 'node:fs/promises';
import {type TestContext, test} from 'node:test';
import {copyOf} from '../../source/runbook/backup/record.js';
import {paths, recorded} from '../../source/runbook/facts.js';
import {apply} from '../../source/runbook/steps/apply.js';
import {backup} from '../../source/runbook/steps/backup.js';
import {treeDigest} from '../tree-digest.js';
import {lacks, makeDatabase, type Tried, type TryOptions, tryOut} from './context.js';

async function sealed(
	t: TestContext,
	options: TryOptions = {},
	prepare: (context: Tried) => Promise<unknown> = async () => {},
): Promise<Tried | undefined> {
	const missing = await lacks('/usr/bin/rsync', '/usr/bin/python3.11');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const context = await tryOut(t, options);
	await mkdir(context.at('omflow/python/bin'));
	await symlink('/usr/bin/python3', context.at('omflow/python/bin/python'));
	await makeDatabase(context, context.at('omflow/server/db.omflow'), 'wal');
	await prepare(context);
	await backup.do(context);
	await backup.verify(context);
	return context;
}

test('a backup is on the disk before it is sealed, and what is put back before it counts as done', async t => {
	const context = await sealed(t);
	if (!context) {
		return;
	}

	const copy = copyOf(context, 'installation');
	const synced = context.events.indexOf(`sync --file-system ${paths.backup(context)}`);
	assert.ok(synced > context.events.findLastIndex(event => event.includes('rsync') && event.includes(` ${copy}/`)));
	assert.equal(context.events.lastIndexOf(`record ${recorded.sealed}`), synced + 1);

	await context.record(recorded.patchBegun, true);
	await context.put('omflow/server/manage.py', 'cut here');
	await apply.undo?.(context);
	assert.equal(await readFile(context.at('omflow/server/manage.py'), 'utf8'), '');
	assert.equal(context.events.at(-1), `sync --file-system ${context.facts.base}`);
});

test('a damaged backup overwrites nothing', async t => {
	const context = await sealed(t);
	if (!context) {
		return;
	}

	await context.record(recorded.patchBegun, true);
	await context.put('omflow/server/manage.py', 'new');
	await writeFile(`${copyOf(context, 'installation')}/server/manage.py`, 'x');
	await assert.rejects(
		async () => apply.undo?.(context),
		/is damaged: omflow\/server\/manage\.py is not what was sealed\. Nothing/,
	);
	await assert.rejects(async () => apply.do(context), /is damaged/);
	assert.equal(await readFile(context.at('omflow/server/manage.py'), 'utf8'), 'new');
});

test('a dump that is damaged keeps everything as it is: it would be loaded over the database', async t => {
	const context = await sealed(t, {}, ({put}) => put('run/backup/database/server.dump', 'whole'));
	if (!context) {
		return;
	}

	await context.record(recorded.patchBegun, true);
	await context.put('omflow/server/manage.py', 'new');
	await context.put('run/backup/database/server.dump', 'half');
	await assert.rejects(async () => apply.undo?.(context), /is damaged: database\/server\.dump is not what was sealed/);
	assert.equal(await readFile(context.at('omflow/server/manage.py'), 'utf8'), 'new');
});

test('a damaged or lost database stops an upgrade, and not the restore that is to mend it', async t => {
	const context = await sealed(t);
	if (!context) {
		return;
	}

	const database = await context.put('omflow/server/db.omflow', 'no database at all');
	await rm(`${database}-wal`, {force: true});
	await backup.do(context);
	await assert.rejects(backup.verify(context), /is not a sound database/);
	Object.assign(context.facts, {backup: context.at('another')});
	const [finding] = await backup.verify(context);
	assert.match(finding?.sentence ?? '', /^In the copy of what is there now: .* is not a sound database/);
	assert.equal(finding?.severity, 'warning');
	await rm(database);
	await backup.do(context);
	assert.deepEqual(await backup.verify(context), []);
});

test('what a patch made, removed or made something else is put back, and only that is copied', async t => {
	const context = await sealed(t, {needs: undefined}, async ({at, put}) => {
		await put('omflow/server/folder/inside/#file', 'in a folder');
		await put('omflow/server/;file\u2028', 'beside');
		await put('omflow/server/templates/page', 'ours');
		await put('elsewhere/page', 'not ours');
		const one = await put('omflow/server/one', 'of two names');
		await link(one, at('omflow/server/two'));
	});
	if (!context) {
		return;
	}

	const at = (path: string) => context.at('omflow', path);
	const before = await treeDigest(context.facts.base);

	await context.record(recorded.patchBegun, true);
	await rm(at('server/folder'), {recursive: true});
	await context.put('omflow/server/folder', 'a file now');
	await rm(at('server/;file\u2028'));
	await context.put('omflow/server/;file\u2028/inside', 'a folder now');
	await context.put('omflow/server/new/folder/file', 'new');
	await symlink('/nowhere', at('server/new/link'));
	await rm(at('server/templates'), {recursive: true});
	await symlink(context.at('elsewhere'), at('server/templates'));
	await writeFile(at('server/manage.py'), 'changed');
	context.events.length = 0;
	await apply.undo?.(context);
	assert.equal(await treeDigest(context.facts.base), before);
	assert.equal(await readFile(context.at('elsewhere/page'), 'utf8'), 'not ours');
	assert.equal(context.events.filter(event => event.includes('rsync')).length, 1);

	// A listing says nothing of hard links: the proof finds it, and everything is gone through.
	await rm(at('server/two'));
	await copyFile(at('server/one'), at('server/two'));
	const {atime, mtime} = await stat(at('server/one'));
	await utimes(at('server/two'), atime, mtime);
	await apply.undo?.(context);
	assert.equal((await stat(at('server/one'))).ino, (await stat(at('server/two'))).ino);
});

test('of a damaged backup nothing is put back that the installation has and the listing does not tell', async t => {
	const context = await sealed(t);
	if (!context) {
		return;
	}

	await context.record(recorded.patchBegun, true);
	await chmod(context.at('omflow/server/manage.py'), 0o600);
	await writeFile(`${copyOf(context, 'installation')}/server/omflow_server`, 'x');
	await assert.rejects(async () => apply.undo?.(context), /is damaged: omflow\/server\/omflow_server is not what was/);
	assert.match(await readFile(context.at('omflow/server/omflow_server'), 'utf8'), /^#!/);
});

for (const [what, options, back] of [
	['an environment that stays is part of the backup, and goes back with it', {needs: undefined}, 'version = 3.8.10\n'],
	['an environment that is exchanged is not in the backup', {}, 'changed by the patch'],
] as const) {
	test(what, async t => {
		const context = await sealed(t, options);
		if (!context) {
			return;
		}

		await context.record(recorded.patchBegun, true);
		await context.put('omflow/python/pyvenv.cfg', 'changed by the patch');
		await context.put('omflow/server/manage.py', 'changed by the patch');
		await apply.undo?.(context);
		assert.equal(await readFile(context.at('omflow/python/pyvenv.cfg'), 'utf8'), back);
		assert.equal(await readFile(context.at('omflow/server/manage.py'), 'utf8'), '');
	});
}
