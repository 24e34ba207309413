import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {memory} from '../../source/preflight/memory.js';
import {workshop} from '../host/support.js';
import {toBugfix} from './installation-of.js';
import {subjectOf} from './support.js';

for (const [name, text, expected] of [
	['enough memory', 'MemTotal: 2000000 kB\nMemAvailable:    600000 kB\nSwapFree:   0 kB\n', undefined],
	['enough with swap', 'MemAvailable:    200000 kB\nSwapFree:   400000 kB\n', undefined],
	[
		'too little',
		'MemTotal: 1000000 kB\nMemAvailable:    200000 kB\nSwapFree:   100000 kB\n',
		/^Only 205 MB .* and 102 MB/,
	],
	['too little, and a kernel without swap', 'MemAvailable:    1000 kB\n', /^Only 1 MB of memory and 0 MB of swap/],
	['a kernel that does not say', 'MemFree: 1 kB\n', undefined],
] as const) {
	test(`memory: ${name}`, async t => {
		const {directory, runner} = await workshop(t);
		const file = join(directory, 'meminfo');
		await writeFile(file, text);
		const findings = await memory(subjectOf(runner), file);
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected ? [['warning', 'memory']] : [],
		);
		assert.match(findings.map(({sentence}) => sentence).join(), expected ?? /^$/);
		assert.deepEqual(await memory(subjectOf(runner, {hops: [toBugfix]}), file), [], 'nothing is built');
	});
}
