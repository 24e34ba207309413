import assert from 'node:assert/strict';
import {mkdir, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {milestones} from '../../source/engine/stage.js';
import {releases} from '../../source/omflow/releases.js';
import {databases} from '../../source/preflight/database.js';
import {linksOutside, switchable} from '../../source/preflight/links.js';
import {otherRuns} from '../../source/preflight/other-run.js';
import {roomWanted} from '../../source/preflight/room.js';
import type {Subject} from '../../source/preflight/subject.js';
import {copyOf} from '../../source/runbook/backup/record.js';
import {installationBefore, paths, recorded} from '../../source/runbook/facts.js';
import {backup} from '../../source/runbook/steps/backup.js';
import {check} from '../../source/runbook/steps/check.js';
import {environment, removeAside} from '../../source/runbook/steps/environment.js';
import {lacks, makeDatabase, type Tried, tryOut} from '../runbook/context.js';

function subjectOf(context: Tried): Subject {
	const {hops, run, state} = context.facts;
	const installation = installationBefore(context);
	return {runner: context, installation, hops, releases, state, run: {name: run, directory: context.directory}};
}

/** What stands in the way of the files' coming back. */
async function found(context: Tried): Promise<string[]> {
	const subject = subjectOf(context);
	const findings = (await Promise.all([databases, linksOutside, otherRuns].map(check => check(subject)))).flat();
	return findings.filter(({severity}) => severity !== 'info').map(({severity, sentence}) => `${severity}: ${sentence}`);
}

test('a plain installation passes; a database that no backup would hold does not', async t => {
	const context = await tryOut(t);
	const database = await context.put('omflow/server/db.omflow', 'x');
	assert.deepEqual(await found(context), []);

	const outside = context.at('outside.omflow');
	await rename(database, outside);
	await symlink(outside, database);
	const [place, link] = await found(context);
	assert.equal(place, `blocker: The database is ${outside}, which a backup of ${context.facts.base} does not hold.`);
	assert.match(link ?? '', /^warning: Links in .* lead out of it: server\/db\.omflow → .*outside\.omflow\.$/);

	await rm(database);
	assert.match((await found(context))[0] ?? '', /^blocker: The database .* is not there\.$/);
	assert.match((await databases(subjectOf(context)))[0]?.remedy ?? '', /^Put it back, or/);
	const inEnvironment = await context.put('omflow/python/db.omflow', 'x');
	await symlink(inEnvironment, database);
	assert.match((await found(context))[0] ?? '', /^blocker: .* does not hold\.$/);
	await rm(database);
	await symlink('../elsewhere.omflow', database);
	await context.put('omflow/elsewhere.omflow', 'x');
	assert.deepEqual(await found(context), [], 'a link inside is fine');
});

test('links that lead out are named, those of the environment are not', async t => {
	const context = await tryOut(t);
	await context.put('omflow/server/db.omflow', 'x');
	await symlink('/usr/bin/python3', context.at('omflow/python/python'));
	await symlink('manage.py', context.at('omflow/server/inside'));
	await symlink('../../uploads', context.at('omflow/server/uploads'));
	assert.deepEqual(await found(context), [
		`warning: Links in ${context.facts.base} lead out of it: server/uploads → ${context.at('uploads')}.`,
	]);
});

test('a backup whose database is a link is none', async t => {
	const missing = await lacks('/usr/bin/rsync', '/usr/bin/python3.11');
	if (missing) {
		return t.skip(missing);
	}

	const context = await tryOut(t);
	const database = context.at('omflow/server/db.omflow');
	await makeDatabase(context, context.at('outside.omflow'));
	await symlink(context.at('outside.omflow'), database);
	await assert.rejects(backup.do(context), /does not lie in .* any more/);

	await rm(database);
	await mkdir(context.at('omflow/data'));
	await makeDatabase(context, context.at('omflow/data/db.omflow'));
	await symlink(context.at('omflow/data/db.omflow'), database);
	await backup.do(context);
	assert.match((await backup.verify(context))[0]?.sentence ?? '', /is sound: 1 tables, 1 rows/);
	await context.record(recorded.patchBegun, true);
	const copied = join(copyOf(context, 'installation'), 'data/db.omflow');
	await rm(copied);
	await symlink(context.at('omflow/data/db.omflow'), copied);
	await assert.rejects(backup.verify(context), /no copy of the database/);
});

test('the folder of another run blocks the upgrade, that of this one does not', async t => {
	const context = await tryOut(t);
	await context.put('omflow/server/db.omflow', 'x');
	await mkdir(paths.staging(context.facts), {recursive: true});
	assert.deepEqual(await found(context), []);
	const other = await context.put('omflow/.omflow-tui/other-run/python/pyvenv.cfg', '');
	const left = (await found(context))[0] ?? '';
	assert.ok(left.startsWith(`blocker: Another run left ${context.at('omflow/.omflow-tui/other-run')},`), left);

	await environment.undo?.(context);
	await writeFile(other, 'still there');
	await rm(context.at('omflow/.omflow-tui/other-run'), {recursive: true});
	await removeAside(context);
	await assert.rejects(writeFile(join(paths.aside(context.facts), 'x'), ''), {code: 'ENOENT'});
});

test('a python3 that is no link is found before it is to be switched', async t => {
	const context = await tryOut(t);
	const findings = await switchable({python3Link: true}, await context.put('python3', ''));
	assert.deepEqual(
		findings.map(({severity, id}) => [severity, id]),
		[['blocker', 'python3-link']],
	);
	assert.deepEqual(await switchable({python3Link: true}, context.at('nothing')), []);
	assert.deepEqual(await switchable({}, context.at('python3')), [], 'nobody asked for it');
});

test('the host is looked at again until the window opens, and what the run took is not wanted again', async t => {
	const context = await tryOut(t);
	await context.record('findings', []);
	assert.equal(await check.look(context), 'todo');
	const total = async () =>
		(await roomWanted(subjectOf(context), undefined)).reduce((sum, [, bytes]) => sum + bytes, 0);
	const before = await total();
	await context.put(`omflow/.omflow-tui/${context.facts.run}/python/big`, Buffer.alloc(3_000_000, 'x'));
	await context.put('run/backup/big', Buffer.alloc(2_000_000, 'x'));
	const between = await total();
	assert.ok(before - between >= 5_000_000, `${before} ${between}`);
	await context.record(milestones.windowOpened, true);
	assert.equal(await check.look(context), 'done');
});

test('an ordinary update wants little room, and each hop a backup of its own', async t => {
	const context = await tryOut(t, {needs: undefined});
	await context.put('omflow/server/uploads/big', Buffer.alloc(3_000_000, 'x'));
	const subject = subjectOf(context);
	const total = async (hops: Subject['hops']) =>
		(await roomWanted({...subject, hops}, undefined)).reduce((sum, [, bytes]) => sum + bytes, 0);
	const [hop] = subject.hops;
	assert.ok(hop);
	const one = await total([hop]);
	assert.ok(one < 200_000_000, String(one));
	assert.ok((await total([hop, hop])) - one >= 3_000_000);
});
