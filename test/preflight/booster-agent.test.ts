import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {boosterAgent} from '../../source/preflight/booster-agent.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

const agent = 'BoosterAgent/omflow_booster_agent_service';
const roles = ['server', 'boosterAgent'] as const;
for (const [name, script, mode, parts, hops, expected] of [
	['not here', 'exit 0', 0o755, {}, [toNewPython], undefined],
	['runs', 'test "$1" = status', 0o755, {roles}, [toNewPython], ['blocker', /runs on this host/, / stop”/]],
	[
		'runs, its script not executable',
		'exit 0',
		0o644,
		{roles},
		[toNewPython],
		['blocker', /runs on this host/, / stop”/],
	],
	['runs, and the environment stays', 'exit 0', 0o755, {roles}, [toBugfix], undefined],
	[
		'is stopped',
		'exit 3',
		0o755,
		{roles},
		[toNewPython],
		['warning', /does not run on this host/, /^Leave it stopped/],
	],
	[
		'its script is broken',
		'no-such-program',
		0o755,
		{roles},
		[toNewPython],
		['warning', /cannot be told/, /^See that/],
	],
	['its script is not there', undefined, 0, {roles}, [toNewPython], ['warning', /cannot be told/, /^See that/]],
] as const) {
	test(`BoosterAgent: ${name}`, async t => {
		const subject = await subjectOf(t, parts, hops);
		if (script !== undefined) {
			const file = join(subject.directory, agent);
			await mkdir(dirname(file));
			await writeFile(file, `#!/bin/sh\n${script}\n`, {mode});
		}

		const [finding, ...others] = await boosterAgent(subject);
		assert.deepEqual(others, []);
		assert.equal(finding?.severity, expected?.[0]);
		assert.match(finding?.sentence ?? '', expected?.[1] ?? /^$/);
		assert.match(finding?.remedy ?? '', expected?.[2] ?? /^$/);
	});
}
