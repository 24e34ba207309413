import assert from 'node:assert/strict';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {mayUpdate, numbers, suffix, version, versions} from '../../fuzz/version.js';
import {releases} from '../../source/omflow/releases.js';
import {compareVersions, judgeUpdate, parseVersion, readVersion, warnUpdate} from '../../source/omflow/version.js';

for (const [text, expected, after] of [
	['1.2.0.0', [1, 2, 0, 0], ''],
	[' 1.1.6.3fix3\r', [1, 1, 6, 3], 'fix3'],
	['1.1.6.3-beta', [1, 1, 6, 3], '-beta'],
	['10.20.30.40', [10, 20, 30, 40], ''],
	['1.02.000.0', [1, 2, 0, 0], ''],
] as const) {
	test(`parses ${JSON.stringify(text)}`, () => {
		const parsed = parseVersion(text);
		assert.deepEqual(parsed.numbers, expected);
		assert.equal(parsed.suffix, after);
		assert.equal(parsed.text, text.trim());
	});
}

for (const text of [
	'',
	'1.2.0',
	'1.2.0.',
	'v1.2.0.0',
	'1.2.0.0.1',
	'1.2.0.x',
	'1..0.0',
	'1.2.0.0 \0 x',
	'1.2.0.0\u001b[31m',
	'1.2.0.0\u202e',
]) {
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
	['1.1.6.1', '1.1.7.5', '1.1.7.0'],
	['1.3.0.0', '1.4.0.0', 'feature'],
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

for (const [from, to, expected] of [
	// The vendor's page: from 1.1.4.0 on straight to the latest version, before that in order up to 1.1.4.0.
	['1.1.4.0', '1.2.1.0', 'feature'],
	['1.1.6.1', '1.2.0.1', 'feature'],
	['1.1.6.1', '1.1.6.3', 'direct'],
	['1.1.0.0', '1.1.4.0', 'feature'],
	['1.1.0.0', '1.1.4.2', '1.1.4.0'],
	['1.1.2.1', '1.2.1.0', '1.1.4.0'],
	['1.1.2.1', '1.1.2.4', 'direct'],
	['1.0.9.0', '1.1.4.0', '1.1.0.0'],
	['1.2.1.0', '1.1.6.3', 'refused'],
	['1.2.0.0', '1.2.0.0', 'same'],
	['0.0.0.0', '1.2.0.0', 'refused'],
] as const) {
	test(`on Windows ${from} to ${to}: ${expected}`, () => {
		const judgement = judgeUpdate(parseVersion(from), parseVersion(to), {platform: 'windows'});
		assert.equal(judgement.allowed ? judgement.kind : (judgement.via ?? 'refused'), expected);
	});
}

test('Windows passes 1.1.4.0 whatever the table holds', () => {
	const [from, to] = [parseVersion('1.1.2.0'), parseVersion('1.2.0.0')];
	const judgement = judgeUpdate(from, to, {platform: 'windows', releases: []});
	assert.equal(judgement.allowed || judgement.via, '1.1.4.0');
});

test('the next feature version is that of the table which is given', () => {
	const [from, to] = [parseVersion('1.1.6.3'), parseVersion('1.2.0.0')];
	const judgement = judgeUpdate(from, to, {
		releases: [{version: '1.1.9.0'}, {version: '1.1.6.4'}, {version: '1.1.8.1'}],
	});
	assert.equal(judgement.allowed || judgement.via, '1.1.8.0');
	assert.deepEqual(judgeUpdate(from, to, {releases: []}), {allowed: true, kind: 'feature'});
});

for (const [from, to, remedy] of [
	['1.1.6.1', '1.2.0.0', /update to 1\.1\.6\.3 first, then to 1\.2\.0\.0/],
	['1.1.6.3fix3', '1.2.0.0', undefined],
	['1.2.0.0', '1.2.0.1', undefined],
	['1.1.5.0', '1.1.6.3', /update to 1\.1\.6\.0 first, then to 1\.1\.6\.3/],
	['1.1.6.1', '1.2.1.0', /update to 1\.2\.0\.0 first, then to 1\.2\.1\.0/],
	// Beyond the range: there is no way back into it.
	['1.1.6.4', '1.2.0.0', /^No safer route to 1\.2\.0\.0 is known/],
	['1.2.0.0', '1.2.0.0', undefined],
	['1.2.1.0', '1.1.6.3', undefined],
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

test('warns by the table which is given', () => {
	const table = [{version: '1.3.0.0', appliesTo: {oldest: '1.2.1.0', newest: '1.2.1.4'}}];
	const warn = (from: string) => warnUpdate(parseVersion(from), parseVersion('1.3.0.0fix1'), {releases: table});
	assert.deepEqual(warn('1.2.1.0'), []);
	assert.deepEqual(warn('1.2.1.4'), []);
	assert.match(warn('1.2.0.1')[0]?.remedy ?? '', /update to 1\.2\.1\.4 first, then to 1\.3\.0\.0fix1\.$/);
	assert.match(
		warn('1.2.0.1')[0]?.sentence ?? '',
		/^The vendor published 1\.3\.0\.0fix1 for 1\.2\.1\.0 to 1\.2\.1\.4;/,
	);
});

test('numbers are compared as numbers', () => {
	const sorted = ['1.1.10.0', '1.1.9.12', '1.1.9.2'].map(parseVersion).sort(compareVersions);
	assert.deepEqual(
		sorted.map(({text}) => text),
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

const platforms = fc.constantFrom('linux', 'windows');

test('property: the order is total, antisymmetric and transitive, and that of the numbers', () => {
	fc.assert(
		fc.property(versions, versions, versions, (a, b, c) => {
			assert.equal(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0);
			assert.equal(compareVersions(a, b) === 0, a.numbers.join('.') === b.numbers.join('.'));
			const sorted = [a, b, c].sort(compareVersions);
			const [oldest, , newest] = sorted as [typeof a, typeof a, typeof a];
			assert.ok(compareVersions(oldest, newest) <= 0);
			const firstDifferent = [0, 1, 2, 3].find(index => a.numbers[index] !== b.numbers[index]);
			const difference = (a.numbers[firstDifferent ?? 0] ?? 0) - (b.numbers[firstDifferent ?? 0] ?? 0);
			assert.equal(Math.sign(compareVersions(a, b)), Math.sign(difference));
		}),
	);
});

test('property: numbers that are written and parsed are the same numbers', () => {
	fc.assert(
		fc.property(numbers, suffix, (parts, after) => {
			const parsed = parseVersion(` ${parts.join('.')}${after}\n`);
			assert.deepEqual([...parsed.numbers], parts);
			assert.equal(parsed.suffix, after);
			assert.deepEqual(parseVersion(parsed.text), parsed);
		}),
	);
});

test('property: what is allowed leads to a newer version or the same, and only that of the rule is', () => {
	fc.assert(
		fc.property(versions, versions, platforms, (from, to, platform) => {
			const judgement = judgeUpdate(from, to, {platform});
			assert.equal(judgement.allowed, mayUpdate(from.numbers, to.numbers, platform));
			if (judgement.allowed) {
				const order = compareVersions(from, to);
				assert.ok(judgement.kind === 'same' ? order === 0 : order < 0);
				const isSameFeature = from.numbers.slice(0, 3).join('.') === to.numbers.slice(0, 3).join('.');
				assert.equal(judgement.kind === 'direct', isSameFeature && order < 0);
			}
		}),
	);
});

test('property: a suffix never changes a judgement', () => {
	fc.assert(
		fc.property(numbers, numbers, suffix, suffix, platforms, (from, to, a, b, platform) => {
			const kind = (before: string, after: string) => {
				const judgement = judgeUpdate(parseVersion(before), parseVersion(after), {platform});
				return judgement.allowed ? judgement.kind : `refused, ${judgement.via ?? 'no way'}`;
			};
			assert.equal(kind(from.join('.') + a, to.join('.') + b), kind(from.join('.'), to.join('.')));
		}),
	);
});

test('property: the version to go to first is allowed and lies between', () => {
	fc.assert(
		fc.property(versions, versions, platforms, (from, to, platform) => {
			const judgement = judgeUpdate(from, to, {platform});
			fc.pre(!judgement.allowed && judgement.via !== undefined);
			const via = parseVersion((judgement as {via: string}).via);
			assert.equal(judgeUpdate(from, via, {platform}).allowed, true);
			assert.ok(compareVersions(from, via) < 0 && compareVersions(via, to) < 0);
		}),
	);
});

test('property: a warning is about an update forward, and its route stays between', () => {
	fc.assert(
		fc.property(versions, fc.constantFrom(...releases), ({text}, release) => {
			const [from, to] = [parseVersion(text), parseVersion(release.version)];
			const [finding, ...more] = warnUpdate(from, to);
			assert.deepEqual(more, []);
			if (finding) {
				assert.ok(compareVersions(from, to) < 0);
				const stop = /update to (\S+) first/.exec(finding.remedy ?? '')?.[1];
				if (stop) {
					assert.ok(compareVersions(from, parseVersion(stop)) < 0 && compareVersions(parseVersion(stop), to) < 0);
				}
			}
		}),
	);
});

test('property: nothing that is read crashes, and nothing forbidden is accepted', async () => {
	await fc.assert(version, {numRuns: 300});
});
