import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseVersion} from '../../source/omflow/version.js';
import {versions} from '../../source/preflight/versions.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

for (const [installed, hops, expected] of [
	['1.1.6.3', [toNewPython], ['info version']],
	['1.1.6.1', [toBugfix, toNewPython], ['info version', 'info version']],
	['1.2.0.0', [toNewPython], ['info version']],
	// Allowed by the rule, and outside of what the vendor published the patch for.
	['1.1.6.1', [toNewPython], ['info version', 'warning update-range']],
	// What is installed counts, not what a plan took for it.
	['1.1.2.0', [toNewPython], ['blocker version']],
	['1.2.1.0', [toNewPython], ['blocker version']],
	['0.0.0.0', [toBugfix], ['blocker version']],
	['1.1.6.3', [], []],
] as const) {
	test(`${installed} by ${hops.map(({to}) => to).join(', ') || 'nothing'}: ${expected.join(', ') || 'nothing'}`, async t => {
		const findings = await versions(await subjectOf(t, {version: parseVersion(installed)}, hops));
		assert.deepEqual(
			findings.map(({severity, id}) => `${severity} ${id}`),
			expected,
		);
	});
}

test('the same version once more is said to be that', async t => {
	const [finding] = await versions(await subjectOf(t, {version: parseVersion('1.2.0.0fix1')}));
	assert.equal(finding?.sentence, '1.2.0.0 is installed already; its patch is applied once more.');
});
