import assert from 'node:assert/strict';
import {mkdir, mkdtemp, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import {findEnvironment} from '../../source/omflow/environment.js';
import {findInstallation, readDistribution} from '../../source/omflow/installation.js';
import {findService} from '../../source/omflow/service.js';
import {kindOf, readSettings} from '../../source/omflow/settings.js';

const python = '/usr/bin/python3';

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
const sqlite = `DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', "NAME": os.path.join(BASE_DIR, 'db.omflow'), 'OPTSIONS': {'timeout': 20}}}\n`;

for (const [name, text, expected] of [
	['one line with os.path.join', head + sqlite + tail, {kind: 'sqlite', file: 'db.omflow', port: 8080}],
	[
		'pathlib',
		`from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'data' / 'x.db'}}\nLOCAL_PROTOCOL='https'\nLOCAL_PORT=443\n`,
		{kind: 'sqlite', file: 'data/x.db', port: 443, protocol: 'https'},
	],
	[
		'a relative name',
		`DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.omflow'}}\n${tail}`,
		{kind: 'sqlite', file: 'db.omflow', port: 8080},
	],
	[
		'a password from anywhere does not hinder the rest',
		`import os, secrets_of_ours\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'omflow', 'USER': 'u', 'PASSWORD': secrets_of_ours.load('hunter2'), 'HOST': os.environ.get('H')}}\n${tail}`,
		{kind: 'postgresql', port: 8080},
	],
	[
		'names and a conditional expression elsewhere',
		`ENGINE = 'mysql'\nPORT = 8000\nDEBUG = True if PORT else False\nDATABASES = {'default': {'ENGINE': f'django.db.backends.{ENGINE}'}}\nLOCAL_PORT = PORT\n`,
		{kind: 'mysql', port: 8000},
	],
	[
		'the last assignment wins',
		`${head}LOCAL_PORT = 1\n${sqlite}${tail}`,
		{kind: 'sqlite', file: 'db.omflow', port: 8080},
	],
	[
		'a look-up in the environment',
		`import os\nDATABASES = {'default': {'ENGINE': os.environ.get('ENGINE', 'x')}}\nLOCAL_PORT = os.environ['PORT']\n`,
		{kind: 'unknown', port: 80, findings: ['settings-databases', 'settings-local-port']},
	],
	[
		'changed under a condition',
		`${head}${sqlite}${tail}if True:\n    DATABASES = {'default': {'ENGINE': 'django.db.backends.oracle'}}\n`,
		{kind: 'unknown', port: 8080, findings: ['settings-databases']},
	],
	[
		'changed by subscript',
		`${head}${sqlite}${tail}DATABASES['default']['ENGINE'] = 'django.db.backends.oracle'\n`,
		{kind: 'unknown', port: 8080, findings: ['settings-databases']},
	],
	[
		'another file over it',
		`${head}${sqlite}${tail}try:\n    pass\nexcept ImportError:\n    pass\nfrom .local import *\n`,
		{kind: 'unknown', port: 80, findings: ['settings-databases', 'settings-local-port']},
	],
	[
		'what cannot be worked out',
		`${head}${sqlite}LOCAL_PORT = (1).parent\nX = {[]: 'hunter2'}\n`,
		{kind: 'sqlite', file: 'db.omflow', port: 80, findings: ['settings-local-port']},
	],
	['nothing at all', '# empty\n', {kind: 'unknown', port: 80, findings: ['settings-databases', 'settings-local-port']}],
	[
		'an impossible port',
		`${head}${sqlite}LOCAL_PORT = '99999'\n`,
		{kind: 'sqlite', file: 'db.omflow', port: 80, findings: ['settings-local-port']},
	],
	[
		'CRLF and another encoding',
		`# -*- coding: latin-1 -*-\r\n# \xE9\r\n${(head + sqlite + tail).replaceAll('\n', '\r\n')}`,
		{kind: 'sqlite', file: 'db.omflow', port: 8080},
	],
] as const) {
	test(`settings: ${name}`, async t => {
		const {directory, runner} = await temporary(t);
		const file = path.join(directory, 'server/omflow/settings.py');
		await mkdir(path.dirname(file), {recursive: true});
		await writeFile(file, Buffer.from(text, 'latin1'));
		const settings = await readSettings(runner, python, file);
		const want: {kind: string; file?: string; port: number; protocol?: string; findings?: readonly string[]} = expected;
		assert.equal(settings.database.kind, want.kind);
		assert.equal(settings.database.file, want.file && path.join(directory, 'server', want.file));
		assert.deepEqual(settings.endpoint, {protocol: want.protocol ?? 'http', host: '127.0.0.1', port: want.port});
		assert.deepEqual(
			settings.findings.map(({id}) => id),
			want.findings ?? [],
		);
		assert.doesNotMatch(JSON.stringify(settings), /hunter2/);
	});
}

test('settings: nothing of the file is run', async t => {
	const {directory, runner} = await temporary(t);
	const trace = path.join(directory, 'trace');
	await write(directory, {
		'settings.py': `open(${JSON.stringify(trace)}, 'w')\nimport os\nos._exit(3)\n${head}${sqlite}${tail}`,
	});
	assert.equal((await readSettings(runner, python, path.join(directory, 'settings.py'))).database.kind, 'sqlite');
	await assert.rejects(realpath(trace), {code: 'ENOENT'});
});

test('settings: what is not Python, and what is not there', async t => {
	const {directory, runner} = await temporary(t);
	await write(directory, {'settings.py': "SECRET = 'hunter2\n"});
	await assert.rejects(readSettings(runner, python, path.join(directory, 'settings.py')), (error: Error) => {
		assert.match(error.message, /it is not valid Python 3\.\d+ in line 1\. OMFLOW itself could not start/);
		assert.doesNotMatch(error.message, /hunter2/);
		return true;
	});
	await assert.rejects(readSettings(runner, python, path.join(directory, 'none.py')), /No such file or directory/);
	await assert.rejects(
		readSettings(runner, '/nowhere/python', path.join(directory, 'settings.py')),
		/Check that this Python runs/,
	);
});

for (const [engine, kind] of [
	['django.db.backends.sqlite3', 'sqlite'],
	['django.db.backends.postgresql_psycopg2', 'postgresql'],
	['django.db.backends.mysql', 'mysql'],
	['django.db.backends.oracle', 'oracle'],
	['sql_server.pyodbc', 'mssql'],
	['mssql', 'mssql'],
	['sqlserver', 'mssql'],
	['sqlserver_ado', 'mssql'],
	['django.db.backends.dummy', 'unknown'],
	['', 'unknown'],
] as const) {
	test(`engine ${engine || 'without name'} is ${kind}`, () => assert.equal(kindOf(engine), kind));
}

test('service: the unit where systemd runs, else the script', async t => {
	const {directory} = await temporary(t);
	const systemd = {
		running: path.join(directory, 'run'),
		units: [path.join(directory, 'etc'), path.join(directory, 'lib')],
	};
	const server = path.join(directory, 'server');
	await assert.rejects(findService(server, systemd), /omflow_server is missing and there is no systemd unit/);
	await write(directory, {'server/omflow_server': '#!/bin/bash\n', 'lib/omflow_server.service': ''});
	const script = path.join(server, 'omflow_server');
	assert.deepEqual(await findService(server, systemd), {
		start: [script, 'start'],
		stop: [script, 'stop'],
		status: [script, 'status'],
	});
	await mkdir(systemd.running);
	assert.deepEqual(await findService(server, systemd), {
		start: ['systemctl', 'start', 'omflow_server'],
		stop: ['systemctl', 'stop', 'omflow_server'],
		status: ['systemctl', 'is-active', 'omflow_server'],
		unit: 'omflow_server',
	});
});

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

test('finds a whole installation, as plain data', async t => {
	const {directory, runner} = await temporary(t);
	const base = path.join(directory, 'omflow');
	const module = path.join(base, 'python/lib/python3.8/site-packages/mod_wsgi/server/mod_wsgi-py38.so');
	await write(base, {
		'server/manage.py': '',
		'server/omflow_server': '#!/bin/bash\n',
		'server/omflow/settings.py': head + sqlite + tail,
		'server/omflow/syscom/version.bin': 'version=1.1.6.3fix3\n',
		'collector/manage.py': '',
		'python/pyvenv.cfg': 'version = 3.8.10\n',
	});
	await write(directory, {
		'apache2/apache2.conf': `ServerRoot ${directory}/apache2\nErrorLog /var/log/apache2/error.log\nInclude django.conf\n`,
		'apache2/django.conf': `LoadModule wsgi_module ${module}\nWSGIScriptAlias / ${base}/server/omflow/wsgi.py\n`,
	});
	const systemd = {running: path.join(directory, 'none'), units: []};
	const found = await findInstallation(runner, {base, apache: path.join(directory, 'apache2'), systemd});
	assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
	assert.equal(found.version.text, '1.1.6.3fix3');
	assert.deepEqual(found.roles, ['server', 'collector']);
	assert.deepEqual(found.database, {
		engine: 'django.db.backends.sqlite3',
		kind: 'sqlite',
		file: path.join(base, 'server/db.omflow'),
	});
	assert.deepEqual(found.endpoint, {protocol: 'http', host: '127.0.0.1', port: 8080});
	assert.deepEqual(found.apache.files, [path.join(directory, 'apache2/django.conf')]);
	assert.equal(found.apache.module, module);
	assert.equal(found.apache.errorLog, '/var/log/apache2/error.log');
	// Its interpreter is not there: a finding, since a cut upgrade may leave that, not an error.
	assert.deepEqual(
		found.findings.map(({id}) => id),
		['environment-broken'],
	);
});

test('says what is missing when there is no server', async t => {
	const {directory, runner} = await temporary(t);
	await assert.rejects(
		findInstallation(runner, {base: directory}),
		/There is no OMFLOW in .*Run this on the host of the server/,
	);
	await mkdir(path.join(directory, 'Booster'));
	await assert.rejects(findInstallation(runner, {base: directory}), /holds booster but no OMFLOW server/);
});
