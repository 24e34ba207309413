import assert from 'node:assert/strict';
import {mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import {type TestContext, test} from 'node:test';
import {copyOf} from '../../source/runbook/backup/record.js';
import {paths, recorded} from '../../source/runbook/facts.js';
import {apply} from '../../source/runbook/steps/apply.js';
import {backup} from '../../source/runbook/steps/backup.js';
import {lacks, makeDatabase, type Tried, type TryOptions, tryOut} from './context.js';

async function sealed(t: TestContext, options: TryOptions = {}): Promise<Tried | undefined> {
	const missing = await lacks('/usr/bin/rsync', '/usr/bin/python3.11');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const context = await tryOut(t, options);
	await mkdir(context.at('omflow/python/bin'));
	await symlink('/usr/bin/python3', context.at('omflow/python/bin/python'));
	await makeDatabase(context, context.at('omflow/server/db.omflow'), 'wal');
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
