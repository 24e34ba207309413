import assert from 'node:assert/strict';
import {mkdir, mkdtemp, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {type Base, findBase} from '../../source/omflow/base.js';

/** Looks at a host that has the given files only; `@` is its root. */
async function look(t: TestContext, files: Readonly<Record<string, string>>, link?: readonly [string, string]) {
	const root = await realpath(await mkdtemp(path.join(tmpdir(), 'base-')));
	t.after(() => rm(root, {recursive: true}));
	for (const [name, content] of Object.entries(files)) {
		await mkdir(path.dirname(path.join(root, name)), {recursive: true});
		await writeFile(path.join(root, name), content.replaceAll('@', root));
	}

	if (link) {
		await symlink(path.join(root, link[0]), path.join(root, link[1]));
	}

	const units = [path.join(root, 'etc/systemd'), path.join(root, 'lib/systemd')];
	const found = await findBase({standard: path.join(root, 'opt/omflow'), units, apache: path.join(root, 'apache2')});
	return found && (JSON.parse(JSON.stringify(found).replaceAll(root, '@')) as Base);
}

const starts = (command: string) => `[Unit]\nDescription=x\n[Service]\nExecStart=${command}\n`;

for (const [name, files, base, because] of [
	['nothing', {}, undefined, undefined],
	['where the vendor puts it', {'opt/omflow/server/manage.py': ''}, '@/opt/omflow', /the vendor/],
	[
		'where the vendor puts it, even when a unit says otherwise',
		{
			'opt/omflow/Booster/omflow_booster_service': '',
			'srv/a/server/manage.py': '',
			'etc/systemd/omflow_server.service': starts('@/srv/a/server/omflow_server start'),
		},
		'@/opt/omflow',
		/the vendor/,
	],
	[
		'by a unit of any name',
		{
			'opt/omflow/readme': '',
			'srv/a/collector/omflow_collector': '',
			'lib/systemd/ours.service': starts('/bin/bash "@/srv/a/collector/omflow_collector" start'),
		},
		'@/srv/a',
		/The unit @\/lib\/systemd\/ours\.service starts @\/srv\/a\/collector\/omflow_collector\./,
	],
	[
		'a unit of something that is gone does not count',
		{
			'etc/systemd/omflow_server.service': starts('@/srv/gone/server/omflow_server start'),
			'srv/b/server/manage.py': '',
			'apache2/apache2.conf': 'WSGIScriptAlias / "@/srv/b/server/omflow/wsgi.py"\n',
		},
		'@/srv/b',
		/Apache serves @\/apache2\/apache2\.conf:1: WSGIScriptAlias/,
	],
	[
		'a unit hides one of the same name',
		{
			'etc/systemd/omflow_server.service': starts('@/srv/a/server/omflow_server start'),
			'lib/systemd/omflow_server.service': starts('@/srv/b/server/omflow_server start'),
			'srv/a/server/manage.py': '',
			'srv/b/server/manage.py': '',
		},
		'@/srv/a',
		/The unit @\/etc/,
	],
	[
		'units come before Apache',
		{
			'etc/systemd/omflow_server.service': starts('@/srv/a/server/omflow_server start'),
			'srv/a/server/manage.py': '',
			'srv/b/server/manage.py': '',
			'apache2/apache2.conf': 'WSGIScriptAlias / @/srv/b/server/omflow/wsgi.py\n',
		},
		'@/srv/a',
		/The unit/,
	],
	[
		'other sites of Apache are not it',
		{'srv/b/manage.py': '', 'apache2/apache2.conf': 'WSGIScriptAlias /b @/srv/b/site/wsgi.py\n'},
		undefined,
		undefined,
	],
] as const) {
	test(`base: ${name}`, async t => {
		const found = await look(t, files);
		assert.equal(found?.base, base);
		if (because) {
			assert.match(found?.because ?? '', because);
		}
	});
}

test('base: two paths of one directory are one', async t => {
	const found = await look(
		t,
		{
			'etc/systemd/omflow_collector.service': starts('@/link/collector/omflow_collector start'),
			'etc/systemd/omflow_server.service': starts('@/srv/a/server/omflow_server start'),
			'srv/a/server/manage.py': '',
		},
		['srv/a', 'link'],
	);
	assert.equal(found?.base, '@/link');
});

test('base: several are for the administrator to choose from', async t => {
	await assert.rejects(
		look(t, {
			'etc/systemd/a.service': starts('@/srv/a/server/omflow_server start'),
			'etc/systemd/b.service': starts('@/srv/b/server/omflow_server start'),
			'srv/a/server/manage.py': '',
			'srv/b/server/manage.py': '',
		}),
		/several OMFLOWs on this host: .*\/srv\/a \(The unit .*a\.service starts .*\); .*\/srv\/b \(.*\)\. Name one with --base DIR\./,
	);
});
