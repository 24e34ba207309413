import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, rename, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {exchange, finishExchange, intermediateName} from '../../source/host/exchange.js';
import type {Runner} from '../../source/host/process.js';
import {workshop} from './support.js';

async function trees(directory: string): Promise<[a: string, b: string]> {
	const paths: [string, string] = [join(directory, 'python'), join(directory, 'staging', 'python')];
	for (const [index, path] of paths.entries()) {
		await mkdir(path, {recursive: true});
		await writeFile(join(path, 'which'), index === 0 ? 'old' : 'new');
	}

	return paths;
}

const which = (path: string) => readFile(join(path, 'which'), 'utf8');

test('exchanges two directories with the real system call, and back', async t => {
	const {directory, runner, log} = await workshop(t);
	const [a, b] = await trees(directory);
	assert.equal(await exchange(runner, a, b), 'atomic');
	assert.deepEqual([await which(a), await which(b)], ['new', 'old']);
	assert.equal(await exchange(runner, a, b), 'atomic');
	assert.deepEqual([await which(a), await which(b)], ['old', 'new']);
	assert.match(await readFile(log, 'utf8'), /renameat2/);
	assert.deepEqual((await readdir(directory)).sort(), ['log', 'python', 'staging']);
});

/** A filesystem that does not know the exchange, which cannot be had everywhere: only the reply is made up. */
const refusing = (runner: Runner, code: number): Runner => ({...runner, run: async () => code});

test('renames where the kernel or filesystem does not know the exchange', async t => {
	for (const code of [122, 138]) {
		const {directory, runner} = await workshop(t);
		const [a, b] = await trees(directory);
		assert.equal(await exchange(refusing(runner, code), a, b), 'renamed');
		assert.deepEqual([await which(a), await which(b)], ['new', 'old']);
		assert.equal(await finishExchange(a, b), false);
	}
});

test('an exchange by renames that was cut is finished, not begun again', async t => {
	const {directory, runner} = await workshop(t);
	const [a, b] = await trees(directory);
	// Cut after the first rename.
	await rename(a, intermediateName(a));
	assert.equal(await exchange(runner, a, b), 'finished');
	assert.deepEqual([await which(a), await which(b)], ['new', 'old']);
	// Cut after the second.
	await rename(a, intermediateName(a));
	await rename(b, a);
	assert.equal(await finishExchange(a, b), true);
	assert.deepEqual([await which(a), await which(b)], ['old', 'new']);
});

test('with three trees in the place of two it names them and touches none', async t => {
	const {directory, runner} = await workshop(t);
	const [a, b] = await trees(directory);
	await mkdir(intermediateName(a));
	await assert.rejects(exchange(runner, a, b), /all exist/);
	assert.deepEqual([await which(a), await which(b)], ['old', 'new']);
});

test('refuses what is not there, not a directory or elsewhere, and leaves the other alone', async t => {
	const {directory, runner} = await workshop(t);
	const [a, b] = await trees(directory);
	await symlink(b, join(directory, 'link'));
	await assert.rejects(exchange(runner, a, join(directory, 'nothing')), /is not there/);
	await assert.rejects(exchange(runner, a, join(directory, 'link')), /not a directory/);
	await assert.rejects(exchange(runner, a, '/proc/self'), /not a directory|different filesystems/);
	await assert.rejects(exchange(runner, a, '/proc'), /different filesystems/);
	await assert.rejects(exchange(refusing(runner, 118), a, b), /redirect_dir/);
	assert.deepEqual([await which(a), await which(b)], ['old', 'new']);
});
