import assert from 'node:assert/strict';
import {test} from 'node:test';
import {buildTools} from '../../source/preflight/build-tools.js';
import {aptHost, subjectOf} from './support.js';

const tools = ['apache2-dev', 'gcc', 'rsync', 'python3-pip'].map(name => [name, '1'] as const);

for (const [name, host, distribution, missing] of [
	['all to be had', {offers: tools}, {id: 'debian', version: '12', codename: 'bookworm'}, undefined],
	[
		'some installed, the rest to be had',
		{installed: tools.slice(0, 2), offers: tools.slice(2)},
		{id: 'debian', version: '12', codename: 'bookworm'},
		undefined,
	],
	[
		'one nowhere',
		{installed: tools.slice(1), offers: [['hello', '1']]},
		{id: 'debian', version: '12', codename: 'bookworm'},
		/^apache2-dev is neither .* Add a package source/,
	],
	[
		'two nowhere, on Ubuntu',
		{offers: tools.slice(2)},
		{id: 'ubuntu', version: '22.04', codename: 'jammy'},
		/^apache2-dev, gcc is .*“add-apt-repository universe/,
	],
] as const) {
	test(`build tools: ${name}`, async t => {
		const {runner} = await aptHost(t, host);
		const findings = await buildTools(subjectOf(runner, {distribution}));
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			missing ? [['blocker', 'build-tools']] : [],
		);
		assert.match(findings.map(({sentence, remedy}) => `${sentence} ${remedy}`).join(), missing ?? /^$/);
	});
}

test('build tools: nothing is asked when no hop needs packages', async t => {
	const {runner} = await aptHost(t, {offers: [['hello', '1']]});
	assert.deepEqual(await buildTools(subjectOf(runner, {hops: [{from: '1.2.0.0', to: '1.2.0.1'}]})), []);
});
