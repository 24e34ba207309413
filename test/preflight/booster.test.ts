import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {booster} from '../../source/preflight/booster.js';
import {partOf, subjectOf, toBugfix, toNewPython} from './installation-of.js';

for (const [name, parts, hops, expected] of [
	['none', {}, [toNewPython], []],
	['on this host, for a version it supports', {roles: ['server', 'booster']}, [toBugfix], []],
	['on this host, without a wish', {roles: ['server', 'booster']}, [], []],
	['in the settings', {settings: {boosterAddress: '10.0.0.9'}}, [toNewPython], ['warning']],
	[
		'on this host and in the settings',
		{roles: ['server', 'booster'], settings: {boosterAddress: '10.0.0.9'}},
		[toNewPython],
		['warning', 'warning'],
	],
	['in the settings, for a version it supports', {settings: {boosterAddress: '10.0.0.9'}}, [toBugfix], []],
	['in the settings as nothing', {settings: {boosterAddress: ' '}}, [toNewPython], []],
	['in the settings as this host', {settings: {boosterAddress: '127.0.0.1'}}, [toNewPython], []],
	[
		'in the collector’s settings',
		{beside: [partOf({settings: {boosterAddress: 'lb.example.com'}})]},
		[toNewPython],
		['warning'],
	],
] as const) {
	test(`Booster: ${name}`, async t => {
		const findings = await booster(await subjectOf(t, parts, hops));
		assert.deepEqual(
			findings.map(({severity}) => severity),
			expected,
		);
		assert.ok(findings.every(({id, remedy}) => id === 'booster' && remedy?.includes('1.2.0.0')));
	});
}

const roles = ['server', 'booster'] as const;
for (const [name, script, hops, expected] of [
	[
		'runs',
		'test "$1" = status',
		[toNewPython],
		['blocker', /runs on this host/, /Booster\/omflow_booster_service stop”;/],
	],
	['runs, at the second hop', 'exit 0', [toBugfix, toNewPython], ['blocker', /runs on this host/, / stop”/]],
	['runs, for a version it supports', 'exit 0', [toBugfix], undefined],
	['is stopped', 'exit 3', [toNewPython], ['warning', /does not run now/, /^Leave it stopped with 1\.2\.0\.0/]],
	['its script is broken', 'no-such-program', [toNewPython], ['warning', /cannot be told/, /^See whether.*1\.2\.0\.0/]],
	['its script is not there', undefined, [toNewPython], ['warning', /cannot be told/, /^See whether/]],
] as const) {
	test(`Booster on this host: ${name}`, async t => {
		const subject = await subjectOf(t, {roles}, hops);
		if (script !== undefined) {
			await mkdir(join(subject.directory, 'Booster'));
			const file = join(subject.directory, 'Booster/omflow_booster_service');
			await writeFile(file, `#!/bin/sh\n${script}\n`, {mode: 0o755});
		}

		const [finding, ...others] = await booster(subject);
		assert.deepEqual(others, []);
		assert.equal(finding?.severity, expected?.[0]);
		assert.match(finding?.sentence ?? '', expected?.[1] ?? /^$/);
		assert.match(finding?.remedy ?? '', expected?.[2] ?? /^$/);
	});
}

test('Booster: the evidence names the settings', async t => {
	const settings = {boosterAddress: '10.0.0.9'};
	const [finding] = await booster(await subjectOf(t, {base: '/opt/omflow', settings}));
	assert.equal(finding?.evidence, '/opt/omflow/server/omflow/settings.py: BOOSTER_IP is 10.0.0.9');
});
