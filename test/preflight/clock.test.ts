import assert from 'node:assert/strict';
import {mkdir, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {clock} from '../../source/preflight/clock.js';
import {workshop} from '../host/support.js';
import {subjectOf} from './support.js';

const now = Date.UTC(2026, 4, 1, 12);
const minute = 60_000;

/** A host whose package status and version data were written some time before now, in milliseconds. */
async function host(t: TestContext, {status = minute, version = minute}, said?: string) {
	const {directory, log} = await workshop(t);
	const files = {status: join(directory, 'status'), version: join(directory, 'server/omflow/syscom/version.bin')};
	await mkdir(join(directory, 'server/omflow/syscom'), {recursive: true});
	for (const [file, age] of [
		[files.status, status],
		[files.version, version],
	] as const) {
		await writeFile(file, '');
		await utimes(file, new Date(now - age), new Date(now - age));
	}

	const bin = join(directory, 'bin');
	const systemd = join(directory, 'systemd');
	await mkdir(bin);
	if (said !== undefined) {
		await mkdir(systemd);
		await writeFile(join(bin, 'timedatectl'), `#!/bin/sh\n${said}\n`, {mode: 0o755});
	}

	const runner = createRunner({log, environment: {...plainEnvironment, PATH: bin}});
	const places = {now, written: [files.status, join(directory, 'missing')], systemd};
	return {findings: await clock(subjectOf(runner, {base: directory}), places), ...files};
}

test('a clock after everything that was written is no finding', async t => {
	assert.deepEqual((await host(t, {})).findings, []);
	// Two machines differ a little.
	assert.deepEqual((await host(t, {status: -minute / 2})).findings, []);
});

for (const file of ['status', 'version'] as const) {
	test(`a clock before ${file} is a blocker`, async t => {
		const {findings, ...files} = await host(t, {[file]: -10 * minute});
		assert.deepEqual(
			findings.map(({severity, id, sentence}) => [severity, id, sentence]),
			[
				[
					'blocker',
					'clock',
					`The clock says 2026-05-01 12:00:00 UTC, but ${files[file]} was written at 2026-05-01 12:10:00 UTC.`,
				],
			],
		);
		assert.match(findings[0]?.remedy ?? '', new RegExp(`“touch ${files[file]}”`));
	});
}

for (const [name, said, expected] of [
	['is kept', 'echo NTPSynchronized=yes', []],
	['is not kept', 'echo NTPSynchronized=no', [['warning', 'clock']]],
	['is looked after by a systemd that cannot tell', 'echo "Unknown operation show" >&2; exit 1', []],
] as const) {
	test(`a clock that ${name}`, async t => {
		const {findings} = await host(t, {}, said);
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected,
		);
	});
}
