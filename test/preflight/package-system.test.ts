import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {packageSystem} from '../../source/preflight/package-system.js';
import {toBugfix, toNewPython} from './installation-of.js';
import {aptHost, type Installed, subjectOf} from './support.js';

async function look(t: TestContext, installed: readonly Installed[], journal?: string) {
	const {runner, directory} = await aptHost(t, {installed});
	if (journal) {
		await writeFile(join(directory, 'dpkg/updates', journal), '');
	}

	return packageSystem(subjectOf(runner), {locks: [], dpkg: join(directory, 'dpkg')});
}

for (const [name, installed, journal, evidence, remedy] of [
	[
		'all installed',
		[
			['a', '1'],
			['b', '1', 'config-files'],
		],
		undefined,
		undefined,
		undefined,
	],
	[
		'half configured',
		[
			['a', '1', 'half-configured'],
			['b', '1'],
		],
		undefined,
		'a is half-configured.',
		/dpkg --configure -a/,
	],
	[
		'unpacked',
		[
			['a', '1', 'unpacked'],
			['b', '2', 'unpacked'],
		],
		undefined,
		'a is unpacked, b is unpacked.',
		/dpkg --configure -a/,
	],
	[
		'half installed',
		[['a', '1', 'half-installed']],
		undefined,
		'a is half-installed.',
		/apt-get install --reinstall a”/,
	],
	['a journal', [['a', '1']], '0001', 'dpkg left its journal behind.', /dpkg --configure -a/],
	['no journal', [['a', '1']], 'tmp.i', undefined, undefined],
] as const) {
	test(`packages: ${name}`, async t => {
		const findings = await look(t, installed, journal);
		assert.deepEqual(
			findings.map(({severity, id, evidence}) => [severity, id, evidence]),
			evidence ? [['warning', 'dpkg-interrupted', evidence]] : [],
		);
		assert.match(findings[0]?.remedy ?? '', remedy ?? /^$/);
	});
}

test('packages: the upgrade repairs nothing when it installs nothing, and does not ask where Python stays', async t => {
	const all = toNewPython.needs?.aptPackages.map((name): Installed => [name, '1']) ?? [];
	assert.ok(all.length > 4);
	for (const [installed, remedy] of [
		[all.slice(1), /^The upgrade begins with/],
		[all, /installs no packages.* yourself/],
	] as const) {
		const {runner, directory} = await aptHost(t, {installed: [...installed, ['a', '1', 'half-configured']]});
		const places = {locks: [], dpkg: join(directory, 'dpkg')};
		const [finding] = await packageSystem(subjectOf(runner), places);
		assert.equal(finding?.id, 'dpkg-interrupted');
		assert.match(finding.remedy ?? '', remedy);
		assert.deepEqual(await packageSystem(subjectOf(runner, {hops: [toBugfix]}), places), []);
	}
});

test('packages: many are not all named', async t => {
	const many = Array.from({length: 12}, (_, index): Installed => [`p${index + 10}`, '1', 'unpacked']);
	assert.match((await look(t, many))[0]?.evidence ?? '', /p19 is unpacked, and 2 more\.$/);
});

test('packages: who holds a lock is named, and what it works on is no finding', async t => {
	const {runner, directory} = await aptHost(t, {installed: [['a', '1', 'half-configured']]});
	const lock = join(directory, 'lock-frontend');
	await writeFile(lock, '');
	const child = spawn('flock', [lock, 'sh', '-c', 'echo held; read line'], {stdio: ['pipe', 'pipe', 'inherit']});
	t.after(() => child.kill());
	// A flock that fails ends without a word.
	await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
	assert.equal(child.exitCode, null);
	const places = {locks: [lock], dpkg: join(directory, 'dpkg')};
	const findings = await packageSystem(subjectOf(runner), places);
	assert.deepEqual(
		findings.map(({severity, id}) => [severity, id]),
		[['warning', 'package-lock']],
	);
	assert.match(findings[0]?.sentence ?? '', new RegExp(`^Process ${child.pid} is installing`));
	assert.match(findings[0]?.evidence ?? '', new RegExp(`^flock .* holds ${lock}\\.$`));
	child.stdin.end();
	await once(child, 'exit');
	assert.deepEqual(
		(await packageSystem(subjectOf(runner), places)).map(({id}) => id),
		['dpkg-interrupted'],
	);
});
