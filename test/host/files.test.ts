import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmod, link, lstat, mkdir, readdir, readFile, symlink, truncate, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {freeBytes, removeTree, sizeOf, writeDurably} from '../../source/host/files.js';
import {treeDigest} from '../tree-digest.js';
import {workshop} from './support.js';

test('writes a file with its mode whatever the umask, and leaves nothing else', async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'site.conf');
	await writeFile(path, 'old');
	const umask = process.umask(0o077);
	t.after(() => process.umask(umask));
	await writeDurably(path, 'new', {mode: 0o644});
	assert.equal(await readFile(path, 'utf8'), 'new');
	assert.equal((await lstat(path)).mode & 0o7777, 0o644);
	assert.deepEqual(await readdir(directory), ['site.conf']);
});

test('a write that fails leaves the old file and no other', async t => {
	const {directory} = await workshop(t);
	await mkdir(join(directory, 'taken', 'inside'), {recursive: true});
	await assert.rejects(writeDurably(join(directory, 'taken'), 'x'));
	assert.deepEqual(await readdir(directory), ['taken']);
});

test('removes a tree but not what a link in it points at', async t => {
	const {directory} = await workshop(t);
	await mkdir(join(directory, 'tree/deep'), {recursive: true});
	await writeFile(join(directory, 'kept'), 'kept');
	await symlink(directory, join(directory, 'tree/deep/link'));
	await removeTree(join(directory, 'tree'));
	assert.deepEqual(await readdir(directory), ['kept']);
	await removeTree(join(directory, 'tree'));
});

test('refuses to remove what is never meant', async () => {
	for (const path of ['/', '/opt', '/opt/..', 'relative/path', '', '/opt/omflow/../..']) {
		await assert.rejects(removeTree(path), /Refused to remove/, path);
	}
});

async function sample(directory: string, name: string): Promise<string> {
	const root = join(directory, name);
	await mkdir(join(root, 'a/b'), {recursive: true});
	await writeFile(join(root, 'a/b/file'), 'content');
	await writeFile(join(root, 'z'), '');
	await symlink('a/b/file', join(root, 'link'));
	return root;
}

test('equal trees have equal digests, times apart', async t => {
	const {directory} = await workshop(t);
	const one = await sample(directory, 'one');
	const two = await sample(directory, 'two');
	await utimes(join(two, 'z'), 1, 1);
	assert.equal(await treeDigest(one), await treeDigest(two));
});

test('every difference changes the digest', async t => {
	const {directory} = await workshop(t);
	const original = await treeDigest(await sample(directory, 'original'));
	const changes: Record<string, (root: string) => Promise<void>> = {
		content: root => writeFile(join(root, 'a/b/file'), 'CONTENT'),
		mode: root => chmod(join(root, 'z'), 0o600),
		'an empty directory more': async root => void (await mkdir(join(root, 'a/c'))),
		'a file less': root => removeTree(join(root, 'z')),
		'link target': async root => {
			await removeTree(join(root, 'link'));
			await symlink('a/b/other', join(root, 'link'));
		},
		'name moved into content': async root => {
			await removeTree(join(root, 'z'));
			await writeFile(join(root, 'y'), 'z');
		},
	};
	for (const [name, change] of Object.entries(changes)) {
		const root = await sample(directory, name.replaceAll(' ', '-'));
		await change(root);
		assert.notEqual(await treeDigest(root), original, name);
	}
});

test('excluded paths do not count, paths that only begin like them do', async t => {
	const {directory} = await workshop(t);
	const root = await sample(directory, 'tree');
	const exclude = ['a/b'];
	const before = await treeDigest(root, {exclude});
	await writeFile(join(root, 'a/b/more'), 'more');
	assert.equal(await treeDigest(root, {exclude}), before);
	await writeFile(join(root, 'a/bc'), 'more');
	assert.notEqual(await treeDigest(root, {exclude}), before);
});

test('a name that is no UTF-8 is digested', async t => {
	const {directory} = await workshop(t);
	const root = await sample(directory, 'tree');
	await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'x');
	const one = await treeDigest(root);
	await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'y');
	assert.notEqual(await treeDigest(root), one);
});

test('sizes are those on the disk: hard links once, holes free, what is not there nothing', async t => {
	const {directory} = await workshop(t);
	const root = join(directory, 'tree');
	await mkdir(root);
	const empty = await sizeOf(root);
	await writeFile(join(root, 'big'), Buffer.alloc(1024 * 1024, 1));
	const one = await sizeOf(root);
	assert.ok(one - empty >= 1024 * 1024, `${one - empty}`);
	await link(join(root, 'big'), join(root, 'same'));
	await writeFile(join(root, 'hole'), '');
	await truncate(join(root, 'hole'), 1024 * 1024 * 1024);
	assert.ok((await sizeOf(root)) < one + 64 * 1024);
	assert.ok((await sizeOf(root, {exclude: ['big', 'same']})) < one - 1024 * 1024 + 64 * 1024);
	assert.equal(await sizeOf(join(directory, 'nothing')), 0);
});

test('free room is known for a path that is not there yet', async t => {
	const {directory} = await workshop(t);
	const there = await freeBytes(directory);
	assert.ok(there > 0);
	assert.ok(Math.abs((await freeBytes(join(directory, 'not/yet/there'))) - there) < there / 2);
});

test('what a killed write left behind is gone after the next one; writes at once do not disturb each other', async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'django.conf');
	const killed = `process.env.FAULT_POINTS = 'on';
const {writeDurably} = await import('${new URL('../../source/host/files.ts', import.meta.url)}');
await writeDurably(process.argv[1], 'cut');`;
	const faults = join(directory, 'faults');
	await mkdir(faults);
	await writeFile(join(faults, 'switch'), JSON.stringify({kind: 'kill', points: 'all'}));
	const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', killed, path], {
		env: {...process.env, FAULT_FOLDER: faults},
	});
	assert.equal(child.signal, 'SIGKILL', String(child.stderr));
	assert.equal(await readFile(join(faults, 'fired'), 'utf8'), 'write/django.conf#1\n');
	assert.deepEqual((await readdir(directory)).sort(), ['.django.conf.omflow-tui.tmp', 'faults']);
	await Promise.all(['one', 'two', 'three'].map(text => writeDurably(path, text)));
	assert.match(await readFile(path, 'utf8'), /^(?:one|two|three)$/);
	assert.deepEqual((await readdir(directory)).sort(), ['django.conf', 'faults']);
});
