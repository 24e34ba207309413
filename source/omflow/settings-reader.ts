import {settingsExpressions} from './settings-expressions.js';

/**
A Python program's first part, as text: it defines `read_settings(path)`, which works out the names of a Django
settings file from its syntax tree. Nothing of the file is imported or run. Append a `main` of your own, and start it
with `python -I -c`. It runs on Python 3.6 and all later ones.

`read_settings` returns a dictionary of what the file's names hold at its end: text, numbers, `Table` (a dictionary),
`Row` (a list), tuples, paths, or `CannotTell` with the reason. It raises `Unreadable` with the end of a sentence. What
it cannot be sure of, it does not guess: a name that is set inside a block, a list that is given to an unknown
function, and every other name of the same list, hold `CannotTell`. `answer(main)` prints what `main` returns as JSON,
or `{"error", "broken"}`; broken means that Django cannot read the file either.

Reasons name kinds of expressions, functions and environment variables, never a value, which may be a password. For the
same reason nothing is written to stderr and no core is dumped.
*/
export const settingsReader = `${settingsExpressions}${String.raw`
sys.stderr = open(os.devnull, 'w')
warnings.simplefilter('ignore')
LARGEST, MEMORY, SECONDS = 4 << 20, 1 << 30, 20

class Unreadable(Exception):
    def __init__(self, why, broken=True):
        Exception.__init__(self, why)
        self.broken = broken

# These change none of what they are given.
HARMLESS = set(BUILTINS) | set('''print len bool float set sorted isinstance hasattr any all range open zip min max repr
    Path get getenv items keys values copy join format split strip rstrip lstrip lower upper replace encode decode
    startswith endswith resolve absolute joinpath dirname basename abspath realpath normpath exists isfile isdir
    read gettext_lazy ugettext_lazy _'''.split())

def is_harmless(call):
    return getattr(call.func, 'attr', getattr(call.func, 'id', None)) in HARMLESS

def bound(node):
    """Names a piece of code binds, whether it is run or not; * for those of a star import."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.alias):
            yield inner.asname or inner.name.split('.')[0]
        elif isinstance(inner, ast.Name):
            if not isinstance(inner.ctx, ast.Load):
                yield inner.id
        else:
            for field in ('name', 'rest'):
                if isinstance(getattr(inner, field, None), str):
                    yield getattr(inner, field)

def mentioned(node):
    return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]

def changes(node):
    return any(
        isinstance(inner, ast.AugAssign)
        or isinstance(inner, (ast.Subscript, ast.Attribute)) and not isinstance(inner.ctx, ast.Load)
        or isinstance(inner, ast.Call) and not is_harmless(inner)
        for inner in ast.walk(node)
    )

def is_reflection(node):
    """Ways to set names of this file without naming them."""
    return (
        isinstance(node, ast.Name) and node.id in ('globals', 'locals', 'vars', 'exec', 'execfile')
        or isinstance(node, ast.Attribute) and node.attr in ('modules', '__dict__', '_getframe', 'currentframe')
        or isinstance(node, ast.ImportFrom) and (node.module or '').startswith('split_settings')
    )

class Reader(Expressions):
    def __init__(self, path):
        Expressions.__init__(self, path)
        # Names that functions change, which may be called at any time; why every name is in doubt.
        self.never, self.star = set(), None

    def read(self, tree):
        # A function of the file's own is not known by a name that Python, or a library, has for another.
        libraries = [
            node for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] in ('os', 'pathlib', 'django')
        ]
        HARMLESS.difference_update(set(bound(tree)) - {name for node in libraries for name in bound(node)})
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                self.never.update(bound(node), mentioned(node) if changes(node) else ())
        for node in tree.body:
            self.statement(node)
        if any(is_reflection(node) for node in ast.walk(tree)):
            self.doubt_all('the file changes its own names while it runs')

    def statement(self, node):
        if isinstance(node, ast.Assign) or isinstance(node, ast.AnnAssign) and node.value is not None:
            value = self.attempt(node.value)
            self.effects(node.value)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.store(target, value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.augment(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split('.')[0]
                self.bind(alias.asname or first, Imported(alias.name if alias.asname else first))
        elif isinstance(node, ast.ImportFrom) and node.names[0].name != '*':
            for alias in node.names:
                self.bind(alias.asname or alias.name, Imported('.' * node.level + (node.module or '') + '.' + alias.name))
        elif isinstance(node, ast.Expr):
            self.effects(node.value)
        elif not isinstance(node, ast.AnnAssign):
            self.block(node)

    def bind(self, name, value):
        if name in self.never:
            spoil([value], 'a function changes it')
            value = CannotTell('a function changes it')
        self.names[name] = value

    def doubt(self, name, why, reach=()):
        self.bind(name, CannotTell(why, [self.names.get(name)] + list(reach)))

    def doubt_all(self, why):
        """Modules are taken to stay what they are."""
        self.star = why
        values = [value for value in self.names.values() if not isinstance(value, Imported)]
        spoil(values, why)
        for name in self.names:
            if not isinstance(self.names[name], Imported):
                self.names[name] = CannotTell(why)

    def store(self, target, value):
        if isinstance(target, ast.Name):
            return self.bind(target.id, value)
        if isinstance(target, ast.Subscript):
            table, key = self.attempt(target.value), self.attempt(target.slice)
            if isinstance(table, Table) and not table.why and isinstance(key, (str, int)):
                table[key] = value
                return
        inner = target
        while isinstance(inner, (ast.Subscript, ast.Attribute)):
            inner = inner.value
        if inner is not target and not isinstance(inner, ast.Name):
            return self.doubt_all('the file changes something unknown')
        why = 'it is changed after its assignment'
        for name in set(mentioned(target)):
            spoil([self.names.get(name)], why)
            self.doubt(name, why, [value])

    def augment(self, node):
        left, right = self.attempt(ast.Name(id=node.target.id, ctx=ast.Load())), self.attempt(node.value)
        self.effects(node.value)
        if isinstance(left, Row) and isinstance(right, (Row, tuple)) and isinstance(node.op, ast.Add):
            left.extend(right)
            if not left.why and not getattr(right, 'why', None) and len(left) <= LONGEST:
                return self.bind(node.target.id, left)
        elif not isinstance(left, (Row, CannotTell)) and not isinstance(right, CannotTell):
            try:
                return self.bind(node.target.id, small(self.combine(node.op, left, right)))
            except Exception:
                pass
        spoil([left, self.names.get(node.target.id)], 'it is changed after its assignment')
        self.doubt(node.target.id, 'it is changed after its assignment')

    def effects(self, node):
        """What evaluating an expression may change."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and not is_harmless(inner):
                spoil([self.names.get(name) for name in mentioned(inner)], 'it may be changed by a call')
            elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                self.doubt(inner.id, 'it is set inside an expression')

    def block(self, node):
        values = [CannotTell('', [self.names.get(name) for name in set(mentioned(node))])]
        if changes(node):
            spoil(values, 'it may be changed inside a block')
        for name in set(bound(node)):
            if name == '*':
                self.doubt_all('another file is imported over it')
            else:
                self.doubt(name, 'it is set inside a block, or deleted', values)

def read_settings(path):
    path = os.path.abspath(path)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    reader = Reader(path)
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Unreadable('it is not a file')
        with open(path, 'rb') as file:
            source = file.read(LARGEST + 1)
        if len(source) > LARGEST:
            raise Unreadable('it is larger than 4 MiB', False)
        if b'\0' in source:
            raise Unreadable('it holds bytes that are not text')
        reader.read(ast.parse(source))
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(error.strerror or 'it cannot be opened')
    except SyntaxError as error:
        version = 'it is not valid Python %d.%d' % sys.version_info[:2]
        raise Unreadable(version + (' in line %s' % error.lineno if error.lineno else ''))
    except UnicodeError:
        raise Unreadable('it holds bytes that are not text')
    except (MemoryError, RecursionError):
        raise Unreadable('it is nested too deeply, or too large', False)
    except Exception:
        raise Unreadable('its text is not understood', False)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return Names(reader.names, CannotTell(reader.star) if reader.star else NOT_SET)

class Names(dict):
    def __init__(self, names, missing):
        dict.__init__(self, names)
        self.missing = missing

    def __missing__(self, name):
        return self.missing

def default_database(names):
    """The dictionary of the default database; CannotTell is raised."""
    table = known(names['DATABASES'])
    if isinstance(table, Table):
        table = known(table.get('default', NOT_SET))
    if not isinstance(table, Table):
        raise CannotTell('it is imported' if isinstance(table, Imported) else 'it is no dictionary')
    return table

def answer(main):
    try:
        result = main()
    except Unreadable as reason:
        result = {'error': str(reason), 'broken': reason.broken}
    except BaseException:
        result = {'error': 'its text is not understood', 'broken': False}
    sys.stdout.write(json.dumps(result))
`}`;
