import assert from 'node:assert/strict';
import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {mountOf, parseMountinfo} from '../../source/host/mounts.js';
import type {Hop} from '../../source/omflow/route.js';
import {mounts} from '../../source/preflight/mounts.js';
import {workshop} from '../host/support.js';
import {toBugfix} from './installation-of.js';
import {subjectOf} from './support.js';

const line = (point: string, own = 'rw', whole = 'rw') =>
	`36 35 98:0 / ${point.replaceAll(' ', '\\040')} ${own} master:1 - ext4 /dev/sda ${whole}\n`;

for (const [name, lines, expected, hops] of [
	['nothing special', [['/']], []],
	[
		'the base is noexec',
		[['/'], ['BASE', 'rw,nosuid,noexec']],
		[['blocker', 'noexec', /python is on BASE, .*cannot run/]],
	],
	[
		'only the environment is noexec',
		[['/'], ['BASE/python', 'rw,noexec']],
		[['blocker', 'noexec', /BASE\/python, which/]],
	],
	[
		'state and /tmp are noexec',
		[['/'], ['STATE', 'rw,noexec'], ['/tmp', 'rw,noexec'], ['BASE']],
		[
			['info', 'noexec', /^STATE is on STATE/],
			['info', 'noexec', /^\/tmp is on \/tmp/],
		],
	],
	[
		'/ is read-only',
		[['/', 'ro'], ['BASE'], ['STATE']],
		[['blocker', 'read-only', /^\/usr, \/etc, \/var, \/tmp cannot be written: \/ is/]],
	],
	[
		'a filesystem went read-only',
		[['/'], ['BASE', 'rw', 'ro,errors=remount-ro']],
		[['blocker', 'read-only', /^BASE cannot/]],
	],
	['/usr is read-only', [['/'], ['/usr', 'ro']], [['blocker', 'read-only', /^\/usr cannot/]]],
	['/usr and /etc are read-only, and Python stays', [['/'], ['/usr', 'ro'], ['/etc', 'ro']], [], [toBugfix]],
	[
		'/ is read-only, and Python stays',
		[['/', 'ro'], ['/tmp']],
		[['blocker', 'read-only', /^\/var cannot be written: \/ is/]],
		[toBugfix],
	],
	['an option that only names it', [['/', 'rw', 'rw,errors=remount-ro']], []],
	['/usr is read-only and remounted', [['/'], ['/usr', 'ro'], ['/usr', 'rw']], []],
	['no table', [], []],
] as ReadonlyArray<
	readonly [
		string,
		ReadonlyArray<readonly [string, string?, string?]>,
		ReadonlyArray<readonly [string, string, RegExp]>,
		(readonly Hop[])?,
	]
>) {
	test(`mounts: ${name}`, async t => {
		const {directory, runner} = await workshop(t);
		const base = join(directory, 'the base');
		const state = join(directory, 'state');
		await mkdir(join(base, 'python'), {recursive: true});
		await mkdir(state);
		const place = (text: string) => text.replace('BASE', base).replace('STATE', state);
		const table = join(directory, 'mountinfo');
		await writeFile(table, lines.map(([point, own, whole]) => line(place(point), own, whole)).join(''));
		const findings = await mounts(subjectOf(runner, {base, state, ...(hops ? {hops} : {})}), table);
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected.map(([severity, id]) => [severity, id]),
		);
		for (const [index, [, , sentence]] of expected.entries()) {
			const said = findings[index]?.sentence.replaceAll(base, 'BASE').replaceAll(state, 'STATE') ?? '';
			assert.match(said, sentence);
		}
	});
}

test('the mount of a path is that of where its links lead, also when the path is not there', async t => {
	const {directory} = await workshop(t);
	const table = join(directory, 'mountinfo');
	await mkdir(join(directory, 'data'));
	await symlink('data', join(directory, 'link'));
	await writeFile(table, line('/') + line(join(directory, 'data')) + line(`${directory}/dat`));
	for (const path of ['link', 'link/not/there', 'data/x']) {
		assert.equal((await mountOf(join(directory, path), table))?.mountPoint, join(directory, 'data'), path);
	}

	assert.equal((await mountOf(join(directory, 'other'), table))?.mountPoint, '/');
	assert.equal(await mountOf('/', join(directory, 'missing')), undefined);
});

test('the real table of this host can be read', async () => {
	assert.equal((await mountOf('/proc/self'))?.type, 'proc');
	assert.deepEqual(parseMountinfo(line('/a b', 'ro', 'rw')), [
		{mountPoint: '/a b', type: 'ext4', options: ['ro', 'rw']},
	]);
});
