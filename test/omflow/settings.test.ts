import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import fc from 'fast-check';
import {settings} from '../../fuzz/settings.js';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import {kindOf, readSettings, type Settings} from '../../source/omflow/settings.js';

const python = '/usr/bin/python3';

async function temporary(t: TestContext): Promise<{directory: string; runner: Runner; log: string}> {
	const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'settings-')));
	t.after(() => rm(directory, {recursive: true}));
	const log = path.join(directory, 'log');
	return {directory, log, runner: createRunner({log, environment: plainEnvironment})};
}

async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
	for (const [name, content] of Object.entries(files)) {
		await mkdir(path.dirname(path.join(directory, name)), {recursive: true});
		await writeFile(path.join(directory, name), content);
	}
}

/** Settings of a server, read from a text. */
async function read(t: TestContext, text: string, role?: 'server' | 'collector'): Promise<Settings> {
	const {directory, runner, log} = await temporary(t);
	await write(directory, {'server/omflow/settings.py': text});
	const settings = await readSettings(runner, python, path.join(directory, 'server/omflow/settings.py'), role);
	const shown = JSON.stringify(settings) + (await readFile(log, 'utf8').catch(() => ''));
	assert.doesNotMatch(shown, /hunter2/);
	return JSON.parse(JSON.stringify(settings).replaceAll(directory, '')) as Settings;
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
		{kind: 'oracle', port: 8080},
	],
	[
		'another file over it',
		`${head}${sqlite}${tail}try:\n    pass\nexcept ImportError:\n    pass\nfrom .local import *\n`,
		{kind: 'unknown', port: 80, findings: ['settings-local-protocol', 'settings-databases', 'settings-local-port']},
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

const server = (fields: string) =>
	`DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', ${fields}}}\n${tail}`;

// What a database is told to be, from the text of DATABASES or of the whole file.
for (const [name, text, expected] of [
	[
		'many lines with comments and OPTSIONS',
		`DATABASES = {\n\t# hunter2\n\t'default': {\n\t\t'ENGINE': 'django.db.backends.postgresql',  # 'oracle'\n\t\t'NAME': 'omflow', 'USER': 'u',\n\t\t'PASSWORD': 'hunter2',\n\t\t"HOST": "10.0.0.5",\n\t\t'PORT': 5432,\n\t\t"OPTSIONS": {},\n\t},\n}\n`,
		{kind: 'postgresql', name: 'omflow', host: '10.0.0.5', port: '5432', reach: 'remote'},
	],
	[
		'dict() with keywords',
		"DATABASES = dict(default=dict(ENGINE='django.db.backends.mysql', HOST='localhost', NAME='o'))\n",
		{kind: 'mysql', host: 'localhost', name: 'o', reach: 'local'},
	],
	[
		'filled in later',
		"DATABASES = {}\nDATABASES['default'] = {'ENGINE': 'django.db.backends.oracle'}\nDATABASES['default']['HOST'] = '10.0.0.7'\n",
		{kind: 'oracle', host: '10.0.0.7', reach: 'remote'},
	],
	[
		'several of them',
		"DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql'}, 'old': {'PASSWORD': 'hunter2'}, 'a b': {}}\nDATABASES['log'] = {}\n",
		{kind: 'mysql', reach: 'local', others: ['old', 'log']},
	],
	[
		'a merged dictionary',
		"COMMON = {'ENGINE': 'mssql'}\nDATABASES = {'default': {**COMMON}}\n",
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'a conditional expression',
		"DATABASES = {'default': {'ENGINE': 'mssql' if 1 else 'x'}}\n",
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'two names of one dictionary',
		`${server("'HOST': ''")}D = DATABASES['default']\nD['HOST'] = '10.0.0.1'\n`,
		{kind: 'postgresql', host: '10.0.0.1', reach: 'remote'},
	],
	[
		'two names, one of them given away',
		`${server("'HOST': ''")}D = DATABASES\nf(D)\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed by update',
		`${server("'HOST': ''")}DATABASES['default'].update(HOST='x')\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed in a loop',
		`${server("'HOST': ''")}for d in DATABASES.values():\n    d['HOST'] = 'x'\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed by a function',
		`def f():\n    DATABASES['default']['HOST'] = 'x'\n${server("'HOST': ''")}f()\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed by a function with a harmless name',
		`${server("'HOST': ''")}def get(d):\n    d.clear()\nget(DATABASES)\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed by a lambda',
		`f = lambda: DATABASES.clear()\n${server("'HOST': ''")}f()\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed through globals()',
		`${server("'HOST': ''")}globals()['DATABASES'] = {}\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed by another file that is run',
		`${server("'HOST': ''")}exec(open('local.py').read())\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'changed in a part that may have other names',
		`${server("'HOST': ''")}X = DATABASES or 1\nX['default'] = 2\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	[
		'only looked at',
		`${server("'HOST': ''")}IS_PG = 'postg' in DATABASES['default']['ENGINE']\nprint(len(DATABASES))\n`,
		{kind: 'postgresql', reach: 'local'},
	],
	[
		'assigned in try',
		`try:\n    DATABASES = {'default': {'ENGINE': 'mssql'}}\nexcept ImportError:\n    pass\n`,
		{kind: 'unknown', reach: 'unknown'},
	],
	['deleted', `${server("'HOST': ''")}del DATABASES\n`, {kind: 'unknown', reach: 'unknown'}],
	['imported', 'from local import DATABASES\n', {kind: 'unknown', reach: 'unknown'}],
	[
		'a star import before it',
		`from base import *\n${server("'HOST': '::1'")}`,
		{kind: 'postgresql', host: '::1', reach: 'local'},
	],
	[
		'a host from the environment',
		`import os as o\n${server("'HOST': o.environ['H'], 'NAME': 'x'")}`,
		{kind: 'postgresql', name: 'x', reach: 'unknown'},
	],
	[
		'an own address',
		`LOCAL_IP = '10.0.0.1'\n${server("'HOST': '10.0.0.1'")}`,
		{kind: 'postgresql', host: '10.0.0.1', reach: 'local'},
	],
	[
		'an own address that cannot be told',
		`LOCAL_IP = f()\n${server("'HOST': '10.0.0.1'")}`,
		{kind: 'postgresql', host: '10.0.0.1', reach: 'unknown'},
	],
	['a socket', server("'HOST': '/run/postgresql'"), {kind: 'postgresql', host: '/run/postgresql', reach: 'local'}],
	['a service of libpq', server("'OPTIONS': {'service': 'x'}"), {kind: 'postgresql', reach: 'unknown'}],
	['a password in the host', server("'HOST': 'u:hunter2@db'"), {kind: 'postgresql', reach: 'unknown'}],
	[
		'a password in the name',
		server("'HOST': '127.0.0.1', 'NAME': 'postgres://u:hunter2@db/x'"),
		{kind: 'postgresql', host: '127.0.0.1', reach: 'local'},
	],
	[
		'a named instance of SQL Server',
		"DATABASES = {'default': {'ENGINE': 'mssql', 'HOST': r'localhost\\SQLEXPRESS'}}\n",
		{kind: 'mssql', host: 'localhost\\SQLEXPRESS', reach: 'local'},
	],
	[
		'Oracle by a name only',
		"DATABASES = {'default': {'ENGINE': 'django.db.backends.oracle', 'NAME': 'OMFLOW'}}\n",
		{kind: 'oracle', name: 'OMFLOW', reach: 'unknown'},
	],
	[
		'SQLite in memory',
		"DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n",
		{kind: 'sqlite', reach: 'file'},
	],
	[
		'an SQLite address',
		"DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'file:/x?key=hunter2'}}\n",
		{kind: 'sqlite', reach: 'file'},
	],
] as const) {
	test(`database: ${name}`, async t => {
		const {engine, ...told} = (await read(t, text)).database;
		assert.equal(kindOf(engine), told.kind);
		assert.deepEqual(told, expected);
	});
}

// What the name of an SQLite database, the simplest text there is to ask for, is told to be; null: cannot tell.
for (const [before, expression, expected] of [
	['import os', "os.path.join(BASE_DIR, 'data', 'x.db')", '/server/data/x.db'],
	['from os import path as p', "p.join('/a', p.basename('/b/c.db'))", '/a/c.db'],
	['from os.path import join as j', "j('/a', 'b')", '/a/b'],
	['', "join('/a', 'b')", null],
	['import pathlib', "str(pathlib.Path('/a') / 'b')", '/a/b'],
	['from pathlib import Path as P', "P(__file__).resolve().parents[1] / 'x.db'", '/server/x.db'],
	['from pathlib import Path as P', "P('/a').joinpath('b').parent", '/a'],
	['', "'/a/%s.%d' % ('x', 3)", '/a/x.3'],
	['', "'/a/%(n)s' % {'n': 'x'}", '/a/x'],
	['', "'/a/%(n)s' % {'n': f()}", null],
	['', "'/a/%s' % {'n': 'hunter2'}", null],
	['', "'/a/%999999999d' % 1", null],
	['', "'/a/{}/{n}'.format('x', n=3)", '/a/x/3'],
	['', "'/a/{0.real}'.format(1)", null],
	['N = "x"', "f'/a/{N}'", '/a/x'],
	['N = "x"', "f'/a/{N!r}'", null],
	['', '"""/a/\nb"""', '/a/\nb'],
	['', "'/a/' 'b'", '/a/b'],
	['', "'/'.join(['', 'a', 'b'])", '/a/b'],
	['', "' /a/B '.strip().lower()", '/a/b'],
	['', "('/a', '/b')[-1]", '/b'],
	['N = {"x": "/a"}', "N['x']", '/a'],
	['N = "/a"\nN += "/b"', 'N', '/a/b'],
	['N = "/a"\nif N: N = "/b"', 'N', null],
	['import os', "os.environ.get('DB', '/hunter2')", null],
	['from os import environ as e', "e['DB']", null],
	['from os import getenv', "getenv('DB', 'hunter2') or '/a'", null],
	['import os', "os.path.abspath('x')", null],
	['import os\nos.path = 1', "os.path.join('/a', 'b')", null],
	['def str(x): return "/b"', "str('/a')", null],
	['', "(lambda: '/a')()", null],
	['', "'/a' if 1 else '/b'", null],
	['class A: pass\nx = A()', 'x.y', null],
	['', "__import__('x').y('hunter2')", null],
] as const) {
	test(`text: ${before.replaceAll('\n', '; ')} ${expression.replaceAll('\n', ' ')}`, async t => {
		const {database, findings} = await read(
			t,
			`${head}import nothing\ndel os\n${before}\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ${expression}}}\n${tail}`,
		);
		assert.equal(database.kind, 'sqlite');
		assert.equal(database.file ?? null, expected);
		assert.deepEqual(
			findings.map(({id}) => id),
			expected === null ? ['settings-databases-name'] : [],
		);
	});
}

test('the reason names the environment variable, not what is taken without it', async t => {
	const {findings} = await read(
		t,
		"import os\nDATABASES = {'default': {'ENGINE': os.environ.get('DB_ENGINE', 'hunter2')}}\nLOCAL_PORT = int(os.getenv('PORT', 'hunter2'))\n",
	);
	assert.deepEqual(
		findings.map(({evidence}) => evidence),
		['the environment variable DB_ENGINE', 'the environment variable PORT'],
	);
});

for (const [name, text, expected] of [
	['not set', '', {allowedHosts: [], trustedOrigins: []}],
	[
		'lists and tuples',
		"ALLOWED_HOSTS = ('a', '.b')\nCSRF_TRUSTED_ORIGINS = ['https://a'] + ['https://b']\n",
		{allowedHosts: ['a', '.b'], trustedOrigins: ['https://a', 'https://b']},
	],
	['made longer', "ALLOWED_HOSTS = ['a']\nALLOWED_HOSTS += ['b']\n", {allowedHosts: ['a', 'b'], trustedOrigins: []}],
	['made longer by a call', "ALLOWED_HOSTS = ['a']\nALLOWED_HOSTS.append('b')\n", {trustedOrigins: []}],
	['one that cannot be told', "CSRF_TRUSTED_ORIGINS = ['a', f()]\n", {allowedHosts: []}],
	['a text instead of a list', "ALLOWED_HOSTS = 'a'\n", {trustedOrigins: []}],
	['a password in an origin', "CSRF_TRUSTED_ORIGINS = ['https://u:hunter2@a']\n", {allowedHosts: []}],
	['another file', 'from local import *\n', {}],
	[
		'type and Booster',
		"OMFLOW_TYPE = 'server'\nBOOSTER_IP = '10.0.0.2'\n",
		{type: 'server', boosterAddress: '10.0.0.2', allowedHosts: [], trustedOrigins: []},
	],
	['no Booster', "OMFLOW_TYPE = f()\nBOOSTER_IP = ''\n", {allowedHosts: [], trustedOrigins: []}],
] as const) {
	test(`facts: ${name}`, async t => assert.deepEqual((await read(t, text)).facts, expected));
}

for (const [name, text, endpoint, ids] of [
	['of a collector', '', {protocol: 'http', port: 5168}, ['settings-databases', 'settings-local-port']],
	['of a collector with a port', 'LOCAL_PORT = 5000\n', {protocol: 'http', port: 5000}, ['settings-databases']],
	[
		'whose protocol cannot be told',
		'LOCAL_PORT = 80\nLOCAL_PROTOCOL = f()\n',
		{protocol: 'http', port: 80},
		['settings-local-protocol', 'settings-databases'],
	],
] as const) {
	test(`endpoint ${name}`, async t => {
		const settings = await read(t, text, 'collector');
		assert.deepEqual(settings.endpoint, {...endpoint, host: '127.0.0.1'});
		assert.deepEqual(
			settings.findings.map(({id}) => id),
			ids,
		);
		assert.match(settings.findings[0]?.sentence ?? '', /the collector’s settings\.py; .*\.$/);
	});
}

for (const [name, text, expected] of [
	['nested too deeply', `X = ${'-'.repeat(100_000)}1\n`, /nested too deeply, or too large\. Make it simpler/],
	['too large', '#'.repeat(4 * 1024 * 1024 + 1), /larger than 4 MiB\. Make it simpler/],
	['null bytes', "X = 'hunter2'\0", /bytes that are not text\. OMFLOW itself could not start/],
	[
		'an unknown encoding',
		"# coding: hunter2\nX = 'hunter2'",
		/not valid Python 3\.\d+\. OMFLOW itself could not start/,
	],
	['no text', '\x80\x81', /not valid Python|not text/],
] as const) {
	test(`settings: ${name}`, async t => {
		const {directory, runner} = await temporary(t);
		const file = path.join(directory, 'settings.py');
		await writeFile(file, Buffer.from(text, 'latin1'));
		await assert.rejects(readSettings(runner, python, file), (error: Error) => {
			assert.match(error.message, expected);
			assert.doesNotMatch(error.message, /hunter2|Traceback/);
			return true;
		});
	});
}

test('settings: what is no file, and a folder behind a link', async t => {
	const {directory, runner} = await temporary(t);
	execFileSync('mkfifo', [path.join(directory, 'pipe')]);
	await assert.rejects(readSettings(runner, python, path.join(directory, 'pipe')), /it is not a file/);
	await assert.rejects(readSettings(runner, python, directory), /it is not a file/);
	await write(directory, {'real/omflow/settings.py': head + sqlite + tail});
	await symlink(path.join(directory, 'real'), path.join(directory, 'server'));
	const {database} = await readSettings(runner, python, path.join(directory, 'server/omflow/settings.py'));
	assert.equal(database.file, path.join(directory, 'server/db.omflow'));
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

test('settings: whatever the file looks like, nothing wrong and no secret is told', () =>
	fc.assert(settings, {numRuns: 25}));
