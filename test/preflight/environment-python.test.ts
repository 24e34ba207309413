import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseVersion} from '../../source/omflow/version.js';
import {environmentPython} from '../../source/preflight/environment-python.js';
import {installationOf, subjectOf} from './installation-of.js';

for (const [name, version, environment, expected] of [
	['old on old', '1.1.6.3', {python: '3.8.10', madeWith: '3.8.10'}, undefined],
	['old on another old', '1.1.6.3', {python: '3.6.9'}, undefined],
	['new on new', '1.2.0.0', {python: '3.11.2', madeWith: '3.11.0'}, undefined],
	['later on new', '1.2.1.0fix1', {python: '3.11.2'}, undefined],
	['new on old', '1.2.0.0', {python: '3.8.10'}, /is of Python 3\.8, but OMFLOW 1\.2\.0\.0 runs on Python 3\.11\.$/],
	['later on old', '1.2.1.0', {python: '3.8.10'}, /runs on Python 3\.11\.$/],
	['old on new', '1.1.6.3', {python: '3.11.2'}, /runs on that only from 1\.2\.0\.0 on, and 1\.1\.6\.3 is installed\.$/],
	['changed under it', '1.1.6.3', {python: '3.10.12', madeWith: '3.8.10'}, /was made with Python 3\.8 but runs 3\.10/],
	['broken', '1.2.0.0', {python: '3.8.10', runs: false}, undefined],
	['unknown', '1.2.0.0', {python: 'unknown'}, undefined],
] as const) {
	test(`environment: ${name}`, async t => {
		const findings = await environmentPython(
			await subjectOf(t, {
				version: parseVersion(version),
				environment: {...installationOf().environment, runs: true, ...environment},
			}),
		);
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected ? [['warning', 'environment-python']] : [],
		);
		assert.match(findings[0]?.sentence ?? '', expected ?? /^$/);
	});
}
