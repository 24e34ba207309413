import type {Finding} from '../engine/state.js';
import {CommandError, type Runner} from '../host/process.js';
import type {DatabaseKind} from './requirement-rules.js';

export type Settings = {
	readonly database: Database;
	/** How OMFLOW is reached on its own host. */
	readonly endpoint: Endpoint;
	/** What could not be told from the file. */
	readonly findings: readonly Finding[];
};

export type Database = {
	/** As in settings.py; empty when it cannot be told. */
	readonly engine: string;
	readonly kind: DatabaseKind;
	/** Absolute path; only for SQLite. */
	readonly file?: string;
};

export type Endpoint = {readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number};

/** A value, or why it cannot be told without running the file. */
type Told = {readonly value?: string | number; readonly why?: string};

type Answer =
	| {readonly error: string}
	| {readonly engine: Told; readonly name: Told; readonly protocol: Told; readonly port: Told; readonly type: Told};

/**
Reads what is needed from Django's settings without importing them: importing would run the customer's code
and OMFLOW's start-up. A small Python program takes the syntax tree and works out literals, paths joined from
BASE_DIR, and names assigned before. Passwords do not leave it: only the values named here are printed.
Throws when the file is not there or is not Python.

@param python - An interpreter of about the version the settings were written for.
*/
export async function readSettings(runner: Runner, python: string, file: string): Promise<Settings> {
	let answer: Answer;
	try {
		const {stdout} = await runner.capture([python, '-I', '-c', reader, file], {shownAs: `read ${file}`});
		answer = JSON.parse(stdout) as Answer;
	} catch (error) {
		const evidence = error instanceof CommandError ? (error.lastOutput.split('\n').at(-1) ?? '') : 'no answer';
		throw new Error(`${file} cannot be read with ${python} (${evidence}). Check that this Python runs.`);
	}

	if ('error' in answer) {
		throw new Error(
			`${file} cannot be read: ${answer.error}. OMFLOW itself could not start with it; put it right first.`,
		);
	}

	const findings: Finding[] = [];
	const cannotTell = (what: string, told: Told, taken: string) => {
		findings.push({
			severity: 'warning',
			id: `settings-${what.toLowerCase().replaceAll('_', '-')}`,
			sentence: `${what} cannot be told from settings.py; ${taken}.`,
			evidence: told.why ?? 'unexpected value',
			remedy: `Check ${what} in ${file}.`,
		});
	};

	const {engine, name} = answer;
	if (typeof engine.value !== 'string') {
		cannotTell('DATABASES', engine, 'its database is treated as unknown');
	}

	const engineName = typeof engine.value === 'string' ? engine.value : '';
	const kind = kindOf(engineName);
	const database: {engine: string; kind: DatabaseKind; file?: string} = {engine: engineName, kind};
	if (kind === 'sqlite') {
		if (typeof name.value === 'string' && name.value.startsWith('/')) {
			database.file = name.value;
		} else {
			cannotTell('DATABASES NAME', name, 'the database file is not known');
		}
	}

	const protocol = String(answer.protocol.value ?? '').toLowerCase() === 'https' ? 'https' : 'http';
	const standard = protocol === 'https' ? 443 : 80;
	const port = Number(answer.port.value ?? Number.NaN);
	const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
	if (!isPort) {
		cannotTell('LOCAL_PORT', answer.port, `${standard} is taken`);
	}

	return {database, endpoint: {protocol, host: '127.0.0.1', port: isPort ? port : standard}, findings};
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

// Works from Python 3.6 on. Messages name kinds of expressions, never their content, which may be a password.
const reader = `
import ast, json, os, sys

class CannotTell(Exception):
    pass

path = os.path.abspath(sys.argv[1])
names = {}

def dotted(node):
    if isinstance(node, ast.Attribute):
        return dotted(node.value) + '.' + node.attr
    return node.id if isinstance(node, ast.Name) else '?'

class Dir(str):
    """A pathlib path: / joins, .parent goes up."""

def work_out(node):
    try:
        return ast.literal_eval(node)
    except Exception:
        pass
    if isinstance(node, ast.Name):
        if node.id == '__file__':
            return path
        if node.id in names:
            value = names[node.id]
            if isinstance(value, CannotTell):
                raise value
            return value
        raise CannotTell('the name ' + node.id)
    if isinstance(node, ast.Dict):
        result = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                raise CannotTell('a merged dictionary')
            try:
                result[work_out(key)] = work_out(value)
            except CannotTell as reason:
                result[work_out(key)] = reason
        return result
    if isinstance(node, ast.BinOp):
        left, right = work_out(node.left), work_out(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return left + right
        if isinstance(node.op, ast.Div) and isinstance(left, Dir):
            return Dir(os.path.join(left, right))
        raise CannotTell('a calculation')
    if isinstance(node, ast.JoinedStr):
        return ''.join(str(work_out(part.value if isinstance(part, ast.FormattedValue) else part)) for part in node.values)
    if isinstance(node, ast.Attribute) and node.attr == 'parent':
        return Dir(os.path.dirname(work_out(node.value)))
    if isinstance(node, ast.Subscript):
        if dotted(node.value).endswith('environ'):
            raise CannotTell('a look-up in the environment of the process')
        try:
            index = node.slice.value if isinstance(node.slice, getattr(ast, 'Index', ())) else node.slice
            value = work_out(node.value)[work_out(index)]
        except CannotTell:
            raise
        except Exception:
            raise CannotTell('a look-up')
        if isinstance(value, CannotTell):
            raise value
        return value
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ('resolve', 'absolute') and not node.args:
            return Dir(os.path.abspath(work_out(node.func.value)))
        name = dotted(node.func)
        if name.endswith(('environ.get', 'getenv')):
            raise CannotTell('a look-up in the environment of the process')
        known = {
            'os.path.join': os.path.join, 'path.join': os.path.join, 'join': os.path.join,
            'os.path.dirname': os.path.dirname, 'path.dirname': os.path.dirname, 'dirname': os.path.dirname,
            'os.path.abspath': os.path.abspath, 'path.abspath': os.path.abspath, 'abspath': os.path.abspath,
            'os.path.realpath': os.path.realpath, 'os.path.normpath': os.path.normpath,
            'str': str, 'int': int, 'Path': Dir, 'pathlib.Path': Dir,
        }
        if name in known and not node.keywords:
            try:
                return known[name](*[work_out(argument) for argument in node.args])
            except CannotTell:
                raise
            except Exception:
                raise CannotTell('a call of ' + name)
        raise CannotTell('a call of ' + name)
    raise CannotTell('an expression (' + type(node).__name__ + ')')

def assign(targets, value):
    for target in targets:
        if isinstance(target, ast.Name):
            try:
                names[target.id] = work_out(value)
            except CannotTell as reason:
                names[target.id] = reason
            except Exception:
                names[target.id] = CannotTell('an unusual expression')
        else:
            doubt(target, 'it is changed after its assignment')

def doubt(target, why):
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    if isinstance(target, ast.Name):
        names[target.id] = CannotTell(why)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            doubt(part, why)

def read(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign):
            assign(node.targets, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            assign([node.target], node.value)
        elif isinstance(node, ast.ImportFrom) and any(alias.name == '*' for alias in node.names):
            for name in wanted:
                names[name] = CannotTell('another file is imported over it')
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            if node.value.func.attr in ('update', 'setdefault', 'pop'):
                doubt(node.value.func.value, 'it is changed after its assignment')
        else:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Assign):
                    for target in inner.targets:
                        doubt(target, 'it is assigned under a condition')
                elif isinstance(inner, ast.AugAssign):
                    doubt(inner.target, 'it is changed after its assignment')

wanted = ('DATABASES', 'LOCAL_PROTOCOL', 'LOCAL_PORT', 'OMFLOW_TYPE')

def tell(value):
    if isinstance(value, CannotTell):
        return {'why': str(value)}
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return {'value': value}
    return {'why': 'it is not set'} if value is None else {'why': 'unexpected kind of value'}

def main():
    try:
        with open(path, 'rb') as file:
            tree = ast.parse(file.read())
    except OSError as error:
        return {'error': error.strerror}
    except SyntaxError as error:
        return {'error': 'it is not valid Python %d.%d in line %s' % (sys.version_info[0], sys.version_info[1], error.lineno)}
    except ValueError:
        return {'error': 'it holds bytes that are not text'}
    read(tree)
    databases = names.get('DATABASES')
    default = databases.get('default') if isinstance(databases, dict) else databases
    if not isinstance(default, dict):
        engine = name = default
    else:
        engine, name = default.get('ENGINE'), None
        # A name of another kind of database is not needed, so it is not told.
        if isinstance(engine, str) and 'sqlite' in engine:
            name = default.get('NAME')
            if isinstance(name, str):
                # SQLite takes a relative name from the directory manage.py runs in.
                name = os.path.normpath(os.path.join(os.path.dirname(os.path.dirname(path)), name))
    return {
        'engine': tell(engine), 'name': tell(name), 'protocol': tell(names.get('LOCAL_PROTOCOL')),
        'port': tell(names.get('LOCAL_PORT')), 'type': tell(names.get('OMFLOW_TYPE')),
    }

print(json.dumps(main()))
`;
