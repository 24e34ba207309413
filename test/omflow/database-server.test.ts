import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {chown, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import {type DatabaseServer, databaseFindings, databaseServer} from '../../source/omflow/database-server.js';

const python = '/usr/bin/python3';
const secret = 'hunter2';

type Bench = {readonly directory: string; readonly runner: Runner; readonly log: string};

async function bench(t: TestContext): Promise<Bench> {
	const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'database-')));
	t.after(() => rm(directory, {recursive: true}));
	const log = path.join(directory, 'log');
	return {directory, log, runner: createRunner({log, environment: plainEnvironment})};
}

/** Settings on one line, as the vendor writes them. */
async function settings({directory}: Bench, fields: Readonly<Record<string, string>>): Promise<string> {
	const file = path.join(directory, 'settings.py');
	const entries = Object.entries(fields).map(([key, value]) => `'${key}': ${value}`);
	await writeFile(file, `import os\nDATABASES = {'default': {${entries.join(', ')}}}\n`);
	return file;
}

/** A driver in the place of the real one, in an environment whose Python finds it. */
async function environmentWith({directory}: Bench, name: string, text: string): Promise<string> {
	const environment = path.join(directory, 'python');
	assert.equal(spawnSync(python, ['-m', 'venv', '--without-pip', environment]).status, 0);
	const [version = ''] = await readdir(path.join(environment, 'lib'));
	await writeFile(path.join(environment, 'lib', version, 'site-packages', `${name}.py`), text);
	return path.join(environment, 'bin', 'python');
}

async function assertNoSecret(answer: DatabaseServer, {log}: Bench): Promise<void> {
	assert.ok(!JSON.stringify([answer, databaseFindings(answer)]).includes(secret));
	assert.ok(!(await readFile(log, 'utf8').catch(() => '')).includes(secret));
}

const postgresql = "'django.db.backends.postgresql'";
for (const [words, expected] of [
	[`connection to server at "x" failed: FATAL: password authentication failed for user ${secret}`, /denies access/],
	['could not connect to server: Connection refused. Is the server running on host', /refuses connections/],
	['connection to server at "10.0.0.1", port 5432 failed: timeout expired', /did not answer in time/],
	['could not translate host name "db" to address: Name or service not known', /name .* is not known/],
	[`(2002, "Can't connect to server on '10.0.0.9' (115)")`, /cannot be reached/],
	[`something about ${secret}`, /could not be asked/],
] as const) {
	test(`a driver that says “${words.replace(secret, '…').slice(0, 50)}”`, async t => {
		const own = await bench(t);
		const driver = `import sys\ndef connect(**words):\n    assert words['password'] == '${secret}'\n    print(words)\n    print(words, file=sys.stderr)\n    raise RuntimeError(${JSON.stringify(words)} + words['password'])\n`;
		const interpreter = await environmentWith(own, 'psycopg2', driver);
		const file = await settings(own, {ENGINE: postgresql, HOST: "'db'", PASSWORD: `'${secret}'`, USER: "'u'"});
		const answer = await databaseServer(own.runner, interpreter, file);
		assert.ok('cannotTell' in answer);
		assert.match(answer.cannotTell, expected);
		await assertNoSecret(answer, own);
	});
}

test('a driver is given what settings.py says, and only what it asks for is told', async t => {
	const own = await bench(t);
	const seen = path.join(own.directory, 'seen');
	const interpreter = await environmentWith(
		own,
		'pymysql',
		`import json\nclass Cursor:\n    def execute(self, query): assert query == 'SELECT VERSION()'\n    def fetchone(self): return ['5.5.5-10.3.39-MariaDB-0+deb10u1']\nclass Connection:\n    cursor = Cursor\ndef connect(**words):\n    json.dump(words, open(${JSON.stringify(seen)}, 'w'))\n    return Connection()\n`,
	);
	const file = await settings(own, {
		ENGINE: "'django.db.backends.mysql'",
		HOST: "'10.0.0.9'",
		PORT: "'3307'",
		USER: "'omflow'",
		PASSWORD: `'${secret}'`,
		OPTIONS: "{'init_command': 'DROP DATABASE x', 'ssl': {'ca': '/ca.pem'}}",
	});
	const answer = await databaseServer(own.runner, interpreter, file);
	assert.deepEqual(answer, {kind: 'mysql', version: '10.3.39', name: 'MariaDB'});
	assert.deepEqual(JSON.parse(await readFile(seen, 'utf8')), {
		host: '10.0.0.9',
		port: 3307,
		user: 'omflow',
		password: secret,
		connect_timeout: 3,
		read_timeout: 3,
		ssl: {ca: '/ca.pem'},
	});
	await assertNoSecret(answer, own);
});

test('without a driver, with a password from elsewhere, with an unknown engine, without a Python', async t => {
	const own = await bench(t);
	const interpreter = await environmentWith(own, 'nothing', '');
	const ask = async (fields: Readonly<Record<string, string>>, asked = interpreter) => {
		const answer = await databaseServer(own.runner, asked, await settings(own, fields));
		await assertNoSecret(answer, own);
		return 'cannotTell' in answer ? answer.cannotTell : answer.name;
	};
	assert.match(await ask({ENGINE: postgresql, PASSWORD: `'${secret}'`}), /has no driver/);
	assert.match(await ask({ENGINE: postgresql, PASSWORD: `os.environ.get('P', '${secret}')`}), /cannot be told/);
	assert.match(await ask({ENGINE: "'django.db.backends.dummy'"}), /its engine/);
	assert.match(await ask({ENGINE: postgresql}, '/nowhere/python'), /could not ask it/);
	assert.equal(await ask({ENGINE: "'django.db.backends.sqlite3'"}), 'SQLite');
});

for (const [server, severity, pattern] of [
	[{kind: 'postgresql', version: '11.22', name: 'PostgreSQL'}, 'blocker', /needs PostgreSQL 12 or later/],
	[{kind: 'postgresql', version: '12', name: 'PostgreSQL'}, 'info', /works with/],
	[{kind: 'mysql', version: '5.7.44', name: 'MySQL'}, 'blocker', /needs MySQL 8.0 or later/],
	[{kind: 'mysql', version: '8.0.36', name: 'MySQL'}, 'info', /works with/],
	[{kind: 'mysql', version: '10.3.39', name: 'MariaDB'}, 'blocker', /needs MariaDB 10.4 or later/],
	[{kind: 'mysql', version: '10.11.6', name: 'MariaDB'}, 'info', /works with/],
	[{kind: 'oracle', version: '18.4.0.0.0', name: 'Oracle'}, 'blocker', /needs Oracle 19c or later/],
	[{kind: 'oracle', version: '19.3.0.0.0', name: 'Oracle'}, 'info', /works with/],
	[{kind: 'sqlite', version: '3.7.17', name: 'SQLite'}, 'blocker', /needs SQLite 3.21 or later/],
	[{kind: 'sqlite', version: '3.21.0', name: 'SQLite'}, 'info', /works with/],
	[{kind: 'mssql', version: '15.0.2000.5', name: 'SQL Server'}, 'info', /is SQL Server 15.0.2000.5\./],
	[{cannotTell: 'it sleeps'}, 'warning', /cannot be told: it sleeps\./],
] as const) {
	test(`database-version: ${JSON.stringify(server)} is a ${severity}`, () => {
		const [finding, ...others] = databaseFindings(server);
		assert.deepEqual(others, []);
		assert.equal(finding?.id, 'database-version');
		assert.equal(finding.severity, severity);
		assert.match(finding.sentence, pattern);
		assert.equal(finding.remedy === undefined, severity === 'info');
	});
}

const binaries = (await readdir('/usr/lib/postgresql').catch(() => []))
	.sort((a, b) => Number(b) - Number(a))
	.map(version => `/usr/lib/postgresql/${version}/bin`)[0];
const hasDriver = spawnSync(python, ['-I', '-c', 'import psycopg2']).status === 0;
const lacking =
	binaries === undefined
		? 'no PostgreSQL server is installed'
		: hasDriver
			? false
			: 'python3-psycopg2 is not installed';

test('asks a real PostgreSQL', {skip: lacking}, async t => {
	const own = await bench(t);
	const file = await settings(own, {
		ENGINE: postgresql,
		HOST: "'127.0.0.1'",
		PORT: "'@PORT@'",
		USER: "'omflow'",
		PASSWORD: `'${secret}'`,
		NAME: "'postgres'",
	});
	const ask = async (port: number, password = secret) => {
		const text = (await readFile(file, 'utf8')).replace(/@PORT@|(?<='PORT': ')\d+/, String(port));
		await writeFile(file, text.replace(/(?<='PASSWORD': ')[^']*/, password));
		const answer = await databaseServer(own.runner, python, file);
		await assertNoSecret(answer, own);
		return answer;
	};
	const port = await freePort();
	const refused = await ask(port);
	assert.ok('cannotTell' in refused);
	assert.match(refused.cannotTell, /refuses connections/);

	await startPostgresql(t, own.directory, port);
	const answer = await ask(port);
	assert.ok(!('cannotTell' in answer), JSON.stringify(answer));
	assert.equal(answer.name, 'PostgreSQL');
	assert.equal(answer.version.split('.')[0], binaries?.split('/')[4]);
	assert.equal(databaseFindings(answer)[0]?.severity, Number(answer.version.split('.')[0]) < 12 ? 'blocker' : 'info');

	const denied = await ask(port, 'another');
	assert.ok('cannotTell' in denied);
	assert.match(denied.cannotTell, /denies access/);
});

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise(resolve => server.close(resolve));
	return typeof address === 'object' && address ? address.port : 0;
}

/** PostgreSQL does not start as root, so it runs as a user that owns nothing. Ended with the test. */
async function startPostgresql(t: TestContext, directory: string, port: number): Promise<void> {
	const place = path.join(directory, 'cluster');
	await mkdir(place);
	const nobody = 65_534;
	const as = process.getuid?.() === 0 ? {uid: nobody, gid: nobody} : {};
	if ('uid' in as) {
		await chown(directory, nobody, nobody);
		await chown(place, nobody, nobody);
	}

	const password = path.join(directory, 'password');
	await writeFile(password, `${secret}\n`, {mode: 0o644});
	const data = path.join(place, 'data');
	const made = spawnSync(
		`${binaries}/initdb`,
		['-D', data, '-U', 'omflow', '-A', 'scram-sha-256', `--pwfile=${password}`, '--no-sync', '--locale=C'],
		{...as, cwd: place, encoding: 'utf8'},
	);
	assert.equal(made.status, 0, made.stderr);
	const server = spawn(
		`${binaries}/postgres`,
		['-D', data, '-p', String(port), '-k', place, '-c', 'listen_addresses=127.0.0.1', '-F'],
		{...as, cwd: place, stdio: ['ignore', 'ignore', 'pipe']},
	);
	const ended = new Promise<void>(resolve => server.once('exit', () => resolve()));
	t.after(async () => {
		server.kill('SIGQUIT');
		await ended;
	});
	let said = '';
	for await (const chunk of server.stderr) {
		said += chunk;
		if (said.includes('ready to accept connections')) {
			break;
		}
	}

	assert.match(said, /ready to accept connections/);
}
