import assert from 'node:assert/strict';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {compareVersions, judgeUpdate, parseVersion, readVersion, warnUpdate} from '../../source/omflow/version.js';

for (const [text, numbers, suffix] of [
	['1.2.0.0', [1, 2, 0, 0], ''],
	[' 1.1.6.3fix3\r', [1, 1, 6, 3], 'fix3'],
	['1.1.6.3-beta', [1, 1, 6, 3], '-beta'],
	['10.20.30.40', [10, 20, 30, 40], ''],
] as const) {
	test(`parses ${JSON.stringify(text)}`, () => {
		const version = parseVersion(text);
		assert.deepEqual(version.numbers, numbers);
		assert.equal(version.suffix, suffix);
		assert.equal(version.text, text.trim());
	});
}

for (const text of ['', '1.2.0', '1.2.0.', 'v1.2.0.0', '1.2.0.0.1', '1.2.0.x', '1..0.0', '1.2.0.0 \0 x']) {
	test(`refuses ${JSON.stringify(text)}`, () => {
		assert.throws(() => parseVersion(text), /is not an OMFLOW version: four numbers such as 1\.2\.0\.0/);
	});
}

for (const [from, to, expected] of [
	// The two examples of the vendor's page.
	['1.1.6.1', '1.1.6.3', 'direct'],
	['1.1.6.1', '1.2.0.0', 'feature'],
	['1.1.6.1', '1.2.0.1', '1.2.0.0'],
	['1.1.6.3fix3', '1.1.6.3', 'same'],
	['1.1.6.3', '1.1.6.3fix3', 'same'],
	['1.1.6.3fix3', '1.2.0.0', 'feature'],
	['1.2.0.0', '1.2.0.1', 'direct'],
	['1.2.0.1', '1.2.1.0', 'feature'],
	['1.1.6.3', '1.2.1.0', '1.2.0.0'],
	['1.1.2.0', '1.2.0.0', '1.1.4.0'],
	['1.1.2.0', '1.1.3.0', 'feature'],
	['1.1.4.2', '1.2.0.0', '1.1.6.0'],
	['1.1.9.0', '1.1.10.0', 'feature'],
	['1.1.10.0', '1.1.9.0', 'refused'],
	['1.2.0.0', '1.1.6.3', 'refused'],
	['1.1.6.3', '1.1.6.1', 'refused'],
	['0.0.0.0', '1.2.0.0', 'refused'],
] as const) {
	test(`${from} to ${to}: ${expected}`, () => {
		const judgement = judgeUpdate(parseVersion(from), parseVersion(to));
		assert.equal(judgement.allowed ? judgement.kind : (judgement.via ?? 'refused'), expected);
		if (!judgement.allowed) {
			assert.match(judgement.reason, /\.$/);
			assert.match(judgement.remedy, /\.$/);
		}
	});
}

for (const [from, to, remedy] of [
	['1.1.6.1', '1.2.0.0', /update to 1\.1\.6\.3 first, then to 1\.2\.0\.0/],
	['1.1.6.3fix3', '1.2.0.0', undefined],
	['1.2.0.0', '1.2.0.1', undefined],
	['1.1.5.0', '1.1.6.3', /1\.1\.6\.3/],
	['1.2.1.0', '1.3.0.0', undefined],
] as const) {
	test(`${from} to ${to} ${remedy ? 'warns' : 'does not warn'}`, () => {
		const findings = warnUpdate(parseVersion(from), parseVersion(to));
		assert.equal(findings.length, remedy ? 1 : 0);
		if (remedy) {
			assert.equal(findings[0]?.severity, 'warning');
			assert.match(findings[0]?.remedy ?? '', remedy);
		}
	});
}

test('numbers are compared as numbers', () => {
	const sorted = ['1.1.10.0', '1.1.9.12', '1.1.9.2'].map(parseVersion).sort(compareVersions);
	assert.deepEqual(
		sorted.map(version => version.text),
		['1.1.9.2', '1.1.9.12', '1.1.10.0'],
	);
});

for (const [name, content, expected] of [
	['plain', 'version=1.1.0.0\nversion_num=001001000000\n', '1.1.0.0'],
	['the last line wins', 'version=1.1.0.0\nversion= 1.1.6.3fix3 \nversion_num=1\n', '1.1.6.3fix3'],
	['CRLF', 'version=1.1.6.3\r\nversion_num=001001006003\r\n', '1.1.6.3'],
	['byte order mark', '\uFEFFversion=1.2.0.0', '1.2.0.0'],
	['missing', undefined, '0.0.0.0'],
	['empty', '', /no line that starts with "version="/],
	['indented', ' version=1.2.0.0\n', /no line that starts with "version="/],
	['garbage', 'version=\u0001\u0002zz\n', /does not name a version: .* is not an OMFLOW version/],
] as const) {
	test(`version.bin: ${name}`, async t => {
		const server = await mkdtemp(path.join(tmpdir(), 'version-'));
		t.after(() => rm(server, {recursive: true}));
		await mkdir(path.join(server, 'omflow/syscom'), {recursive: true});
		if (content !== undefined) {
			await writeFile(path.join(server, 'omflow/syscom/version.bin'), content);
		}

		if (typeof expected === 'string') {
			assert.equal((await readVersion(server)).text, expected);
		} else {
			await assert.rejects(readVersion(server), expected);
		}
	});
}
