/**
A program for Python 3.6 and later that finds names in source files by their syntax trees, and neither imports nor runs
a file. Reads lines of JSON: first `{roots, gone, refused, methods}`, then a path a line; prints a line of JSON for
every path, in order: `{places, imports}`, or `{syntax}`, the line that is no Python, or `{unread}`, the reason. A place
is `[line, name, text, loaded]`, with `loaded` telling that it is met whenever the file is loaded; imports are what a
file of `omcustom` then imports of it, by dotted names, relative ones with their dots.

Files are hostile: trees that crash or hold up an interpreter exist, so a child reads them, and when it ends, the parent
gives the file in hand up and goes on with the next. What is only perhaps one of the names is left out: names bound
twice, imports whose failure the file itself catches, and what stands under a question for a version.
*/
export const importReader = String.raw`
import ast, json, os, re, resource, signal, stat, sys

MOST_BYTES = 2 * 1024 * 1024
TRIES = (ast.Try, ast.TryStar) if hasattr(ast, 'TryStar') else (ast.Try,)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ANY = {'Exception', 'BaseException'}

def last(node):
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, 'id', '')

def caught(node):
    """Names of what a handler, or suppress(), catches; a bare except catches all."""
    if node is None:
        return ANY
    return {last(part) for part in (node.elts if isinstance(node, ast.Tuple) else [node])}

class State:
    """Whether a place is met whenever the file is loaded, and whether the file copes with failing imports or uses."""
    def __init__(self, loaded=True, import_safe=False, use_safe=False):
        self.loaded, self.import_safe, self.use_safe = loaded, import_safe, use_safe

    def later(self):
        return State(False, self.import_safe, self.use_safe)

    def catching(self, names):
        both = bool(names & ANY)
        return State(
            self.loaded,
            self.import_safe or both or bool(names & {'ImportError', 'ModuleNotFoundError'}),
            self.use_safe or both or 'AttributeError' in names,
        )

SAFE = State(False, True, True)

class Reader:
    def __init__(self, tree, table, path):
        self.table = table
        self.names = set(table['gone']) | (set() if '/migrations/' in path else set(table['refused']))
        self.directories = [os.path.dirname(path)] + table['roots']
        # Local name to the dotted name it stands for; None when that is not sure.
        self.aliases, self.stars, self.imported, self.places = {}, [], set(), []
        self.deferred, self.loads = False, set()
        # Django calls it when it starts.
        self.ready = [
            item for node in tree.body if isinstance(node, ast.ClassDef) for item in node.body
            if isinstance(item, FUNCTIONS) and item.name == 'ready' and re.search(r'/apps(/__init__)?\.py$', path)
        ]
        for node in ast.walk(tree):
            self.bind(node)
        self.walk_all(tree.body, State())

    def bind(self, node):
        if isinstance(node, ast.Import):
            for alias in node.names:
                full = alias.name if alias.asname else alias.name.split('.')[0]
                self.alias(alias.asname or full, full)
        elif isinstance(node, ast.ImportFrom):
            self.deferred = self.deferred or node.module == '__future__' and any(a.name == 'annotations' for a in node.names)
            for alias in node.names:
                full = None if node.level else node.module + '.' + alias.name
                if alias.name == '*':
                    self.stars += [] if node.level else [node.module]
                else:
                    self.alias(alias.asname or alias.name, full)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.aliases[node.id] = None
        elif isinstance(node, ast.arg):
            self.aliases[node.arg] = None
        elif isinstance(node, FUNCTIONS + (ast.ClassDef, ast.ExceptHandler)) and node.name:
            self.aliases[node.name] = None

    def alias(self, name, full):
        self.aliases[name] = full if self.aliases.get(name, full) == full else None

    def resolve(self, node):
        """What a chain of names stands for, as the alias it begins with and the whole; None when not sure."""
        if isinstance(node, ast.Attribute):
            inner = self.resolve(node.value)
            return inner and (inner[0], inner[1] + '.' + node.attr)
        full = self.aliases.get(node.id) if isinstance(node, ast.Name) else None
        return full and (full, full)

    def key(self, full):
        parts = full.split('.')
        for count in range(1, len(parts) + 1):
            key = '.'.join(parts[:count])
            if key in self.names and not (count == 1 and self.is_own(key)):
                return key
        return None

    def is_own(self, module):
        """A module of the customer's own that is called as one that Python had."""
        return any(os.path.exists(os.path.join(at, module + end)) for at in self.directories for end in ('', '.py'))

    def found(self, node, key, text, loaded):
        if len(self.places) < 1000:
            self.places.append([node.lineno, key, text[:120], loaded])

    def load(self, name, state):
        """A module of the customer's own, or a name in one, that is imported with this file."""
        if re.match(r'\.|omcustom(\.|$)', name) and state.loaded and not state.import_safe:
            if len(name) < 500 and len(self.loads) < 1000:
                self.loads.add(name)

    def imports(self, node, full, text, state):
        key = self.key(full)
        if key:
            self.imported.add(key)
            if not state.import_safe:
                self.found(node, key, text, state.loaded)
        return key

    def uses(self, node, alias, full, state):
        key = self.key(full)
        # What an import already brought up is not said again at every use.
        if key and key != self.key(alias) and key not in self.imported and not state.use_safe:
            self.found(node, key, full, state.loaded)

    def walk_all(self, nodes, state):
        for node in nodes:
            self.walk(node, state)

    def walk(self, node, state):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.load(alias.name, state)
                self.imports(node, alias.name, 'import ' + alias.name, state)
        elif isinstance(node, ast.ImportFrom):
            module = '.' * node.level + (node.module or '')
            for alias in node.names:
                self.load(module + ('' if module.endswith('.') else '.') + alias.name.strip('*'), state)
            if not node.level:
                start = 'from ' + node.module + ' import '
                names = [alias.name for alias in node.names]
                if not (self.key(node.module) and self.imports(node, node.module, start + ', '.join(names), state)):
                    for name in names:
                        self.imports(node, node.module + '.' + name, start + name, state)
        elif isinstance(node, ast.Attribute):
            resolved = self.resolve(node)
            if resolved:
                self.uses(node, resolved[0], resolved[1], state)
            else:
                if node.attr in self.table['methods'] and last(node.value).lower() in ('request', 'req') and not state.use_safe:
                    self.found(node, node.attr, last(node.value) + '.' + node.attr, False)
                self.walk(node.value, state)
        elif isinstance(node, ast.Name):
            if node.id not in self.aliases and isinstance(node.ctx, ast.Load):
                for module in self.stars:
                    self.uses(node, module, module + '.' + node.id, state)
        elif isinstance(node, ast.Call):
            if last(node.func) in ('include', 'import_module') and node.args:
                # include() takes a pair too, of which the second part is a name for the first.
                first = node.args[0].elts[:1] if isinstance(node.args[0], ast.Tuple) else node.args[:1]
                # ast.Str until Python 3.7.
                names = [getattr(part, 'value', getattr(part, 's', None)) for part in first]
                self.load(next((name for name in names if isinstance(name, str)), ''), state)
            resolved = self.resolve(node.func)
            for keyword in node.keywords if resolved else []:
                self.uses(node, resolved[0], '%s(%s)' % (resolved[1], keyword.arg), state)
            self.walk_all(ast.iter_child_nodes(node), state)
        elif isinstance(node, TRIES):
            names = set().union(*[caught(handler.type) for handler in node.handlers])
            inner = state.catching(names)
            self.walk_all(node.body, inner)
            # A handler runs only where the body failed: there is the way of the old version.
            for handler in node.handlers:
                self.walk_all(handler.body, SAFE if inner.import_safe or inner.use_safe else state.later())
            self.walk_all(node.orelse + node.finalbody, state)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            inner = state
            for item in node.items:
                self.walk(item, state)
                if isinstance(item.context_expr, ast.Call) and last(item.context_expr.func) == 'suppress':
                    inner = inner.catching(set().union(*[caught(argument) for argument in item.context_expr.args]))
            self.walk_all(node.body, inner)
        elif isinstance(node, ast.If):
            self.walk(node.test, state)
            words = {last(part) for part in ast.walk(node.test)}
            asks = words & {'version_info', 'hexversion', 'VERSION', 'get_version', 'PY2', 'PY3', 'hasattr'}
            self.walk_all(node.body, SAFE if asks or 'TYPE_CHECKING' in words else state.later())
            self.walk_all(node.orelse, SAFE if asks else state if 'TYPE_CHECKING' in words else state.later())
        elif isinstance(node, FUNCTIONS):
            arguments = node.args
            now = node.decorator_list + arguments.defaults + [default for default in arguments.kw_defaults if default]
            self.walk_all(now, state)
            if not self.deferred:
                every = getattr(arguments, 'posonlyargs', []) + arguments.args + arguments.kwonlyargs + [arguments.vararg, arguments.kwarg]
                notes = [each.annotation for each in every if each] + [node.returns]
                self.walk_all([note for note in notes if note], state)
            self.walk_all(node.body, state if node in self.ready else state.later())
        elif isinstance(node, ast.Lambda):
            self.walk(node.args, state)
            self.walk(node.body, state.later())
        elif isinstance(node, ast.AnnAssign):
            self.walk_all([node.target] + ([node.value] if node.value else []), state)
            if not self.deferred:
                self.walk(node.annotation, state)
        else:
            self.walk_all(ast.iter_child_nodes(node), state)

def read(path, table):
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, 'rb') as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return {'unread': 'it is no file'}
            if status.st_size > MOST_BYTES:
                return {'unread': 'it is larger than 2 MiB'}
            text = file.read(MOST_BYTES)
        tree = ast.parse(text)
        # Most flows have none of the names, and looking for the words is faster than walking a tree.
        if not any(word in text for word in table['words'] + ([b'import', b'include'] if '/omcustom/' in path else [])):
            return {'places': [], 'imports': []}
        reader = Reader(tree, table, path)
        return {'places': reader.places, 'imports': sorted(reader.loads)}
    except OSError as error:
        return {'unread': error.strerror}
    except SyntaxError as error:
        return {'syntax': error.lineno or 1}
    except ValueError:
        return {'unread': 'it holds bytes that are not text'}
    except (RecursionError, MemoryError):
        return {'unread': 'it is nested too deeply'}

def child(paths, table, output):
    limit = 1024 * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(5000)
    for path in paths:
        signal.alarm(3)
        os.write(output, (json.dumps(read(path, table)) + '\n').encode())

def main():
    table, *paths = [json.loads(line) for line in sys.stdin.buffer]
    names = table['gone'] + table['refused'] + table['methods']
    table['words'] = [name.replace('(', '.').rstrip(')').split('.')[-1].encode() for name in names]
    done = 0
    while done < len(paths):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                child(paths[done:], table, writer)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as lines:
            for line in lines:
                if line.endswith('\n'):
                    done += 1
                    sys.stdout.write(line)
        os.waitpid(pid, 0)
        if done < len(paths):
            done += 1
            print(json.dumps({'unread': 'it takes too much to read'}))

main()
`;
