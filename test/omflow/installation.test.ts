import assert from 'node:assert/strict';
import {chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import {findEnvironment} from '../../source/omflow/environment.js';
import {
	findInstallation,
	type InstallationOptions,
	partsOf,
	readDistribution,
} from '../../source/omflow/installation.js';
import {findService, startedBy} from '../../source/omflow/service.js';

async function temporary(t: TestContext): Promise<{directory: string; runner: Runner; log: string}> {
	const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'installation-')));
	t.after(() => rm(directory, {recursive: true}));
	const log = path.join(directory, 'log');
	return {directory, log, runner: createRunner({log, environment: plainEnvironment})};
}

async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
	for (const [name, content] of Object.entries(files)) {
		await mkdir(path.dirname(path.join(directory, name)), {recursive: true});
		await writeFile(path.join(directory, name), content, {mode: 0o755});
	}
}

const head = 'import os\nBASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n';
const tail = "LOCAL_PROTOCOL = 'http'\nLOCAL_PORT = '8080'\n";
const sqlite = `DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(BASE_DIR, 'db.omflow')}}\n`;

test('service: the unit where systemd runs, else the script', async t => {
	const {directory} = await temporary(t);
	const systemd = {
		running: path.join(directory, 'run'),
		units: [path.join(directory, 'etc'), path.join(directory, 'lib')],
	};
	for (const [role, folder, name] of [
		['server', 'server', 'omflow_server'],
		['collector', 'collector', 'omflow_collector'],
		['booster', 'Booster', 'omflow_booster_service'],
		['boosterAgent', 'BoosterAgent', 'omflow_booster_agent_service'],
	] as const) {
		const place = path.join(directory, folder);
		await rm(systemd.running, {recursive: true, force: true});
		await assert.rejects(findService(role, place, systemd), /is missing and there is no systemd unit/);
		await write(directory, {[`${folder}/${name}`]: '#!/bin/bash\n', [`lib/${name}.service`]: ''});
		const script = path.join(place, name);
		const byScript = {role, start: [script, 'start'], stop: [script, 'stop'], status: [script, 'status']};
		assert.deepEqual(await findService(role, place, systemd), byScript);
		await mkdir(systemd.running);
		const byUnit = {
			role,
			start: ['systemctl', 'start', name],
			stop: ['systemctl', 'stop', name],
			status: ['systemctl', 'is-active', name],
			unit: name,
		};
		assert.deepEqual(await findService(role, place, systemd), byUnit);
		// The one in /etc hides the one in /lib, and belongs to an OMFLOW elsewhere.
		await write(directory, {[`etc/${name}.service`]: `[Service]\nExecStart=-/srv/other/${folder}/${name} start\n`});
		assert.deepEqual(await findService(role, place, systemd), byScript);
		await write(directory, {[`etc/${name}.service`]: `[Service]\nExecStart="${script}" \\\n  start\n`});
		assert.deepEqual(await findService(role, place, systemd), byUnit);
	}
});

test('service: a directory and a link to it are one, and a script without its executable bit', async t => {
	const {directory} = await temporary(t);
	const systemd = {running: directory, units: [path.join(directory, 'units')]};
	await write(directory, {'real/omflow_server': '', 'units/omflow_server.service': ''});
	await symlink(path.join(directory, 'real'), path.join(directory, 'server'));
	await write(directory, {'units/omflow_server.service': `ExecStart=${directory}/real/omflow_server start\n`});
	assert.equal((await findService('server', path.join(directory, 'server'), systemd)).unit, 'omflow_server');
	await chmod(path.join(directory, 'real/omflow_server'), 0o644);
	const {start} = await findService('server', path.join(directory, 'server'), {running: '/nowhere', units: []});
	// Root may execute only what somebody may.
	assert.deepEqual(start, ['bash', path.join(directory, 'server/omflow_server'), 'start']);
});

for (const [unit, words] of [
	['ExecStart=/a start', ['/a', 'start']],
	['ExecStart = -@/a "b c" \'d\'', ['/a', 'b c', 'd']],
	['ExecStart=/a\r\nExecStart=\r\nExecStart=/b \\\r\n c', ['/b', 'c']],
	['# ExecStart=/a\nExecStartPre=/b\nExecStop=/c', []],
] as const) {
	test(`service: a unit with ${JSON.stringify(unit)}`, () => assert.deepEqual(startedBy(unit), words));
}

test('environment: made with one Python, runs another; a link; missing', async t => {
	const {directory, runner} = await temporary(t);
	const real = path.join(directory, 'real');
	await write(real, {
		'pyvenv.cfg': 'home = /usr/bin\nversion = 3.8.10\n',
		'bin/python': '#!/bin/sh\necho Python 3.9.2\n',
	});
	await symlink(real, path.join(directory, 'python'));
	assert.deepEqual(await findEnvironment(runner, path.join(directory, 'python')), {
		path: path.join(directory, 'python'),
		exists: true,
		python: '3.9.2',
		runs: true,
		isLink: true,
		isMount: false,
		madeWith: '3.8.10',
	});
	await write(real, {'bin/python': '#!/bin/sh\nexit 127\n'});
	const broken = await findEnvironment(runner, real);
	assert.deepEqual([broken.python, broken.runs, broken.isLink], ['3.8.10', false, false]);
	const missing = await findEnvironment(runner, path.join(directory, 'none'));
	assert.deepEqual([missing.exists, missing.python], [false, 'unknown']);
	assert.equal((await findEnvironment(runner, '/proc')).isMount, true);
	await symlink('/', path.join(directory, 'root'));
	assert.equal((await findEnvironment(runner, path.join(directory, 'root/proc'))).isMount, true);
});

test('distribution: quotes and missing fields', async t => {
	const {directory} = await temporary(t);
	await write(directory, {
		ubuntu: 'NAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\n',
		arch: "ID='arch'\n",
	});
	assert.deepEqual(await readDistribution(path.join(directory, 'ubuntu')), {
		id: 'ubuntu',
		version: '22.04',
		codename: 'jammy',
	});
	assert.deepEqual(await readDistribution(path.join(directory, 'arch')), {id: 'arch', version: '', codename: ''});
});

type Host = {readonly directory: string; readonly base: string; readonly options: InstallationOptions};

/** A host with an Apache that serves what is in `base`; nothing of the real one is looked at. */
async function host(directory: string, files: Readonly<Record<string, string>>): Promise<Host> {
	const base = path.join(directory, 'omflow');
	await write(base, {'python/pyvenv.cfg': 'version = 3.8.10\n', ...files});
	await write(directory, {
		'apache2/apache2.conf': `ServerRoot ${directory}/apache2\nErrorLog /var/log/apache2/error.log\nInclude django.conf\n`,
		'apache2/django.conf': `LoadModule wsgi_module ${module(base)}\nWSGIScriptAlias / ${base}/server/omflow/wsgi.py\n`,
	});
	const systemd = {running: path.join(directory, 'none'), units: [path.join(directory, 'units')]};
	const standard = path.join(directory, 'standard');
	return {directory, base, options: {apache: path.join(directory, 'apache2'), systemd, standard}};
}

const module = (base: string) => path.join(base, 'python/lib/python3.8/site-packages/mod_wsgi/server/mod_wsgi-py38.so');

const server = {
	'server/manage.py': '',
	'server/omflow_server': '#!/bin/bash\n',
	'server/omflow/settings.py': head + sqlite + tail,
	'server/omflow/syscom/version.bin': 'version=1.1.6.3fix3\n',
};

const collector = {
	'collector/manage.py': '',
	'collector/omflow_collector': '#!/bin/bash\n',
	'collector/omflow/settings.py': `${head}${sqlite}OMFLOW_TYPE = 'collector'\nLOCAL_PORT = 5169\n`,
	'collector/omflow/syscom/version.bin': 'version=1.1.6.3\n',
};

test('finds a whole installation, as plain data', async t => {
	const {directory, runner} = await temporary(t);
	const {base, options} = await host(directory, {
		...server,
		...collector,
		'BoosterAgent/omflow_booster_agent_service': '',
	});
	const found = await findInstallation(runner, {...options, base});
	assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
	assert.equal(found.version.text, '1.1.6.3fix3');
	assert.deepEqual([found.role, found.directory], ['server', path.join(base, 'server')]);
	assert.deepEqual(found.roles, ['server', 'collector', 'boosterAgent']);
	assert.deepEqual(found.database, {
		engine: 'django.db.backends.sqlite3',
		kind: 'sqlite',
		file: path.join(base, 'server/db.omflow'),
		reach: 'file',
	});
	assert.deepEqual(found.endpoint, {protocol: 'http', host: '127.0.0.1', port: 8080});
	assert.deepEqual(found.apache?.files, [path.join(directory, 'apache2/django.conf')]);
	assert.equal(found.apache?.module, module(base));
	assert.equal(found.apache?.errorLog, '/var/log/apache2/error.log');
	assert.deepEqual(
		partsOf(found).map(({role, directory: place, endpoint, service}) => [role, place, endpoint.port, service.role]),
		[
			['server', path.join(base, 'server'), 8080, 'server'],
			['collector', path.join(base, 'collector'), 5169, 'collector'],
		],
	);
	assert.deepEqual(found.beside[0]?.settings, {type: 'collector', allowedHosts: [], trustedOrigins: []});
	// Its interpreter is not there: a finding, since a cut upgrade may leave that, not an error.
	assert.deepEqual(
		found.findings.map(({id}) => id),
		['environment-broken'],
	);
});

test('finds it where nobody said that it is', async t => {
	const {directory, runner} = await temporary(t);
	const {base, options} = await host(directory, server);
	assert.equal((await findInstallation(runner, options)).base, base);
});

test('a collector alone is an installation, without any Apache', async t => {
	const {directory, runner} = await temporary(t);
	const {base, options} = await host(directory, {...collector, 'Booster/omflow_booster_service': ''});
	const found = await findInstallation(runner, {...options, base, apache: path.join(directory, 'none')});
	assert.deepEqual([found.role, found.roles, found.apache], ['collector', ['collector', 'booster'], undefined]);
	assert.deepEqual(found.service.start, [path.join(base, 'collector/omflow_collector'), 'start']);
	assert.deepEqual(partsOf(found), [found]);
});

test('an empty folder of a collector is none; a collector that is not whole is told', async t => {
	const {directory, runner} = await temporary(t);
	const {base, options} = await host(directory, {...server, 'collector/omflow/syscom/version.bin': 'nothing'});
	assert.deepEqual((await findInstallation(runner, {...options, base})).beside, []);
	await write(base, {'collector/manage.py': ''});
	const found = await findInstallation(runner, {...options, base});
	const [beside] = found.beside;
	assert.deepEqual(
		[beside?.role, beside?.version.text, beside?.database.kind, beside?.endpoint.port],
		['collector', '0.0.0.0', 'unknown', 5168],
	);
	assert.deepEqual(
		found.findings.map(({id, severity}) => `${severity} ${id}`),
		[
			'warning collector-version',
			'warning collector-settings',
			'warning collector-service',
			'warning environment-broken',
		],
	);
});

test('a collector alone must be whole, and a server needs an Apache', async t => {
	const {directory, runner} = await temporary(t);
	const {base, options} = await host(directory, {'collector/manage.py': ''});
	await assert.rejects(findInstallation(runner, {...options, base}), /settings\.py cannot be read/);
	await write(base, server);
	await assert.rejects(
		findInstallation(runner, {...options, base, apache: path.join(directory, 'none')}),
		/No Apache configuration was found/,
	);
});

test('says what is missing when there is neither server nor collector', async t => {
	const {directory, runner} = await temporary(t);
	await assert.rejects(
		findInstallation(runner, {base: directory}),
		/There is no OMFLOW in .*Run this on the host of the server.*--base DIR/,
	);
	await write(directory, {'Booster/omflow_booster_service': ''});
	await assert.rejects(
		findInstallation(runner, {base: directory}),
		/holds booster but no OMFLOW server or collector\. Run this on the host/,
	);
});
