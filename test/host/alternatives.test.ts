import assert from 'node:assert/strict';
import {readdir, readlink, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {pointAt, pythonLink} from '../../source/host/alternatives.js';
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
