import type {Finding} from '../engine/state.js';
import {CommandError, type Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {reasonInWords} from './reader-reasons.js';
import type {DatabaseKind} from './requirement-rules.js';
import {settingsReader} from './settings-reader.js';

export type Settings = {
	readonly database: Database;
	/** How this part of OMFLOW is reached on its own host. */
	readonly endpoint: Endpoint;
	readonly facts: SettingsFacts;
	/** What could not be told from the file. */
	readonly findings: readonly Finding[];
};

/** Never holds a user or a password. */
export type Database = {
	/** As in settings.py; empty when it cannot be told. */
	readonly engine: string;
	readonly kind: DatabaseKind;
	/** Absolute path; only for SQLite. */
	readonly file?: string;
	/** As in settings.py, each absent when it is not set or cannot be told; only for database servers. */
	readonly host?: string;
	readonly port?: string;
	readonly name?: string;
	/** Names of further databases beside `default`; absent where there are none. */
	readonly others?: readonly string[];
	/** Where the data is: in a file, in a server on this host, in a server elsewhere. */
	readonly reach: 'file' | 'local' | 'remote' | 'unknown';
};

export type Endpoint = {readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number};

export type SettingsFacts = {
	/** OMFLOW_TYPE; absent when it is not set or cannot be told, as is the next. */
	readonly type?: string;
	/** BOOSTER_IP. */
	readonly boosterAddress?: string;
	/** ALLOWED_HOSTS; absent when it cannot be told, empty when it is not set, as is the next. */
	readonly allowedHosts?: readonly string[];
	/** CSRF_TRUSTED_ORIGINS. */
	readonly trustedOrigins?: readonly string[];
};

/** A value, or why it cannot be told without running the file; neither when it is not set. */
type Told = {readonly value?: string | number; readonly why?: string};

type ToldList = {readonly value?: readonly string[]; readonly why?: string};

type Answer = Readonly<
	Record<
		| 'engine'
		| 'name'
		| 'databaseHost'
		| 'databasePort'
		| 'elsewhere'
		| 'protocol'
		| 'port'
		| 'localIp'
		| 'type'
		| 'booster',
		Told
	>
> & {readonly allowedHosts: ToldList; readonly trustedOrigins: ToldList; readonly others: readonly string[]};

/**
Reads what is needed from Django's settings without importing them: importing would run the customer's code
and OMFLOW's start-up. A small Python program (`settings-reader.ts`) works the values out from the syntax tree; what it
is not sure of becomes a finding, never a guess. Passwords do not leave it: only the values named here are printed.
Throws an Error that says what to do when the file is not there, is not Python, or is too large or too deep to be read.

@param python - An interpreter of about the version the settings were written for, 3.6 or later.
@param role - Whose settings they are: a server listens on 80 or 443 when they do not say, a collector on 5168.
*/
export async function readSettings(
	runner: Runner,
	python: string,
	file: string,
	role: 'server' | 'collector' = 'server',
): Promise<Settings> {
	const answer = await ask(runner, python, file);
	const findings: Finding[] = [];
	const cannotTell = (what: string, told: Told, taken: string) => {
		const of = role === 'server' ? 'settings.py' : t('the {role}’s settings.py', {role});
		const isMissing = told.value === undefined && told.why === undefined;
		findings.push({
			severity: 'warning',
			id: `settings-${what.toLowerCase().replaceAll(/[ _]/g, '-')}`,
			sentence: isMissing
				? t('{what} is not set in {file}; {taken}.', {what, file: of, taken})
				: t('{what} cannot be told from {file}; {taken}.', {what, file: of, taken}),
			...(told.why === undefined ? {} : {evidence: reasonInWords(told.why)}),
			remedy: t('Check {what} in {file}.', {what, file}),
		});
	};

	const {protocol, port} = answer;
	if (protocol.why !== undefined) {
		cannotTell('LOCAL_PROTOCOL', protocol, t('http is taken'));
	}

	const secure = String(protocol.value ?? '').toLowerCase() === 'https';
	const standard = role === 'collector' ? 5168 : secure ? 443 : 80;
	const number = /^\s*\d{1,5}\s*$/.test(String(port.value)) ? Number(port.value) : 0;
	const isPort = number > 0 && number < 65_536;
	const {others} = answer;
	const database = {...databaseOf(answer, cannotTell), ...(others.length > 0 ? {others} : {})};
	if (!isPort) {
		cannotTell(
			'LOCAL_PORT',
			port.value === undefined ? port : {why: t('it is no port number')},
			t('{standard} is taken', {standard}),
		);
	}

	return {
		database,
		endpoint: {protocol: secure ? 'https' : 'http', host: '127.0.0.1', port: isPort ? number : standard},
		facts: factsOf(answer),
		findings,
	};
}

async function ask(runner: Runner, python: string, file: string): Promise<Answer> {
	let answer: Answer | {readonly error: string; readonly broken: boolean};
	try {
		const {stdout} = await runner.capture([python, '-I', '-c', settingsReader + main, file], {
			shownAs: t('read {file}', {file}),
			timeout: 30_000,
		});
		answer = JSON.parse(stdout) as typeof answer;
	} catch (error) {
		if (error instanceof CommandError && error.signal !== undefined) {
			throw new Error(t('{file} cannot be read: it is nested too deeply, or too large. Make it simpler.', {file}));
		}

		throw new Error(
			t('{file} cannot be read with {python}. Check that this Python runs and is 3.6 or later.', {file, python}),
		);
	}

	if ('error' in answer) {
		throw new Error(
			answer.broken
				? t('{file} cannot be read: {error}. OMFLOW itself could not start with it; put it right first.', {
						file,
						error: reasonInWords(answer.error),
					})
				: t('{file} cannot be read: {error}. Make it simpler.', {file, error: reasonInWords(answer.error)}),
		);
	}

	return answer;
}

function databaseOf(answer: Answer, cannotTell: (what: string, told: Told, taken: string) => void): Database {
	const {engine: told, name} = answer;
	if (typeof told.value !== 'string') {
		cannotTell('DATABASES', told, t('its database is treated as unknown'));
	}

	const engine = typeof told.value === 'string' ? told.value : '';
	const kind = kindOf(engine);
	if (kind === 'sqlite') {
		if (typeof name.value === 'string' && name.value.startsWith('/')) {
			return {engine, kind, file: name.value, reach: 'file'};
		}

		cannotTell('DATABASES NAME', name, t('the database file is not known'));
		return {engine, kind, reach: 'file'};
	}

	const plain = ({value}: Told) => (value === undefined || value === '' ? undefined : String(value));
	const [host, port] = [plain(answer.databaseHost), plain(answer.databasePort)];
	return {
		engine,
		kind,
		...(host === undefined ? {} : {host}),
		...(port === undefined ? {} : {port}),
		...(plain(name) === undefined ? {} : {name: String(name.value)}),
		reach: kind === 'unknown' ? 'unknown' : reachOf(kind, answer),
	};
}

/** Which server the driver talks to; what its options or the Oracle name may say is not guessed. */
function reachOf(kind: DatabaseKind, answer: Answer): Database['reach'] {
	const told = answer.databaseHost;
	const host = String(told.value ?? '').trim();
	if (told.why !== undefined || answer.elsewhere.value !== 0 || (kind === 'oracle' && host === '')) {
		return 'unknown';
	}

	const hosts = (kind === 'mssql' ? host.replace(/^(?:tcp|np|lpc):/i, '').replace(/[\\,].*$/, '') : host).split(',');
	const isLocal = (one: string) =>
		one === '' ||
		/^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|\/.*|@.*)$/i.test(one) ||
		(kind === 'mssql' && /^(?:\.|\(local\)|\(localdb\))$/i.test(one)) ||
		one === answer.localIp.value;
	return hosts.every(isLocal) ? 'local' : answer.localIp.why === undefined ? 'remote' : 'unknown';
}

function factsOf({type, booster, allowedHosts, trustedOrigins}: Answer): SettingsFacts {
	const list = (told: ToldList) => (told.why === undefined ? (told.value ?? []) : undefined);
	const [hosts, origins] = [list(allowedHosts), list(trustedOrigins)];
	return {
		...(typeof type.value === 'string' && type.value !== '' ? {type: type.value} : {}),
		...(typeof booster.value === 'string' && booster.value !== '' ? {boosterAddress: booster.value} : {}),
		...(hosts === undefined ? {} : {allowedHosts: hosts}),
		...(origins === undefined ? {} : {trustedOrigins: origins}),
	};
}

/** Kinds by Django's engine names and those of the drivers OMFLOW's documents name. */
export function kindOf(engine: string): DatabaseKind {
	const table: ReadonlyArray<readonly [RegExp, DatabaseKind]> = [
		[/sqlite/, 'sqlite'],
		[/postg/, 'postgresql'],
		[/mysql/, 'mysql'],
		[/oracle/, 'oracle'],
		[/mssql|sql_?server|pytds|pyodbc/, 'mssql'],
	];
	return table.find(([pattern]) => pattern.test(engine.toLowerCase()))?.[1] ?? 'unknown';
}

/** Only what has the shape of what it should be is printed: an address with a password in it, for one, is not. */
const main = String.raw`
def tell(value, pattern):
    try:
        value = known(value)
    except CannotTell as reason:
        return {} if str(reason) == str(NOT_SET) else {'why': str(reason)}
    if value is None:
        return {}
    if isinstance(value, (Row, tuple)):
        items = [tell(item, pattern) for item in value]
        good = all(isinstance(item.get('value'), str) for item in items)
        return {'value': [item['value'] for item in items]} if good else {'why': 'unexpected values'}
    if isinstance(value, PurePosixPath):
        value = str(value)
    if type(value) in (str, int) and re.match('(?:%s)?\\Z' % pattern, str(value), re.ASCII):
        return {'value': value}
    return {'why': 'unexpected kind of value'}

def listed(value, pattern):
    told = tell(value, pattern)
    return {'why': 'it is no list'} if 'value' in told and not isinstance(told['value'], list) else told

def single(value, pattern):
    told = tell(value, pattern)
    return {'why': 'it is a list'} if isinstance(told.get('value'), list) else told

def main():
    names = read_settings(sys.argv[1])
    try:
        default = default_database(names)
        find = lambda key: default.get(key, NOT_SET)
    except CannotTell as reason:
        doubt = NOT_SET if str(reason) == str(NOT_SET) else CannotTell(str(reason))
        find = lambda key: doubt
    engine = single(find('ENGINE'), r'[\w.]{1,100}')
    name = single(find('NAME'), r'[\w.:/$# -]{1,255}')
    if 'sqlite' in str(engine.get('value')):
        name = single(find('NAME'), r'[\s\S]{1,4096}')
        if str(name.get('value')) in ('', ':memory:') or str(name.get('value')).startswith('file:'):
            name = {'why': 'it is not the name of a file'}
        elif 'value' in name:
            # SQLite takes a relative name from the directory manage.py runs in.
            server = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1])))
            name = {'value': os.path.normpath(os.path.join(server, str(name['value'])))}
    try:
        others = [name for name in known(names['DATABASES']) if name != 'default' and re.match(r'[\w.-]{1,100}\Z', str(name))]
    except (CannotTell, TypeError):
        others = []
    # Drivers take options, in which a host can be named as well.
    try:
        options = known(default.get('OPTIONS', Table())) if engine.get('value') else Table()
        elsewhere = int(bool(set(options) - HARMLESS_OPTIONS))
    except Exception:
        elsewhere = 1
    word = r'[\w.-]{1,100}'
    return {
        'engine': engine, 'name': name, 'elsewhere': {'value': elsewhere},
        'databaseHost': single(find('HOST'), r'@?[\w.:/\\,()\[\]-]{1,255}'),
        'databasePort': single(find('PORT'), r'\d{1,5}'),
        'protocol': single(names['LOCAL_PROTOCOL'], word), 'port': single(names['LOCAL_PORT'], r' *\d{1,9} *'),
        'localIp': single(names['LOCAL_IP'], r'[\w.:-]{1,255}'), 'type': single(names['OMFLOW_TYPE'], word),
        'booster': single(names['BOOSTER_IP'], r'[\w.:-]{1,255}'),
        'others': others, 'allowedHosts': listed(names['ALLOWED_HOSTS'], r'[\w.*:\[\]-]{1,255}'),
        'trustedOrigins': listed(names['CSRF_TRUSTED_ORIGINS'], r'[\w.*:/\[\]-]{1,255}'),
    }

# None of these of Django's four drivers says where the server is.
HARMLESS_OPTIONS = {
    'timeout', 'connect_timeout', 'charset', 'init_command', 'sql_mode', 'isolation_level', 'sslmode', 'sslrootcert',
    'sslcert', 'sslkey', 'ssl', 'threaded', 'use_returning_into', 'driver', 'options', 'autocommit', 'client_encoding',
    'application_name', 'host_is_server', 'unicode_results', 'collation', 'MARS_Connection',
}

answer(main)
`;
