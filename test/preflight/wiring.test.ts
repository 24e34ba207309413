import assert from 'node:assert/strict';
import {mkdir, symlink, utimes, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {mountOf} from '../../source/host/mounts.js';
import {releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {preflight} from '../../source/preflight/preflight.js';
import type {Subject} from '../../source/preflight/subject.js';
import {shapes, writeDebian} from '../host/apache-fixture.js';
import {installationOf, partOf, toNewPython} from './installation-of.js';
import {aptHost, type Installed} from './support.js';

const script = (status: number) => `#!/bin/sh\nexit ${status}\n`;
const needed = toNewPython.needs?.aptPackages.map((name): Installed => [name, '1']) ?? [];

/** Severity and id of what is found, each once. */
async function found(subject: Subject): Promise<ReadonlySet<string>> {
	return new Set((await preflight(subject)).map(({severity, id}) => `${severity} ${id}`));
}

/** A server, with the real programs and a host for apt of its own. */
async function fixture(t: TestContext, apt: Parameters<typeof aptHost>[1]) {
	const {runner, directory} = await aptHost(t, {offers: [['unrelated', '1']], ...apt});
	const base = join(directory, 'omflow');
	const put = async (file: string, text: string, mode = 0o644) => {
		await mkdir(dirname(join(base, file)), {recursive: true});
		await writeFile(join(base, file), text, {mode});
	};
	await put('server/db.omflow', 'x');
	await put('server/omflow/syscom/version.bin', 'version=1.1.6.3\n');
	await put('Booster/omflow_booster_service', script(0), 0o755);
	await put('BoosterAgent/omflow_booster_agent_service', script(0), 0o755);
	const root = join(directory, 'apache2');
	await mkdir(root);
	const apache = {
		kind: 'debian',
		root,
		mainFile: join(root, 'apache2.conf'),
		control: '',
		files: [],
		errorLog: '',
	} as const;
	const subject = (parts: Parameters<typeof installationOf>[0], state: string, hops: Subject['hops']): Subject => ({
		runner,
		installation: installationOf({base, apache, ...parts}),
		hops,
		releases,
		state,
	});
	return {runner, directory, base, root, put, subject};
}

/** The environment, whose Python is the host's. */
async function environment(path: string): Promise<void> {
	await mkdir(join(path, 'bin'), {recursive: true});
	await symlink('/usr/bin/python3', join(path, 'bin/python'));
}

/**
What the checks find in the troubled installation. Not among them, since they depend on the machine alone: root, memory,
python3 and the switch of its link.
*/
const troubles = [
	'blocker version',
	'blocker archive-missing',
	'blocker booster',
	'blocker booster-agent',
	'warning collector-version',
	'blocker service-status',
	'warning database-command',
	'warning mssql-engine',
	'warning database-version',
	'warning environment-python',
	'blocker custom-code',
	'warning csrf-origins',
	'warning apache-other-sites',
	'blocker staging',
	'blocker disk',
	'info noexec',
	'blocker clock',
	'warning inside-tree',
	'warning links-outside',
	'blocker other-run',
	'warning dpkg-interrupted',
	'blocker python-unavailable',
	'blocker build-tools',
	'blocker apt-source-unreachable',
	'warning of-the-installation',
];

test('every check is asked: all troubles of one installation are found', async t => {
	const lines = ['deb cdrom:[No such disc]/ bookworm main'];
	const {directory, base, root, put, subject} = await fixture(t, {lines, installed: [['a', '1', 'half-configured']]});
	await put('server/omcustom/urls.py', 'from django.conf.urls import url\n');
	await put('.omflow-tui/other/python/pyvenv.cfg', '');
	await environment(join(directory, 'elsewhere'));
	await symlink(join(directory, 'elsewhere'), join(base, 'python'));
	await symlink(join(directory, 'uploads'), join(base, 'server/uploads'));
	const later = new Date(Date.now() + 3_600_000);
	await utimes(join(base, 'server/omflow/syscom/version.bin'), later, later);
	await writeDebian(root, {site: `${shapes[1]?.site}\nWSGIScriptAlias /wiki /srv/wiki/wsgi.py\n`});
	const folder = process.cwd();
	process.chdir(base);
	t.after(() => process.chdir(folder));
	const status = [join(base, 'server/omflow_server'), 'status'];
	const parts = {
		roles: ['server', 'collector', 'booster', 'boosterAgent'],
		version: parseVersion('1.0.0.0'),
		environment: {
			path: join(base, 'python'),
			exists: true,
			python: '3.11.2',
			madeWith: '3.8.10',
			runs: true,
			isLink: true,
			isMount: false,
		},
		database: {engine: 'sql_server.pyodbc', kind: 'mssql', reach: 'server'},
		service: {start: ['/bin/true'], stop: ['/bin/true'], status},
		settings: {allowedHosts: ['omflow.example.com'], trustedOrigins: []},
		beside: [partOf({directory: join(base, 'collector'), version: parseVersion('1.1.6.3')})],
		findings: [{severity: 'warning', id: 'of-the-installation', sentence: 'X.'}],
	} as unknown as Parameters<typeof installationOf>[0];
	// The kernel's own filesystem has no room, and is mounted noexec on most machines.
	const all = await found(subject(parts, '/proc/omflow-tui', [toNewPython]));
	const missing = troubles.filter(trouble => !all.has(trouble));
	const isNoexec = (await mountOf('/proc'))?.options.includes('noexec');
	assert.deepEqual(missing, [
		...(isNoexec ? [] : ['info noexec']),
		// Somebody may be installing packages on this machine just now.
		...(all.has('warning package-lock') ? ['warning dpkg-interrupted'] : []),
	]);
});

test('none of these is found in a healthy installation', async t => {
	const {runner, directory, base, root, put, subject} = await fixture(t, {installed: needed});
	const namespace = await runner.capture(['unshare', '-m', 'true'], {accept: [0, 1]});
	if (namespace.exitCode !== 0) {
		t.skip('no private mount is allowed here, which is a trouble');
		return;
	}

	await environment(join(base, 'python'));
	await put('server/omcustom/urls.py', 'from django.urls import re_path\n');
	await put('../patch/patch.sh', '#!/bin/bash\ncd /opt/omflow\n', 0o755);
	await writeDebian(root, {site: (shapes[1]?.site ?? '').replaceAll('/opt/omflow', base)});
	const archive = join(directory, 'omflow_patch_1_2_0_0.tar.gz');
	await runner.capture(['tar', '--create', '--gzip', '--file', archive, '--directory', directory, 'patch']);
	const parts = {
		roles: ['server', 'collector'],
		environment: {
			path: join(base, 'python'),
			exists: true,
			python: '3.8.18',
			madeWith: '3.8.10',
			runs: true,
			isLink: false,
			isMount: false,
		},
		settings: {allowedHosts: ['omflow.example.com'], trustedOrigins: ['https://omflow.example.com']},
		beside: [partOf({...installationOf({base}), role: 'collector', directory: join(base, 'collector')})],
	} as unknown as Parameters<typeof installationOf>[0];
	const all = await found(subject(parts, join(directory, 'state'), [{...toNewPython, archive}]));
	assert.deepEqual(
		troubles.filter(trouble => all.has(trouble)),
		[],
	);
	// And these are what its checks say instead.
	for (const good of [
		'info version',
		'info archive',
		'info service',
		'info database',
		'info disk',
		'info python-candidate',
	]) {
		assert.ok(all.has(good), `${good} is not in ${[...all].join(', ')}`);
	}
});
