import type {Finding} from '../engine/state.js';
import {CommandError, type Runner} from '../host/process.js';
import {mark, t} from '../locales/index.js';
import type {DatabaseKind} from './requirement-rules.js';
import {kindOf} from './settings.js';
import {settingsReader} from './settings-reader.js';

export type DatabaseServer =
	| {
			readonly kind: DatabaseKind;
			/** Numbers with points, for example `15.6`. */
			readonly version: string;
			/** The product, for example `MariaDB`, which Django takes for a MySQL with rules of its own. */
			readonly name: string;
	  }
	/** Why not, as the end of a sentence, and in one word. */
	| {readonly cannotTell: string; readonly reason?: keyof typeof reasons};

const reasons = {
	settings: mark('how to reach it cannot be told from settings.py'),
	engine: mark('its engine in settings.py is not one of Django’s or the vendor’s'),
	driver: mark('the environment has no driver for it that works'),
	refused: mark('the database server refuses connections'),
	timeout: mark('the database server did not answer in time'),
	unreachable: mark('the database server cannot be reached'),
	denied: mark('the database server denies access with the user and password of settings.py'),
	host: mark('the name of the database server is not known'),
	other: mark('the database server could not be asked'),
} as const;

/**
Asks the database which version it has, as OMFLOW would reach it: with the environment's driver and with what settings.py
says. The password is read and used inside that one program; it is in no argument, environment variable, output
or message. Of what a driver says, only which of a few reasons it is comes out. Waits 3 s for a connection and 20 s in
all; changes nothing. Does not throw: what cannot be told is an answer.

@param python - Of the environment, for example `/opt/omflow/python/bin/python`.
*/
export async function databaseServer(runner: Runner, python: string, settingsFile: string): Promise<DatabaseServer> {
	try {
		const {stdout} = await runner.capture([python, '-I', '-c', settingsReader + main, settingsFile], {
			shownAs: t('ask the database of {settingsFile} for its version', {settingsFile}),
			timeout: 20_000,
		});
		const answer = JSON.parse(stdout) as {
			engine?: string;
			name?: string;
			version?: string;
			reason?: keyof typeof reasons;
		};
		const version = /\d+(?:\.\d+)*/.exec(answer.version ?? '')?.[0];
		return answer.engine && answer.name && version
			? {kind: kindOf(answer.engine), version, name: answer.name}
			: cannotTell(answer.reason ?? 'settings');
	} catch (error) {
		// A driver that hangs is ended by a signal.
		const isCut = error instanceof CommandError && error.signal !== undefined;
		return isCut ? cannotTell('timeout') : {cannotTell: t(cannotAsk)};
	}
}

function cannotTell(reason: keyof typeof reasons): DatabaseServer {
	return {cannotTell: t(reasons[reason]), reason};
}

const cannotAsk = mark('the Python of the environment could not ask it');

/** Oldest versions that Django 4.2 works with, from its page “Databases” and its release notes. */
const oldest: Readonly<Record<string, {readonly version: string; readonly shown: string}>> = {
	PostgreSQL: {version: '12', shown: '12'},
	MySQL: {version: '8', shown: '8.0'},
	MariaDB: {version: '10.4', shown: '10.4'},
	Oracle: {version: '19', shown: '19c'},
	SQLite: {version: '3.21', shown: '3.21'},
};

/** Whether Django 4.2 works with a database. Only of interest where an update changes to that. */
export function databaseFindings(server: DatabaseServer): Finding[] {
	if ('cannotTell' in server) {
		return [
			{
				severity: 'warning',
				id: 'database-version',
				sentence: t('The version of the database cannot be told: {cannotTell}.', {cannotTell: server.cannotTell}),
				remedy: t('Check yourself that it is one Django 4.2 works with: {versions} or later.', {
					versions: Object.entries(oldest)
						.map(([name, {shown}]) => `${name} ${shown}`)
						.join(', '),
				}),
			},
		];
	}

	const {name, version} = server;
	const least = oldest[name];
	if (least && isOlder(version, least.version)) {
		return [
			{
				severity: 'blocker',
				id: 'database-version',
				sentence: t('The database is {name} {version}; Django 4.2 needs {name} {shown} or later.', {
					name,
					version,
					shown: least.shown,
				}),
				remedy:
					name === 'SQLite'
						? t('Update the package of the SQLite library (libsqlite3-0 or sqlite-libs) first, then check again.')
						: t(
								'Update the database server to {name} {shown} or later first, with a dump of its databases, then check again.',
								{name, shown: least.shown},
							),
			},
		];
	}

	return [
		{
			severity: 'info',
			id: 'database-version',
			sentence: least
				? t('The database is {name} {version}, which Django 4.2 works with.', {name, version})
				: t('The database is {name} {version}.', {name, version}),
		},
	];
}

function isOlder(version: string, least: string): boolean {
	const [a, b] = [version, least].map(text => text.split('.').map(Number));
	for (const [index, number] of (b ?? []).entries()) {
		const difference = (a?.[index] ?? 0) - number;
		if (difference !== 0) {
			return difference < 0;
		}
	}

	return false;
}

const main = String.raw`
import importlib, signal
from functools import partial

# Of the options in settings.py, those without which a server may refuse a connection.
NEEDED = ('sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl', 'unix_socket', 'read_default_file')

class Missing(Exception):
    pass

def plain(value):
    value = known(value)
    return {key: plain(inner) for key, inner in value.items()} if isinstance(value, Table) else scalars([value])[0]

def driver(*names):
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            pass
    raise Missing()

def first(connection, query):
    cursor = connection.cursor()
    cursor.execute(query)
    return str(cursor.fetchone()[0])

def postgresql(word, options):
    module = driver('psycopg2', 'psycopg')
    return 'PostgreSQL', partial(module.connect, **filled(
        host=word('HOST'), port=word('PORT'), user=word('USER'), password=word('PASSWORD'), dbname=word('NAME') or 'postgres',
        connect_timeout=3, **options)), lambda connection: first(connection, 'SHOW server_version')

def mysql(word, options):
    module, host = driver('MySQLdb', 'pymysql'), word('HOST')
    if host.startswith('/'):
        options, host = dict(options, unix_socket=host), ''
    connect = partial(module.connect, **filled(
        host=host, port=int(word('PORT') or 0), user=word('USER'), password=word('PASSWORD'), connect_timeout=3,
        read_timeout=3, **options))
    return 'MySQL', connect, lambda connection: first(connection, 'SELECT VERSION()')

def oracle(word, options):
    module = driver('cx_Oracle')
    place = '%s:%s/%s' % (word('HOST'), word('PORT') or 1521, word('NAME')) if word('HOST') else word('NAME')
    return 'Oracle', partial(module.connect, word('USER'), word('PASSWORD'), place), lambda connection: connection.version

def mssql(word, options):
    module = driver('pyodbc')
    quoted = lambda text: '{' + text.replace('}', '}}') + '}'
    server = word('HOST') or 'localhost'
    parts = ['DRIVER=' + quoted(word('driver') or 'ODBC Driver 17 for SQL Server'),
        'SERVER=' + server + (',' + word('PORT') if word('PORT') else ''), 'DATABASE=' + quoted(word('NAME'))]
    parts += ['UID=' + quoted(word('USER')), 'PWD=' + quoted(word('PASSWORD'))] if word('USER') else ['Trusted_Connection=yes']
    return 'SQL Server', partial(module.connect, ';'.join(parts), timeout=3), (
        lambda connection: first(connection, "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(64))"))

def filled(**arguments):
    return {key: value for key, value in arguments.items() if value not in ('', 0)}

def why(error):
    """Drivers differ too much in their classes; their words and codes are looked at here and go no further."""
    text = str(error).lower()
    for reason, pattern in (
        ('driver', r"can't open lib|im002|dpi-1047|cannot locate .*oracle|data source name not found"),
        ('denied', r'authentication failed|access denied|no pg_hba|password|login failed|ora-01017|28000|\(1045|\(1044|role .* does not exist'),
        ('timeout', r'time[d ]*-? ?out|timeout|hyt00|ora-12170'),
        ('host', r'translate host name|name or service not known|unknown .*host|\(2005|ora-12545|getaddrinfo|resolution'),
        ('refused', r'refused|ora-12541|\(111\)|no such file|is the server running'),
        # MySQL's own library says no more than this, whether it is refused or nobody is there.
        ('unreachable', "can't connect to|lost connection|ora-12514|ora-12505"),
    ):
        if re.search(pattern, text):
            return reason
    return 'other'

def ask():
    names = read_settings(sys.argv[1])
    try:
        default = default_database(names)
        engine = plain(default.get('ENGINE', NOT_SET))
        if 'sqlite' in engine:
            import sqlite3
            return {'engine': 'sqlite', 'name': 'SQLite', 'version': sqlite3.sqlite_version}
        options = plain(default.get('OPTIONS', Table())) or {}
        values = {key: str(plain(default.get(key, '')) or '') for key in ('HOST', 'PORT', 'USER', 'PASSWORD', 'NAME')}
        values['driver'] = str(options.get('driver', ''))
    except CannotTell:
        return {'reason': 'settings'}
    kinds = (('postg', postgresql), ('mysql', mysql), ('oracle', oracle), ('mssql|sql_?server|pytds|pyodbc', mssql))
    prepare = next((prepare for pattern, prepare in kinds if re.search(pattern, engine.lower())), None)
    if not prepare:
        return {'reason': 'engine'}
    try:
        name, connect, version = prepare(values.__getitem__, {key: options[key] for key in NEEDED if key in options})
    except Missing:
        return {'reason': 'driver'}
    except Exception:
        return {'reason': 'settings'}
    try:
        connection = connect()
        text = version(connection)
    except Exception as error:
        return {'reason': why(error)}
    # A replicating MariaDB puts 5.5.5- before its own version.
    name = 'MariaDB' if 'mariadb' in text.lower() else name
    return {'engine': engine, 'name': name, 'version': re.search(r'\d+(\.\d+)*', re.sub('^5.5.5-', '', text)).group()}

def quietly():
    """What a driver prints goes nowhere, and one that hangs is ended."""
    out, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    sys.stdout = open(os.devnull, 'w')
    signal.alarm(15)
    result = ask()
    sys.stdout = os.fdopen(out, 'w')
    return result

answer(quietly)
`;
