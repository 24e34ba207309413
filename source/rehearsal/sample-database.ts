import {readdir, rm} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {type Context, StepError} from '../engine/step.js';
import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {exists} from './sample-place.js';

/**
Password of the sample's database user, with all that wants care in a file of Python, SQL, libpq or MariaDB. It
belongs to the sample alone, which never leaves a rehearsal.
*/
export const samplePassword = String.raw`it's "odd": \ $HOME %s #@/&;=`;

/** What pip is to install, and the module that is there afterwards. */
export type Requirement = readonly [requirement: string, module: string];

/** What Django's settings say of a database server on this host. */
export type DjangoDatabase = {readonly engine: string; readonly port: string};

/** A database server of the distribution, with data of its own: one that the host has beside it is left alone. */
export type DatabaseServer = {
	readonly packages: readonly string[];
	/** For the old environment. */
	readonly requirements: readonly Requirement[];
	/** First lines of the package that holds settings.py, where the driver needs some. */
	readonly code: string;
	/**
	Makes its data, user and empty database afresh, whatever was left of an earlier try, and starts it as a daemon
	that lives as long as the view.
	*/
	create(context: Context<unknown>): Promise<DjangoDatabase>;
	/** What a query for one value prints; empty where it cannot be asked. */
	ask(runner: Runner, query: string): Promise<string>;
};

/** Name of the user, the database and PostgreSQL's cluster. */
const name = 'omflow';
const startSeconds = 60;

const postgresql: DatabaseServer = {
	packages: ['postgresql'],
	requirements: [['psycopg2-binary>=2.9.5,<2.10', 'psycopg2']],
	code: '',
	async create(context) {
		const version = await postgresqlVersion();
		// Nothing of a cluster that is half made or was never there is worth an error.
		await context.run(['pg_dropcluster', '--stop', version, name], {accept: [0, 1, 2]});
		for (const folder of ['/etc/postgresql', '/var/lib/postgresql']) {
			await rm(`${folder}/${version}/${name}`, {recursive: true, force: true});
		}

		await context.run(['pg_createcluster', '--encoding=UTF8', '--locale=C.UTF-8', version, name]);
		await context.run(['pg_ctlcluster', version, name, 'start']);
		const password = `'${samplePassword.replaceAll("'", "''")}'`;
		// By its input: an argument can be seen by every user of the host.
		await context.capture(psql(version, 'postgres'), {
			input: `create role ${name} login password ${password};\ncreate database ${name} owner ${name};\n`,
		});
		const {stdout} = await context.capture(['pg_conftool', '-s', version, name, 'show', 'port']);
		return {engine: 'django.db.backends.postgresql', port: stdout.trim()};
	},
	async ask(runner, query) {
		const argv = psql(await postgresqlVersion(), name);
		return (await runner.capture(argv, {input: `${query};\n`, accept: [0, 1, 2, 3]})).stdout.trim();
	},
};

function psql(version: string, database: string): string[] {
	const options = ['-X', '-qAt', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse'];
	return ['runuser', '-u', 'postgres', '--', 'psql', '--cluster', `${version}/${name}`, ...options, '-d', database];
}

/** The newest one that is installed, for example `15`. */
async function postgresqlVersion(): Promise<string> {
	const versions = (await readdir('/usr/lib/postgresql')).filter(each => /^\d+(\.\d+)?$/.test(each));
	for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
		if (await exists(`/usr/lib/postgresql/${version}/bin/initdb`)) {
			return version;
		}
	}

	throw new StepError(
		t('There is no PostgreSQL server in /usr/lib/postgresql.'),
		t('Install it with: apt-get install postgresql'),
	);
}

const data = '/var/lib/omflow-mariadb';
const runFolder = '/run/omflow-mariadb';
const socket = `${runFolder}/mariadb.sock`;
const mariadbPort = '3306';

const mariadb: DatabaseServer = {
	packages: ['mariadb-server'],
	// PyMySQL, which every sample has.
	requirements: [],
	code: 'import pymysql\n\npymysql.install_as_MySQLdb()\n',
	async create(context) {
		await context.capture(client('mariadb-admin', 'shutdown'), {accept: [0, 1]});
		await rm(data, {recursive: true, force: true});
		await context.run(['install', '-d', '-o', 'mysql', '-g', 'mysql', '-m', '0755', runFolder]);
		const root = ['--auth-root-authentication-method=socket', '--skip-test-db'];
		await context.run(['mariadb-install-db', '--no-defaults', '--user=mysql', `--datadir=${data}`, ...root]);
		const server = [
			'mariadbd',
			'--no-defaults',
			'--user=mysql',
			`--datadir=${data}`,
			`--socket=${socket}`,
			`--pid-file=${runFolder}/mariadb.pid`,
			`--log-error=${data}/error.log`,
			`--port=${mariadbPort}`,
			'--bind-address=127.0.0.1',
			'--skip-name-resolve',
		];
		// A session of its own, as it is to outlive this step.
		await context.run(['setsid', '--fork', ...server]);
		await untilAlive(context);
		const password = `'${samplePassword.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
		const statements = [
			`create database ${name} character set utf8mb4`,
			`create user ${name} identified by ${password}`,
			`grant all on ${name}.* to ${name}`,
		];
		await context.capture(client('mariadb'), {input: `${statements.join(';\n')};\n`});
		return {engine: 'django.db.backends.mysql', port: mariadbPort};
	},
	async ask(runner, query) {
		const argv = client('mariadb', '--skip-column-names', '--batch', name);
		return (await runner.capture(argv, {input: `${query};\n`, accept: [0, 1]})).stdout.trim();
	},
};

function client(program: string, ...argv: readonly string[]): string[] {
	return [program, '--no-defaults', `--socket=${socket}`, '--user=root', ...argv];
}

async function untilAlive(context: Context<unknown>): Promise<void> {
	const until = Date.now() + startSeconds * 1000;
	while ((await context.capture(client('mariadb-admin', 'ping'), {accept: [0, 1]})).exitCode !== 0) {
		if (Date.now() > until) {
			const {stdout} = await context.capture(['tail', '-n', '5', `${data}/error.log`], {accept: [0, 1]});
			throw new StepError(
				t('MariaDB does not answer within {startSeconds} s: {stdout}', {startSeconds, stdout: stdout.trim()}),
				t('Look into the log of this step, then retry; it starts afresh.'),
			);
		}

		await delay(100);
	}
}

export const databaseServers = {postgresql, mariadb} as const;

/** Text of a line `DATABASES = …` as the vendor writes it, on one line and with the misspelt key. */
export function databasesLine({engine, port}: DjangoDatabase): string {
	const fields = Object.entries({
		ENGINE: engine,
		NAME: name,
		USER: name,
		PASSWORD: samplePassword,
		HOST: '127.0.0.1',
		PORT: port,
	}).map(([key, value]) => `'${key}': '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`);
	return `DATABASES = {'default': {${fields.join(', ')}, "OPTSIONS": {}}}`;
}
