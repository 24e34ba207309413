import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {appendFile, copyFile, mkdir, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {setAside} from '../../source/host/apt-aside.js';
import {sha256Of} from '../../source/host/checksum.js';
import {debControl, packagesIndex} from '../../source/host/deb.js';
import type {Runner} from '../../source/host/process.js';
import {lacks, workshop} from './support.js';

const skip = await lacks('/usr/bin/apt-get', '/usr/bin/apt-cache', '/usr/bin/dpkg-deb');

/** A real package with one file in it. `bytes` of the file decide whether dpkg has to fill up at its end. */
async function makeDeb(
	runner: Runner,
	folder: string,
	name: string,
	{bytes = 2000, fields = ''}: {readonly bytes?: number; readonly fields?: string} = {},
): Promise<string> {
	const tree = join(folder, 'tree');
	await mkdir(join(tree, 'DEBIAN'), {recursive: true});
	await mkdir(join(tree, 'opt'));
	await writeFile(join(tree, 'opt', name), randomBytes(bytes));
	const version = /^Version: (.*)$/m.exec(fields)?.[1];
	const control = `Package: ${name}\n${version ? '' : 'Version: 1.0\n'}Architecture: all\nMaintainer: Test <t@example.org>\n`;
	await writeFile(join(tree, 'DEBIAN/control'), `${control}${fields}Description: x\n more of it\n .\n the end\n`);
	const file = join(folder, `${name}_${(version ?? '1.0').replaceAll(':', '%3a')}_all.deb`);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', tree, file]);
	await rm(tree, {recursive: true});
	return file;
}

/** apt with the packages of a folder and nothing else. */
async function aptOf(runner: Runner, directory: string, debs: string) {
	await writeFile(join(directory, 'status'), '');
	const configuration = await setAside({
		directory: join(directory, 'apt'),
		setup: {sources: [{name: 'lab.list', lines: [`deb [trusted=yes] file:${debs} ./`]}], preferences: [], keys: []},
		status: join(directory, 'status'),
		architectures: ['amd64'],
	});
	const apt = async (program: string, ...words: readonly string[]) =>
		(await runner.capture([program, ...words], {env: {APT_CONFIG: configuration}})).stdout;
	await apt('apt-get', 'update');
	return apt;
}

test('apt finds, chooses and fetches packages by the index', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	const debs = join(directory, 'debs');
	await mkdir(debs);
	const app = await makeDeb(runner, debs, 'lab-app', {
		fields: 'Version: 1:2.0-1+lab~1\nDepends: lab-lib (>= 1.0)\n',
	});
	const lib = await makeDeb(runner, debs, 'lab-lib');
	await writeFile(join(debs, 'Packages'), await packagesIndex(runner, debs));
	const apt = await aptOf(runner, directory, debs);

	const shown = await apt('apt-cache', 'show', 'lab-app');
	assert.match(shown, /^Version: 1:2\.0-1\+lab~1$/m);
	assert.match(shown, /^Filename: \.\/lab-app_1%3a2\.0-1\+lab~1_all\.deb$/m);
	assert.match(shown, new RegExp(`^Size: ${(await stat(app)).size}$`, 'm'));
	assert.match(shown, new RegExp(`^SHA256: ${await sha256Of(app)}$`, 'm'));
	assert.match(shown, /^ more of it\n \.\n the end$/m);
	const simulated = await apt('apt-get', '--simulate', 'install', 'lab-app');
	assert.deepEqual(simulated.match(/^Inst \S+ \(\S+/gm), ['Inst lab-lib (1.0', 'Inst lab-app (1:2.0-1+lab~1']);
	await apt('apt-get', '--yes', '--download-only', 'install', 'lab-app');

	// The same size, so that only the digest tells.
	const bytes = await readFile(lib);
	bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
	await writeFile(lib, bytes);
	await assert.rejects(apt('apt-get', '--yes', '--download-only', 'install', 'lab-app'), {exitCode: 100});
});

test('what a package says of its own file does not count', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	const debs = join(directory, 'debs');
	await mkdir(debs);
	const wrong = 'Filename: ../../etc/passwd\nsize: 7\nSHA512:\n abc\nSHA256: abc\nMD5sum: abc\nInstalled-Size: 12\n';
	const file = await makeDeb(runner, debs, 'lab-app', {fields: wrong});
	const index = await packagesIndex(runner, debs);
	assert.doesNotMatch(index, /abc|passwd|size: 7/);
	assert.match(index, /^Installed-Size: 12$/m);
	assert.deepEqual(index.match(/^(?:Filename|Size|SHA256):/gm), ['Filename:', 'Size:', 'SHA256:']);
	assert.ok(index.includes(await sha256Of(file)));
	await writeFile(join(debs, 'Packages'), index);
	const apt = await aptOf(runner, directory, debs);
	await apt('apt-get', '--yes', '--download-only', 'install', 'lab-app');
});

test('half a package is told from a whole one, though dpkg-deb reads its fields', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	for (const bytes of [0, 1, 2, 3, 4000]) {
		const file = await makeDeb(runner, directory, 'lab-app', {bytes});
		assert.match(await debControl(runner, file), /^Package: lab-app$/m);
		const {size} = await stat(file);
		const data = (await readFile(file)).indexOf('data.tar');
		// In the middle, one byte before the end, right before the data, and within the data's header.
		for (const length of [size - 60, size - 2, data, data + 30]) {
			const half = join(directory, 'half.deb');
			await copyFile(file, half);
			await truncate(half, length);
			const fields = await runner.capture(['dpkg-deb', '--field', half], {accept: [0, 2]});
			await assert.rejects(
				debControl(runner, half),
				/half\.deb is no Debian package, or was not copied whole\. Copy it again, or take it away\.$/,
				`${length} of ${size}, where dpkg-deb ends with ${fields.exitCode}`,
			);
		}

		await appendFile(file, 'x'.repeat(100));
		await assert.rejects(debControl(runner, file), /was not copied whole/);
	}
});

test('an index names what is no package, and is empty where there is none', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	assert.equal(await packagesIndex(runner, directory), '');
	await writeFile(join(directory, 'notes.txt'), 'x');
	await mkdir(join(directory, 'debs'));
	assert.equal(await packagesIndex(runner, directory), '');
	for (const content of ['', '!<arch>\n', '<html>']) {
		await writeFile(join(directory, 'bad.deb'), content);
		await assert.rejects(packagesIndex(runner, directory), /bad\.deb is no Debian package/, content);
	}
});

test('a digest that is known is not computed again', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	await makeDeb(runner, directory, 'lab-app');
	const known = new Map([['lab-app_1.0_all.deb', 'f'.repeat(64)]]);
	assert.match(await packagesIndex(runner, directory, known), /^SHA256: f{64}$/m);
});
