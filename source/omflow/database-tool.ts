import {access, constants} from 'node:fs/promises';
import {CommandError, type Runner, type RunOptions} from '../host/process.js';
import {settingsReader} from './settings-reader.js';

/** A database as settings.py says how to reach it. */
export type Reached = {
	readonly kind: 'postgresql' | 'mysql';
	/** Real path of a settings.py; that of a backup serves as well. */
	readonly settings: string;
	/** Any Python 3. */
	readonly python: string;
	/** Another database of the same server, instead of the one that is named there. */
	readonly name?: string;
};

/**
Runs a tool of the database as OMFLOW's own user. A small Python program reads settings.py and becomes the tool: what it
read, the password too, is in no argument, file, log or output, and never comes into this process. PostgreSQL's tools get it
by the environment, those of MySQL by an option file that is in memory only. The word `@database` among the arguments
becomes the name of the database; `inputs` are files that the tool reads, one after the other, as its standard input.
*/
export async function runTool(
	runner: Runner,
	reached: Reached,
	argv: readonly string[],
	{inputs = [], ...options}: RunOptions & {readonly inputs?: readonly string[]} = {},
): Promise<void> {
	await runner.run(launch(reached, argv, inputs), {shownAs: argv.join(' '), ...options});
}

/** The same for a short query: returns what the tool printed. */
export async function askTool(runner: Runner, reached: Reached, argv: readonly string[]): Promise<string> {
	const {stdout} = await runner.capture(launch(reached, argv, []), {shownAs: argv.join(' ')});
	return stdout.trim();
}

function launch({kind, name = '', python, settings}: Reached, argv: readonly string[], inputs: readonly string[]) {
	return [
		python,
		'-I',
		'-c',
		settingsReader + launcher,
		settings,
		kind,
		name,
		String(inputs.length),
		...inputs,
		...argv,
	];
}

/** The first of some programs that is there, by its full path. */
export async function findProgram(names: readonly string[]): Promise<string | undefined> {
	for (const name of names) {
		for (const folder of ['/usr/local/bin', '/usr/bin', '/usr/sbin']) {
			const path = `${folder}/${name}`;
			if (
				await access(path, constants.X_OK).then(
					() => true,
					() => false,
				)
			) {
				return path;
			}
		}
	}

	return undefined;
}

/** A Python that runs, to read settings.py with. Throws an Error that says what to do when there is none. */
export async function findPython(runner: Runner, environment: string): Promise<string> {
	for (const python of ['/usr/bin/python3', '/usr/bin/python3.11', '/usr/bin/python3.8', `${environment}/bin/python`]) {
		try {
			await runner.capture([python, '-I', '-S', '-c', ''], {timeout: 15_000});
			return python;
		} catch (error) {
			if (!(error instanceof CommandError)) {
				throw error;
			}
		}
	}

	throw new Error('No Python runs here to read settings.py with. Install it: apt-get install python3-minimal');
}

const launcher = String.raw`
import shutil

def words(name):
    """Of the default database; CannotTell is raised for what cannot be told from the file."""
    table = default_database(read_settings(sys.argv[1]))
    plain = lambda value: scalars([known(value)])[0]
    found = {key: str(plain(table.get(key, '')) or '') for key in ('HOST', 'PORT', 'USER', 'PASSWORD', 'NAME')}
    options = known(table.get('OPTIONS', Table()))
    if isinstance(options, Table):
        for key, value in options.items():
            inner = known(value)
            if isinstance(inner, Table):
                found.update({str(key) + '.' + str(each): str(plain(inner[each])) for each in inner})
            elif isinstance(inner, (str, int)):
                found[str(key)] = str(inner)
    if name:
        found['NAME'] = name
    return found

def apart(work):
    """Reading has its own limits of time and memory, which the tool must not inherit."""
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result = work()
        except (CannotTell, Unreadable) as error:
            result = {'why': str(error)}
        except BaseException:
            result = {'why': 'its text is not understood'}
        os.write(start, json.dumps(result).encode())
        os._exit(0)
    os.close(start)
    with os.fdopen(end, 'rb') as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text.decode() or '{"why": "it takes too long to read"}')

def postgresql(word):
    names = {'HOST': 'PGHOST', 'PORT': 'PGPORT', 'USER': 'PGUSER', 'PASSWORD': 'PGPASSWORD', 'NAME': 'PGDATABASE',
        'sslmode': 'PGSSLMODE', 'sslrootcert': 'PGSSLROOTCERT', 'sslcert': 'PGSSLCERT', 'sslkey': 'PGSSLKEY',
        'passfile': 'PGPASSFILE', 'service': 'PGSERVICE'}
    os.environ.update({there: word[here] for here, there in names.items() if word.get(here)})
    return []

def mysql(word):
    names = {'USER': 'user', 'PASSWORD': 'password', 'PORT': 'port', 'unix_socket': 'socket', 'ssl.ca': 'ssl-ca',
        'ssl.cert': 'ssl-cert', 'ssl.key': 'ssl-key'}
    values = {there: word[here] for here, there in names.items() if word.get(here)}
    if word['HOST'].startswith('/'):
        values['socket'] = word['HOST']
    elif word['HOST']:
        values['host'] = word['HOST']
    quoted = lambda text: '"' + text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('\r', '\\r').replace('\t', '\\t') + '"'
    file = os.memfd_create('options', 0)
    # The tools pass over an option file that others could write.
    os.fchmod(file, 0o600)
    os.write(file, ('[client]\n' + ''.join(key + '=' + quoted(value) + '\n' for key, value in values.items())).encode())
    os.set_inheritable(file, True)
    given = '--defaults-extra-file' if word.get('read_default_file') is None else '--defaults-file'
    return ['%s=/proc/self/fd/%d' % (given, file)]

def feed(files):
    """All of them, one after the other, as standard input."""
    end, start = os.pipe()
    if os.fork() == 0:
        os.close(end)
        try:
            with os.fdopen(start, 'wb') as pipe:
                for name in files:
                    with open(name, 'rb') as file:
                        shutil.copyfileobj(file, pipe)
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.close(start)
    os.dup2(end, 0)

def become():
    kind, name, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
    word = apart(lambda: words(name))
    if 'why' in word:
        os.write(2, ('How to reach the database cannot be told from settings.py: ' + word['why'] + '\n').encode())
        os._exit(78)
    files, (tool, *rest) = sys.argv[5:5 + count], sys.argv[5 + count:]
    first = postgresql(word) if kind == 'postgresql' else mysql(word)
    if files:
        feed(files)
    os.execv(tool, [tool] + first + [word['NAME'] if each == '@database' else each for each in rest])

become()
`;
