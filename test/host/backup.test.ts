import assert from 'node:assert/strict';
import {chmod, link, mkdir, readdir, readFile, stat, symlink, utimes, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {
	beginCopy,
	checkSqlite,
	copyFiles,
	copyTree,
	differs,
	parseItemized,
	restoreTree,
} from '../../source/host/backup.js';
import type {Runner} from '../../source/host/process.js';
import {SmallDisk} from '../small-disk.js';
import {treeDigest} from '../tree-digest.js';
import {lacks, workshop} from './support.js';

async function sample(t: TestContext) {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const shop = await workshop(t);
	const tree = join(shop.directory, 'omflow');
	await mkdir(join(tree, 'server/logs'), {recursive: true});
	await mkdir(join(tree, 'python'));
	await writeFile(join(tree, 'server/settings.py'), 'a = 1\n', {mode: 0o640});
	await link(join(tree, 'server/settings.py'), join(tree, 'server/same.py'));
	await symlink('settings.py', join(tree, 'server/link'));
	await writeFile(join(tree, 'server/[odd] name*?\\'), 'odd');
	await writeFile(join(tree, 'server/logs/today'), 'log');
	await writeFile(join(tree, 'python/big'), 'environment');
	return {...shop, tree, backup: join(shop.directory, 'backup/files')};
}

test('a copy is the same in all that counts, and a restored tree is what it was', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup} = there;
	const before = await treeDigest(tree);
	await copyTree(runner, tree, backup);
	assert.equal(await treeDigest(backup), before);
	assert.deepEqual(await differs(runner, tree, backup), []);
	const [one, same] = await Promise.all(['settings.py', 'same.py'].map(name => stat(join(backup, 'server', name))));
	assert.equal(one?.ino, same?.ino, 'hard link');

	// Same size; and most likely in the second of the copy, which rsync by itself takes for unchanged.
	await writeFile(join(tree, 'server/settings.py'), 'a = 2\n');
	await writeFile(join(tree, 'server/new.py'), 'new');
	await chmod(join(tree, 'server/logs/today'), 0o600);
	assert.deepEqual((await differs(runner, backup, tree)).sort(), [
		'server/logs/today',
		'server/new.py',
		'server/same.py',
		'server/settings.py',
	]);
	await restoreTree(runner, backup, tree);
	assert.equal(await treeDigest(tree), before);
	assert.deepEqual(await differs(runner, backup, tree), []);
});

test('a change of content that keeps size and time is for listings to find, and is copied when it is named', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup} = there;
	const file = join(tree, 'python/big');
	await utimes(file, 1000, 1000);
	await copyTree(runner, tree, backup);
	await writeFile(file, 'ENVIRONMENT');
	await utimes(file, 1000, 1000);
	assert.deepEqual(await differs(runner, tree, backup), []);
	await copyFiles(runner, backup, tree, [Buffer.from('python/big')]);
	assert.equal(await readFile(file, 'utf8'), 'environment');
});

test('a copy that cp began and rsync completed is the same in all that counts', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup} = there;
	await writeFile(join(tree, '-rf'), 'a name like an option');
	await mkdir(join(tree, '.omflow-tui'));
	await mkdir(dirname(backup));
	await beginCopy(runner, tree, backup, {exclude: ['.omflow-tui']});
	assert.equal(await readFile(join(backup, 'python/big'), 'utf8'), 'environment');
	await copyTree(runner, tree, backup, {exclude: ['.omflow-tui']});
	assert.equal(await treeDigest(backup), await treeDigest(tree, {exclude: ['.omflow-tui']}));
	const [one, same] = await Promise.all(['settings.py', 'same.py'].map(name => stat(join(backup, 'server', name))));
	assert.equal(one?.ino, same?.ino, 'hard link');
});

test('a second copy takes what changed right after the first', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup} = there;
	const file = join(tree, 'python/big');
	for (const text of ['environmenT', 'environmeNT', 'environmENT']) {
		await copyTree(runner, tree, backup);
		await writeFile(file, text);
		await copyTree(runner, tree, backup, {live: true});
		assert.deepEqual(await differs(runner, tree, backup), []);
	}
});

test('excluded paths are neither copied, compared nor touched; wildcards in a name are none', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup} = there;
	const exclude = ['python', 'server/[odd] name*?\\'];
	await copyTree(runner, tree, backup, {exclude});
	assert.deepEqual(await readdir(backup), ['server']);
	assert.deepEqual((await readdir(join(backup, 'server'))).sort(), ['link', 'logs', 'same.py', 'settings.py']);
	assert.deepEqual(await differs(runner, tree, backup, {exclude}), []);
	await writeFile(join(tree, 'python/big'), 'other');
	await restoreTree(runner, backup, tree, {exclude});
	assert.equal(await readFile(join(tree, 'python/big'), 'utf8'), 'other');
});

test('refuses what would destroy a tree', async t => {
	const there = await sample(t);
	if (!there) {
		return;
	}

	const {runner, tree, backup, directory} = there;
	const before = await treeDigest(tree);
	await mkdir(backup, {recursive: true});
	await assert.rejects(restoreTree(runner, backup, tree), /is empty/);
	await assert.rejects(restoreTree(runner, join(directory, 'nothing'), tree), /is not there/);
	await assert.rejects(copyTree(runner, join(directory, 'nothing'), tree), /is not there/);
	await assert.rejects(copyTree(runner, tree, join(tree, 'server/backup')), /lies inside/);
	await assert.rejects(copyTree(runner, tree, tree), /lies inside/);
	assert.equal(await treeDigest(tree), before);
	await copyTree(runner, tree, join(tree, '.backup/1'), {exclude: ['.backup']});
	assert.equal(await treeDigest(join(tree, '.backup/1')), await treeDigest(tree, {exclude: ['.backup']}));
});

test('rsync output: paths with spaces, directories, deletions; nothing for the rest', () => {
	const output =
		'sending incremental file list\n*deleting   old dir/\n>fc........ server/a b.py\n.d...p..... server/\ncL+++++++++ link\nhf          hard\n.f...pog... x\n\n';
	assert.deepEqual(parseItemized(output), ['old dir', 'server/a b.py', 'server', 'link', 'hard', 'x']);
});

test('a database is read through: tables, rows, damage', async t => {
	const missing = await lacks('/usr/bin/python3');
	if (missing) {
		t.skip(missing);
		return;
	}

	const {directory, runner} = await workshop(t);
	const python = '/usr/bin/python3';
	const file = join(directory, 'db 1#2?.omflow');
	const make = `import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute('CREATE TABLE "odd ""name" (x INTEGER, y TEXT)')
connection.execute('CREATE TABLE omuser (x INTEGER)')
connection.executemany('INSERT INTO "odd ""name" VALUES (?, ?)', [(i, 'row %d' % i * 20) for i in range(5000)])
connection.commit()
`;
	await runner.capture([python, '-c', make, file]);
	const before = await treeDigest(directory);
	assert.deepEqual(await checkSqlite(runner, python, file), {'odd "name': 5000, omuser: 0});
	assert.equal(await treeDigest(directory), before, 'reading changes nothing');

	const bytes = await readFile(file);
	const broken = join(directory, 'broken');
	await writeFile(broken, bytes.fill(0xff, 20_000, 60_000));
	await assert.rejects(checkSqlite(runner, python, broken), /is not a sound database/);
	await writeFile(broken, 'version=1.1.0.0\n'.repeat(100));
	await assert.rejects(checkSqlite(runner, python, broken), /is not a sound database \(file is not a database\)/);
	await writeFile(broken, '');
	await assert.rejects(checkSqlite(runner, python, broken), /without tables/);
	await assert.rejects(checkSqlite(runner, python, join(directory, 'nothing')), /is not there/);
	assert.deepEqual((await readdir(directory)).sort(), ['broken', 'db 1#2?.omflow']);
});

test('on a full disk a tree is put back once what takes the room is gone', async t => {
	const there = process.getuid?.() === 0 ? await sample(t) : t.skip('only root can make a small disk');
	if (!there) {
		return;
	}

	const {runner, backup} = there;
	const disk = await SmallDisk.make(t, '4m');
	const onDisk: Runner = {
		run: (argv, options) => runner.run(disk.wrap(argv), options),
		capture: (argv, options) => runner.capture(disk.wrap(argv), options),
	};
	const [here, tree] = [disk.here, disk.path].map(path => join(path, 'tree'));
	assert.ok(here && tree);
	await mkdir(join(backup, 'a'), {recursive: true});
	await mkdir(join(backup, 'z'));
	await writeFile(join(backup, 'a/old'), Buffer.alloc(2_500_000, 'a'));
	await mkdir(join(here, 'z'), {recursive: true});
	await writeFile(join(here, 'z/new'), Buffer.alloc(2_500_000, 'z'));
	await restoreTree(onDisk, backup, tree);
	assert.deepEqual(await readdir(here, {recursive: true}), ['a', 'z', 'a/old']);
});
