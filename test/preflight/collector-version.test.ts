import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseVersion} from '../../source/omflow/version.js';
import {collectorVersion} from '../../source/preflight/collector-version.js';
import {partOf, subjectOf} from './installation-of.js';

for (const [name, version, expected] of [
	['the same', '1.1.6.3', undefined],
	['the same with a suffix', '1.1.6.3fix3', undefined],
	['older', '1.1.6.1', /^Update the collector to 1\.1\.6\.3 first/],
	['newer', '1.2.0.0', /^Update the server to 1\.2\.0\.0 first/],
] as const) {
	test(`collector: ${name}`, async t => {
		const findings = await collectorVersion(await subjectOf(t, {beside: [partOf({version: parseVersion(version)})]}));
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected ? [['warning', 'collector-version']] : [],
		);
		assert.match(findings[0]?.remedy ?? '', expected ?? /^$/);
	});
}

test('collector: none', async t => assert.deepEqual(await collectorVersion(await subjectOf(t)), []));
