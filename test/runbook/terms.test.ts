import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {findTerms, isTerms, legible} from '../../source/runbook/terms.js';
import {workshop} from '../host/support.js';

test('terms go by their names, and are texts', () => {
	const named = [
		'LICENSE',
		'Licence.TXT',
		'license-2.0',
		'LICENSE.zh-Hant.md',
		'EULA.txt',
		'terms of use.md',
		'COPYING',
	];
	const inChinese = ['授權條款.txt', '使用條款', '利用規約.md', '使用許諾契約書.txt'];
	assert.deepEqual(
		[...named, ...inChinese].filter(name => !isTerms(name)),
		[],
	);
	const others = ['readme.txt', 'my LICENSE', 'license.bin', 'LICENSE.tar.gz', 'terms.py', 'LICENSE.txt~', 'patch.sh'];
	assert.deepEqual(others.filter(isTerms), []);
});

// 使用條款 in Big5, which is something in Shift_JIS as well, and 利用規約のおねがい in Shift_JIS.
const big5 = Buffer.from('a8cfa5ceb1f8b4da0a', 'hex');
const shiftJis = Buffer.from('979897708b4b96f182cc82a882cb82aa82a20d0a', 'hex');

test('terms are read as what they are written in', () => {
	assert.equal(legible(Buffer.from('\uFEFF使用條款\r\nünd\rso')), '使用條款\nünd\nso');
	assert.equal(legible(Buffer.from('\uFEFFTerms é', 'utf16le')), 'Terms é');
	assert.equal(legible(big5), '使用條款\n');
	assert.equal(legible(shiftJis), '利用規約のおねがい\n');
});

test('what is no text stays visible and commands nothing', () => {
	assert.equal(legible(Buffer.from('a\u0000b\u001B[2Jc\u0085d\te')), 'a\ufffdb\ufffd[2Jc\nd\te');
	assert.match(legible(Buffer.from([0x80, 0xff, 0xfe, 0x41, 0xff])), /\ufffd/);
});

test('terms are found beside patch.sh and above it, and only in files', async t => {
	const {directory} = await workshop(t);
	const inside = join(directory, 'omflow_patch');
	await mkdir(join(inside, 'LICENSES'), {recursive: true});
	await mkdir(join(inside, 'server'));
	await mkdir(join(directory, 'LICENSE'));
	await writeFile(join(directory, 'EULA.txt'), 'above\n');
	await writeFile(join(inside, 'LICENSE.txt'), 'beside\n');
	await writeFile(join(inside, 'server', 'LICENSE.txt'), 'of a library\n');
	await symlink('/etc/shadow', join(inside, 'TERMS'));
	const found = await findTerms([directory, inside]);
	assert.deepEqual(
		found.map(({name, text}) => [name, text]),
		[
			['EULA.txt', 'above\n'],
			['LICENSE.txt', 'beside\n'],
		],
	);
	assert.equal(found[0]?.sha256, createHash('sha256').update('above\n').digest('hex'));
	assert.equal((await findTerms([directory, directory])).length, 1);
});

test('what has no room in a question is named with its digest, and the rest is shown', async t => {
	const {directory} = await workshop(t);
	await writeFile(join(directory, 'COPYING'), '流'.repeat(200_000));
	await writeFile(join(directory, 'EULA'), 'short\n');
	// Small as a file, and long as the JSON that a console gets.
	await writeFile(join(directory, 'LICENSE'), '"'.repeat(120_000));
	await writeFile(join(directory, 'TERMS'), 'x'.repeat(150_000));
	const found = await findTerms([directory]);
	assert.deepEqual(
		found.map(({bytes, name, text}) => [name, bytes, text?.length]),
		[
			['COPYING', 600_000, undefined],
			['EULA', 6, 6],
			['LICENSE', 120_000, undefined],
			['TERMS', 150_000, 150_000],
		],
	);
	assert.ok(Buffer.byteLength(JSON.stringify(found)) < 200 * 1024);
	for (let index = 0; index < 200; index++) {
		await writeFile(join(directory, `LICENSE-${index}`), '');
	}

	assert.equal((await findTerms([directory])).length, 100);
});
