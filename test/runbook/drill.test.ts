import assert from 'node:assert/strict';
import {access, writeFile} from 'node:fs/promises';
import {type TestContext, test} from 'node:test';
import {copyOf} from '../../source/runbook/backup/record.js';
import {copy} from '../../source/runbook/steps/copy.js';
import {drill} from '../../source/runbook/steps/drill.js';
import {lacks, makeDatabase, type Tried, tryOut} from './context.js';

async function copied(t: TestContext): Promise<Tried | undefined> {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const context = await tryOut(t);
	await makeDatabase(context, context.at('omflow/server/db.omflow'));
	await copy.do(context);
	return context;
}

test('a drill puts the files back aside, tells how long it took, and leaves nothing', async t => {
	const context = await copied(t);
	if (!context) {
		return;
	}

	// As a drill that was cut leaves it.
	await context.put('omflow/.omflow-tui/this-run/drill/server/half', '');
	await context.put('omflow/.omflow-tui/other/python/pyvenv.cfg', '');
	assert.equal(await drill.look(context), 'todo');
	await drill.do(context);
	assert.equal(await drill.look(context), 'done');
	const findings = await drill.verify(context);
	assert.deepEqual(
		findings.map(({severity, id}) => `${severity} ${id}`),
		['info drill-files', 'info drill'],
	);
	assert.match(
		findings[0]?.sentence ?? '',
		/^5 files were put back in \d+\.\d s in a drill, and are what was copied\.$/,
	);
	await assert.rejects(access(context.at('omflow/.omflow-tui/this-run')));
	await access(context.at('omflow/.omflow-tui/other/python/pyvenv.cfg'));
});

test('a drill finds a copy that is damaged, and leaves nothing then either', async t => {
	const context = await copied(t);
	if (!context) {
		return;
	}

	await writeFile(`${copyOf(context, 'installation')}/server/manage.py`, 'damaged');
	await assert.rejects(
		async () => drill.do(context),
		/What was put back in the drill is not what was copied: server\/manage\.py\./,
	);
	await assert.rejects(access(context.at('omflow/.omflow-tui')));
	await drill.undo?.(context);
});
