import assert from 'node:assert/strict';
import {readdir, readFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import type {Runner} from '../../source/host/process.js';
import {wheelMetadata} from '../../source/host/wheel-metadata.js';
import {lacks, workshop} from './support.js';

const skip = await lacks('/usr/bin/python3');

/** Python's own zip module makes the file, as it does for wheels. */
const script = `import sys, zipfile
path, text, kind, comment = sys.argv[1:]
with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED if kind == 'stored' else zipfile.ZIP_BZIP2 if kind == 'bzip2' else zipfile.ZIP_DEFLATED) as file:
    file.writestr('x/__init__.py', 'x = 1\\n' * 500)
    file.writestr('x/other.dist-info/METADATA', 'Name: other\\nVersion: 9\\n')
    if kind != 'none':
        file.writestr('x-1.0.dist-info/METADATA', text * 100000 if kind == 'huge' else text)
    if kind == 'twice':
        file.writestr('y-1.0.dist-info/METADATA', text)
    file.comment = comment.encode()
`;
const plain = 'Metadata-Version: 2.1\nName: X_y.Z\nVersion: 1.0\n';

async function makeZip(runner: Runner, file: string, text: string, kind = 'deflated', comment = ''): Promise<string> {
	await runner.capture(['/usr/bin/python3', '-W', 'ignore', '-c', script, file, text, kind, comment]);
	return file;
}

for (const [title, lines, licence] of [
	['without any', '', undefined],
	['as an expression', 'License-Expression: MIT OR Apache-2.0\nLicense: other\n', 'MIT OR Apache-2.0'],
	['in the old field', 'License: BSD-3-Clause\nClassifier: License :: OSI Approved :: MIT License\n', 'BSD-3-Clause'],
	[
		'as a whole text, and a class',
		'License: Copyright (c) somebody\n        Permission is hereby granted\nClassifier: License :: OSI Approved :: MIT License\n',
		'MIT License',
	],
	[
		'as two classes',
		'Classifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: Internet\nClassifier: License :: Public Domain\n',
		'MIT License, Public Domain',
	],
	['not said, and a class', 'License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n', 'MIT License'],
	['only in the description', '\nLicense: none of the fields\n', undefined],
] as const) {
	test(`a wheel says name, version and licence: ${title}`, {skip}, async t => {
		const {directory, runner} = await workshop(t);
		for (const [kind, end] of [
			['deflated', '\n'],
			['stored', '\r\n'],
		] as const) {
			const text = `${plain}${lines}\nText\n`.replaceAll('\n', end);
			const file = await makeZip(runner, join(directory, `${kind}.whl`), text, kind, 'a comment');
			assert.deepEqual(await wheelMetadata(file), {name: 'x-y-z', version: '1.0', ...(licence ? {licence} : {})});
		}
	});
}

for (const [kind, text, why] of [
	['none', plain, /has no files like .*METADATA/],
	['twice', plain, /has 2 files like/],
	['huge', plain, /with more than 1048576 bytes/],
	['bzip2', plain, /damaged, or packed in an unknown way/],
	['deflated', 'Version: 1.0\n', /does not say which package it is/],
	['deflated', `\n${plain}`, /does not say which package it is/],
] as const) {
	test(`a wheel is refused by name: ${kind}, ${why.source}`, {skip}, async t => {
		const {directory, runner} = await workshop(t);
		const file = await makeZip(runner, join(directory, 'bad.whl'), text, kind);
		await assert.rejects(wheelMetadata(file), error => {
			assert.ok(error instanceof Error);
			assert.ok(error.message.startsWith(`${file} `), error.message);
			assert.match(error.message, why);
			assert.match(error.message, /\. Copy it again, or take it away\.$/);
			return true;
		});
	});
}

test('a wheel whose list says less than is packed is refused before that fills the memory', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	const file = await makeZip(runner, join(directory, 'bomb.whl'), plain, 'huge');
	const bytes = await readFile(file);
	const size = bytes.lastIndexOf('x-1.0.dist-info') - 46 + 24;
	assert.equal(bytes.readUInt32LE(size), plain.length * 100_000);
	bytes.writeUInt32LE(plain.length, size);
	await writeFile(file, bytes);
	await assert.rejects(wheelMetadata(file), /bomb\.whl has x-1\.0\.dist-info\/METADATA damaged/);
});

test('wherever a wheel was cut, it is refused by name', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	const file = await makeZip(runner, join(directory, 'half.whl'), `${plain}License: MIT\n`);
	const {length} = await readFile(file);
	for (let left = length - 1; left >= 0; left -= left > length - 60 ? 1 : 17) {
		await truncate(file, left);
		await assert.rejects(wheelMetadata(file), /half\.whl is no zip file, or was not copied whole\./, `${left}`);
	}
});

test('with any byte wrong, a wheel is read right or refused by name', {skip}, async t => {
	const {directory, runner} = await workshop(t);
	const file = await makeZip(runner, join(directory, 'x.whl'), plain);
	const right = await readFile(file);
	let refused = 0;
	for (let at = 0; at < right.length; at++) {
		for (const value of [0xff, (right[at] ?? 0) ^ 1]) {
			const bytes = Buffer.from(right);
			bytes[at] = value;
			await writeFile(file, bytes);
			const found = await wheelMetadata(file).catch((error: Error) => error);
			if (found instanceof Error) {
				refused++;
				assert.ok(found.message.startsWith(`${file} `), `${at}: ${found.message}`);
			} else {
				assert.deepEqual(found, {name: 'x-y-z', version: '1.0'}, `${at}`);
			}
		}
	}

	assert.ok(refused > 100, `${refused}`);
});

test('what is not there is the system’s to say', async t => {
	const {directory} = await workshop(t);
	await assert.rejects(wheelMetadata(join(directory, 'none.whl')), {code: 'ENOENT'});
	assert.deepEqual(await readdir(directory), []);
});
