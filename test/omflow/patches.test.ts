import assert from 'node:assert/strict';
import {chown, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {findPatches} from '../../source/omflow/patches.js';

const me = process.getuid?.() ?? 0;

async function folder(t: TestContext, ...names: string[]): Promise<string> {
	const made = await mkdtemp(path.join(tmpdir(), 'patches-'));
	t.after(() => rm(made, {recursive: true}));
	await Promise.all(names.map(name => writeFile(path.join(made, name), '')));
	return made;
}

test('finds patch archives by their names, folder by folder', async t => {
	const first = await folder(t, 'omflow_patch_1_2_0_0.tar.gz', 'omflow_patch_1_1_6_4_upgrade3.tar.gz', 'notes.txt');
	const second = await folder(t, 'omflow_patch_1_2_0_1.tgz', 'omflow_patch_1_2_0.tar.gz', 'omflow_patch_1_2_0_1.zip');
	assert.deepEqual(await findPatches([second, first]), [
		{version: '1.2.0.1', file: `${second}/omflow_patch_1_2_0_1.tgz`},
		{version: '1.1.6.4', file: `${first}/omflow_patch_1_1_6_4_upgrade3.tar.gz`},
		{version: '1.2.0.0', file: `${first}/omflow_patch_1_2_0_0.tar.gz`},
	]);
});

test('a folder that is named twice is looked at once, and paths are absolute', async t => {
	const made = await folder(t, 'omflow_patch_1_2_0_0.tar.gz');
	const relative = path.relative(process.cwd(), made);
	assert.deepEqual(await findPatches([`${relative}/`, made, `${made}/.`]), [
		{version: '1.2.0.0', file: `${made}/omflow_patch_1_2_0_0.tar.gz`},
	]);
});

test('only regular files count, and folders that cannot be read are passed over', async t => {
	const made = await folder(t, 'omflow_patch_1_2_0_0.tar.gz');
	await mkdir(path.join(made, 'omflow_patch_1_2_0_1.tar.gz'));
	await symlink('omflow_patch_1_2_0_0.tar.gz', path.join(made, 'omflow_patch_1_2_1_0.tar.gz'));
	await symlink('nowhere', path.join(made, 'omflow_patch_1_2_1_1.tar.gz'));
	const found = await findPatches([path.join(made, 'none'), path.join(made, 'omflow_patch_1_2_0_0.tar.gz'), made]);
	assert.deepEqual(
		found.map(({version}) => version),
		['1.2.0.0'],
	);
});

test('numbers that no version has are passed over', async t => {
	assert.deepEqual(await findPatches([await folder(t, 'omflow_patch_1_2_0_99999999999999999999999.tar.gz')]), []);
});

test('only files of the owners count', async t => {
	const made = await folder(t, 'omflow_patch_1_2_0_0.tar.gz');
	assert.equal((await findPatches([made], new Set([me]))).length, 1);
	assert.deepEqual(await findPatches([made], new Set([me + 1])), []);
	assert.deepEqual(await findPatches([made], new Set()), []);
});

test('a file of somebody else is left out beside one of root', {
	skip: me === 0 ? false : 'needs root to give a file away',
}, async t => {
	const made = await folder(t, 'omflow_patch_1_2_0_0.tar.gz', 'omflow_patch_1_2_0_1.tar.gz');
	await chown(path.join(made, 'omflow_patch_1_2_0_1.tar.gz'), 65534, 65534);
	const found = await findPatches([made], new Set([0]));
	assert.deepEqual(
		found.map(({version}) => version),
		['1.2.0.0'],
	);
});
