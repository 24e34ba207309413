import assert from 'node:assert/strict';
import {readdir, readlink, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {pointAt, putLinkBack, pythonLink} from '../../source/host/alternatives.js';
import {workshop} from './support.js';

test('points the link elsewhere and back to exactly what it was', async t => {
	const {directory} = await workshop(t);
	const link = join(directory, 'python3');
	await writeFile(join(directory, 'python3.8'), '');
	await writeFile(join(directory, 'python3.11'), '');
	await symlink('python3.8', link);
	const before = await pythonLink(link);
	assert.deepEqual(before, {target: 'python3.8', interpreter: join(directory, 'python3.8'), managed: false});
	await pointAt(join(directory, 'python3.11'), link);
	assert.equal((await pythonLink(link))?.interpreter, join(directory, 'python3.11'));
	await pointAt(before.target, link);
	assert.equal(await readlink(link), 'python3.8');
	assert.deepEqual(await readdir(directory), ['python3', 'python3.11', 'python3.8']);
});

test('tells a link of update-alternatives, no link, and nothing', async t => {
	const {directory} = await workshop(t);
	const link = join(directory, 'python3');
	assert.equal(await pythonLink(link), undefined);
	await symlink('/etc/alternatives/python3', link);
	assert.equal((await pythonLink(link))?.managed, true);
	const file = join(directory, 'file');
	await writeFile(file, '');
	await assert.rejects(pythonLink(file), /is not a link/);
});

test('does not point at what is not there', async t => {
	const {directory} = await workshop(t);
	const link = join(directory, 'python3');
	await symlink('python3.8', link);
	await assert.rejects(pointAt('python3.11', link), /is not there/);
	assert.equal(await readlink(link), 'python3.8');
});

test('a link of update-alternatives is put back as it was, and what was changed behind it is told', async t => {
	const {directory} = await workshop(t);
	const [link, managed, old, other] = ['python3', 'alternative', 'python3.8', 'python3.9'].map(name =>
		join(directory, name),
	) as [string, string, string, string];
	await Promise.all([old, other, join(directory, 'python3.11')].map(file => writeFile(file, '')));
	await symlink(old, managed);
	await symlink(managed, link);
	const before = await pythonLink(link);
	await pointAt(join(directory, 'python3.11'), link);
	await putLinkBack(before, link);
	await putLinkBack(before, link);
	assert.deepEqual(await pythonLink(link), before);
	assert.equal(await readlink(managed), old);

	await pointAt(other, managed);
	await assert.rejects(putLinkBack(before, link), /python3 leads to .*python3\.9 and not to .*python3\.8\.$/);
});

test('a link that was not there, or led nowhere, is put back to that', async t => {
	const {directory} = await workshop(t);
	const link = join(directory, 'python3');
	await symlink('nowhere', link);
	const before = await pythonLink(link);
	await writeFile(join(directory, 'python3.11'), '');
	await pointAt('python3.11', link);
	await putLinkBack(before, link);
	assert.equal(await readlink(link), 'nowhere');
	await putLinkBack(undefined, link);
	await putLinkBack(undefined, link);
	assert.deepEqual(await readdir(directory), ['python3.11']);
});
