import assert from 'node:assert/strict';
import {test} from 'node:test';
import {booster} from '../../source/preflight/booster.js';
import {partOf, subjectOf, toBugfix, toNewPython} from './installation-of.js';

for (const [name, parts, hops, expected] of [
	['none', {}, [toNewPython], []],
	['on this host', {roles: ['server', 'booster']}, [toNewPython], ['blocker']],
	['on this host, for a version it supports', {roles: ['server', 'booster']}, [toBugfix], []],
	['on this host, at the second hop', {roles: ['server', 'booster']}, [toBugfix, toNewPython], ['blocker']],
	['on this host, without a wish', {roles: ['server', 'booster']}, [], []],
	['in the settings', {settings: {boosterAddress: '10.0.0.9'}}, [toNewPython], ['warning']],
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

test('Booster: the evidence names the settings', async t => {
	const settings = {boosterAddress: '10.0.0.9'};
	const [finding] = await booster(await subjectOf(t, {base: '/opt/omflow', settings}));
	assert.equal(finding?.evidence, '/opt/omflow/server/omflow/settings.py: BOOSTER_IP is 10.0.0.9');
});
