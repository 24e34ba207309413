import {access, constants} from 'node:fs/promises';
import {CommandError, type Runner, type RunOptions, showCommand} from '../host/process.js';
import {t} from '../locales/index.js';
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
by the environment, those of MySQL by an option file that is a pipe. The word `@database` among the arguments becomes the
name of the database; `sources` are what the tool reads, one after the other, as its standard input: files, and the
output of programs. It ends well only if all of them came to their end.
*/
export async function runTool(
	runner: Runner,
	reached: Reached,
	argv: readonly string[],
	{sources = [], ...options}: RunOptions & {readonly sources?: readonly Source[]} = {},
): Promise<void> {
	await named(argv, runner.run(launch(reached, argv, sources), {shownAs: showCommand(argv), ...options}));
}

/** The path of a file, or a program with its arguments. */
export type Source = string | readonly string[];

/** The same for statements that the tool reads and answers shortly: returns what it printed. */
export async function askTool(
	runner: Runner,
	reached: Reached,
	argv: readonly string[],
	options: Pick<RunOptions, 'input' | 'timeout'> = {},
): Promise<string> {
	const asked = runner.capture(launch(reached, argv, []), {shownAs: showCommand(argv), ...options});
	return (await named(argv, asked)).stdout.trim();
}

/** A failure is the tool's, not that of the program which became it. */
async function named<Result>(argv: readonly string[], result: Promise<Result>): Promise<Result> {
	return result.catch((error: unknown) => {
		throw error instanceof CommandError
			? new CommandError(argv, error.exitCode, error.signal, error.lastOutput)
			: error;
	});
}

function launch({kind, name = '', python, settings}: Reached, argv: readonly string[], sources: readonly Source[]) {
	return [python, '-I', '-c', settingsReader + launcher, settings, kind, name, JSON.stringify(sources), ...argv];
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

	throw new Error(t('No Python runs here to read settings.py with. Install it: apt-get install python3-minimal'));
}

const launcher = String.raw`
import shutil, subprocess

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
    end, start = os.pipe()
    os.write(start, ('[client]\n' + ''.join(key + '=' + quoted(value) + '\n' for key, value in values.items())).encode())
    os.close(start)
    os.set_inheritable(end, True)
    given = '--defaults-extra-file' if word.get('read_default_file') is None else '--defaults-file'
    return ['%s=/proc/self/fd/%d' % (given, end)]

def feed(sources, argv):
    # Runs the tool on all sources. A tool that waits for the end of a transaction gets none where one is cut.
    end, start = os.pipe()
    tool = os.fork()
    if tool == 0:
        os.dup2(end, 0)
        os.close(start)
        os.execv(argv[0], argv)
    os.close(end)
    whole = True
    try:
        with os.fdopen(start, 'wb') as pipe:
            for source in sources:
                if isinstance(source, str):
                    with open(source, 'rb') as file:
                        shutil.copyfileobj(file, pipe, 1 << 20)
                else:
                    pipe.flush()
                    subprocess.run(source, stdin=subprocess.DEVNULL, stdout=pipe, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        whole = False
        why = str(error)
    _, status = os.waitpid(tool, 0)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    if code == 0 and not whole:
        os.write(2, ('The dump could not be read to its end: ' + why + '\n').encode())
        code = 1
    os._exit(code)

def become():
    kind, name, sources = sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
    word = apart(lambda: words(name))
    if 'why' in word:
        os.write(2, ('How to reach the database cannot be told from settings.py: ' + word['why'] + '\n').encode())
        os._exit(78)
    tool, *rest = sys.argv[5:]
    first = postgresql(word) if kind == 'postgresql' else mysql(word)
    argv = [tool] + first + [word['NAME'] if each == '@database' else each for each in rest]
    if sources:
        feed(sources, argv)
    os.execv(tool, argv)

become()
`;
