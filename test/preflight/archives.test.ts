import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {sha256Of} from '../../source/host/checksum.js';
import {archives} from '../../source/preflight/archives.js';
import {subjectOf, toBugfix} from './installation-of.js';

const good = {'patch_upgrade4/patch.sh': '#!/bin/bash\n', 'patch_upgrade4/server/new.py': 'x = 1\n'};
const versionFile = 'patch_upgrade4/server/omflow/syscom/version.bin';

async function found(
	t: TestContext,
	members: Readonly<Record<string, string>> | undefined,
	{sha256, beside}: {sha256?: (real: string) => string; beside?: string} = {},
): Promise<string[]> {
	const subject = await subjectOf(t);
	const archive = join(subject.directory, 'omflow_patch_1_1_6_3.tar.gz');
	if (members) {
		for (const [name, text] of Object.entries(members)) {
			await mkdir(dirname(join(subject.directory, 'in', name)), {recursive: true});
			await writeFile(join(subject.directory, 'in', name), text);
		}

		execFileSync('tar', ['-czf', archive, '-C', join(subject.directory, 'in'), ...Object.keys(members)]);
		await writeFile(`${archive}.sha256`, beside ?? `${await sha256Of(archive)}  omflow_patch_1_1_6_3.tar.gz\n`);
	}

	const digest = members && sha256 ? {sha256: sha256(await sha256Of(archive))} : {};
	// /opt/omflow is where the scripts of these archives may expect it.
	const installation = {...subject.installation, base: '/opt/omflow'};
	const hop = {...toBugfix, ...(members ? {archive} : {}), ...digest};
	return (await archives({...subject, installation, hops: [hop]})).map(({severity, id}) => `${severity} ${id}`);
}

for (const [what, members, options, expected] of [
	['a good one', good, {}, ['info archive']],
	['none', undefined, {}, ['blocker archive-missing']],
	['one without patch.sh', {'patch/readme.txt': ''}, {}, ['blocker archive']],
	['the version it is for', {...good, [versionFile]: 'version=1.1.6.3fix2\n'}, {}, ['info archive']],
	['another version inside', {...good, [versionFile]: 'version=1.2.0.0\n'}, {}, ['blocker archive-version']],
	['garbage for a version', {...good, [versionFile]: 'none\n'}, {}, ['info archive']],
	['the SHA-256 that was given', good, {sha256: (real: string) => real}, ['info archive']],
	['another SHA-256 than was given', good, {sha256: () => 'a'.repeat(64)}, ['blocker archive']],
	['another SHA-256 beside it', good, {beside: `${'b'.repeat(64)}\n`}, ['blocker archive']],
	[
		'versions of its parts that differ',
		{
			...good,
			'patch_upgrade4/collector/omflow/syscom/version.bin': 'version=1.1.6.2\n',
			[versionFile]: 'version=1.1.6.3\n',
		},
		{},
		['info archive'],
	],
	[
		'a script that asks',
		{...good, 'patch_upgrade4/patch.sh': '#!/bin/bash\nread -p "Go on? " answer\n'},
		{},
		['info archive', 'warning patch-asks'],
	],
] as const) {
	test(`an archive: ${what}`, async t => {
		assert.deepEqual(await found(t, members, options), expected);
	});
}

test('an archive says whether there was a SHA-256 to compare it with', async t => {
	const subject = await subjectOf(t);
	const archive = join(subject.directory, 'omflow_patch_1_1_6_3.tar.gz');
	await mkdir(join(subject.directory, 'patch'));
	await writeFile(join(subject.directory, 'patch/patch.sh'), '');
	execFileSync('tar', ['-czf', archive, '-C', subject.directory, 'patch']);
	const [finding] = await archives({...subject, hops: [{...toBugfix, archive}]});
	assert.match(finding?.sentence ?? '', /its script is patch\/patch\.sh, no SHA-256 to compare it with\.$/);
});

test('an archive whose names begin with ./ is read all the same', async t => {
	const subject = await subjectOf(t);
	const archive = join(subject.directory, 'omflow_patch_1_1_6_3.tar.gz');
	await mkdir(join(subject.directory, 'in/server/omflow/syscom'), {recursive: true});
	await writeFile(join(subject.directory, 'in/patch.sh'), '#!/bin/bash\nread -p "Go on? " answer\n');
	await writeFile(join(subject.directory, 'in/server/omflow/syscom/version.bin'), 'version=1.1.6.3\n');
	execFileSync('tar', ['-czf', archive, '-C', join(subject.directory, 'in'), '.']);
	const installation = {...subject.installation, base: '/opt/omflow'};
	const findings = await archives({...subject, installation, hops: [{...toBugfix, archive}]});
	assert.deepEqual(
		findings.map(({severity, id}) => `${severity} ${id}`),
		['info archive', 'warning patch-asks'],
	);
});
