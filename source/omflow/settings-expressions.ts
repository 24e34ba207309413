/**
The part of `settings-reader.ts` that works out expressions, a Python text: the values it knows, and `Expressions`,
whose `work_out` returns what a node of the syntax tree is, or raises `CannotTell`. Only what cannot be otherwise is
worked out: literals, names, text put together, paths, and calls of the functions named here.
*/
export const settingsExpressions = String.raw`
import ast, json, os, re, resource, sys, warnings
from pathlib import PurePosixPath

LONGEST, DEEPEST = 1 << 16, 150

class CannotTell(Exception):
    """Why a value cannot be told; reach holds the containers it might be, or hold."""
    def __init__(self, why, reach=()):
        Exception.__init__(self, why)
        self.reach = list(reach)

class Table(dict):
    why = None

class Row(list):
    why = None

class Imported:
    def __init__(self, name):
        self.name = name

NOT_SET = CannotTell('it is not set')
SCALARS = (str, int, float, type(None), PurePosixPath)
BUILTINS = ('str', 'int', 'dict', 'list', 'tuple')
PATHS = {'pathlib.' + name for name in ('Path', 'PurePath', 'PosixPath', 'PurePosixPath')}

def known(value):
    if isinstance(value, CannotTell):
        raise CannotTell(str(value))
    if isinstance(value, (Table, Row)) and value.why:
        raise CannotTell(value.why)
    return value

def spoil(values, why):
    """Containers that may be changed by something unknown, under whatever names they go."""
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, CannotTell):
            pending.extend(value.reach)
            value.reach = []
        elif isinstance(value, (Table, Row)):
            pending.extend(value.values() if isinstance(value, Table) else value)
            value.clear()
            value.why = why
        elif isinstance(value, tuple):
            pending.extend(value)

def small(value):
    if isinstance(value, (str, list, tuple)) and len(value) > LONGEST:
        raise CannotTell('a long value')
    return value

def scalars(values):
    for value in values:
        if not isinstance(known(value), SCALARS):
            raise CannotTell('an unusual value')
    return list(values)

def shown(name):
    return name if re.match(r'[A-Za-z_.][\w.]{0,60}\Z', name, re.ASCII) else 'something'

def environment(argument):
    name = getattr(argument, 'value', getattr(argument, 's', None))
    name = getattr(name, 's', getattr(name, 'value', name))
    if isinstance(name, str) and re.match(r'[A-Za-z_]\w{0,60}\Z', name, re.ASCII):
        return CannotTell('the environment variable ' + name)
    return CannotTell('an environment variable')

class Expressions:
    def __init__(self, path):
        self.path, self.names, self.depth = path, {}, 0

    def work_out(self, node):
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise CannotTell('a deep expression')
            kind = type(node).__name__
            if not hasattr(self, 'of_' + kind):
                raise CannotTell('an expression (' + kind + ')')
            return small(known(getattr(self, 'of_' + kind)(node)))
        finally:
            self.depth -= 1

    def attempt(self, node):
        try:
            return self.work_out(node)
        except CannotTell as reason:
            why = str(reason)
        except Exception:
            why = 'an unusual expression'
        return CannotTell(why, [self.names.get(name) for name in mentioned(node)])

    def of_Constant(self, node):
        return ast.literal_eval(node)

    of_Str = of_Num = of_Bytes = of_NameConstant = of_Constant

    def of_Name(self, node):
        if node.id in self.names:
            return self.names[node.id]
        if node.id == '__file__':
            return self.path
        if node.id in BUILTINS:
            return Imported('builtins.' + node.id)
        raise CannotTell('the name ' + shown(node.id))

    def of_Dict(self, node):
        result = Table()
        for key, value in zip(node.keys, node.values):
            if key is None:
                raise CannotTell('a merged dictionary')
            result[scalars([self.work_out(key)])[0]] = self.attempt(value)
        return result

    def items(self, nodes):
        if any(isinstance(node, ast.Starred) for node in nodes):
            raise CannotTell('an unpacked list')
        return [self.attempt(node) for node in nodes]

    def of_List(self, node):
        return Row(self.items(node.elts))

    def of_Tuple(self, node):
        return tuple(self.items(node.elts))

    def of_JoinedStr(self, node):
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.conversion != -1 or part.format_spec is not None:
                    raise CannotTell('a formatted value')
                part = part.value
            parts.extend(map(str, scalars([self.work_out(part)])))
        return ''.join(parts)

    def of_UnaryOp(self, node):
        value = self.work_out(node.operand)
        if isinstance(node.op, ast.USub) and type(value) is int:
            return -value
        raise CannotTell('a calculation')

    def of_BinOp(self, node):
        return self.combine(node.op, self.work_out(node.left), self.work_out(node.right))

    def combine(self, op, left, right):
        if isinstance(op, ast.Add) and type(left) is type(right) and type(left) in (str, int, Row, tuple):
            return type(left)(left + right)
        if isinstance(op, ast.Div) and isinstance(left, PurePosixPath) and isinstance(right, (str, PurePosixPath)):
            return left / right
        if isinstance(op, ast.Mod) and isinstance(left, str):
            if '%' in re.sub(r'%%|%(\([A-Za-z_]\w*\))?[sd]', '', left):
                raise CannotTell('a formatted value')
            if isinstance(right, Table) and re.search('%[sd]', left):
                raise CannotTell('a formatted value')
            scalars(right.values() if isinstance(right, Table) else right if isinstance(right, tuple) else [right])
            return left % right
        raise CannotTell('a calculation')

    def of_IfExp(self, node):
        raise CannotTell('a conditional expression')

    def of_BoolOp(self, node):
        self.work_out(node.values[0])
        raise CannotTell('a conditional expression')

    def of_Attribute(self, node):
        value = self.work_out(node.value)
        if isinstance(value, Imported):
            return Imported(value.name + '.' + node.attr)
        if isinstance(value, PurePosixPath) and node.attr in ('parent', 'name', 'stem'):
            return getattr(value, node.attr)
        if isinstance(value, PurePosixPath) and node.attr == 'parents':
            return tuple(value.parents)
        raise CannotTell('an attribute')

    def of_Index(self, node):
        return self.work_out(node.value)

    def of_Subscript(self, node):
        value = self.work_out(node.value)
        if isinstance(value, Imported) and value.name == 'os.environ':
            raise environment(node.slice)
        key = scalars([self.work_out(node.slice)])[0]
        try:
            return value[key]
        except Exception:
            raise CannotTell('a look-up')

    def of_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            owner = self.work_out(node.func.value)
            if not isinstance(owner, Imported):
                return self.method(owner, node)
        function = self.work_out(node.func)
        name = function.name if isinstance(function, Imported) else 'something'
        if name in ('os.environ.get', 'os.getenv') and node.args:
            raise environment(node.args[0])
        if name == 'builtins.dict' and not node.args and all(keyword.arg for keyword in node.keywords):
            return Table((keyword.arg, self.attempt(keyword.value)) for keyword in node.keywords)
        if node.keywords:
            raise CannotTell('a call of ' + shown(name))
        arguments = [self.work_out(argument) for argument in node.args]
        if name in ('builtins.list', 'builtins.tuple') and len(arguments) == 1 and isinstance(arguments[0], (Row, tuple)):
            return (Row if name == 'builtins.list' else tuple)(arguments[0])
        scalars(arguments)
        if name == 'builtins.int' and len(arguments) == 1 and isinstance(arguments[0], (str, int)):
            return int(arguments[0])
        if name in ('builtins.str', 'os.fspath') and len(arguments) == 1:
            return str(arguments[0])
        if name in PATHS:
            return PurePosixPath(*arguments)
        if name in ('os.path.abspath', 'os.path.realpath') and len(arguments) == 1:
            return self.absolute(arguments[0], name.endswith('realpath'))
        if name in ('os.path.join', 'os.path.dirname', 'os.path.basename', 'os.path.normpath'):
            return getattr(os.path, name.split('.')[-1])(*arguments)
        raise CannotTell('a call of ' + shown(name))

    def method(self, owner, node):
        attribute, keywords = node.func.attr, {word.arg: self.work_out(word.value) for word in node.keywords}
        arguments = [self.work_out(argument) for argument in node.args]
        if isinstance(owner, PurePosixPath) and not keywords:
            if attribute in ('resolve', 'absolute') and not arguments:
                return PurePosixPath(self.absolute(owner, attribute == 'resolve'))
            if attribute == 'joinpath':
                return owner.joinpath(*scalars(arguments))
        elif isinstance(owner, str) and attribute == 'format' and None not in keywords:
            if re.search(r'[{}]', re.sub(r'\{\{|\}\}|\{\w*\}', '', owner)):
                raise CannotTell('a formatted value')
            scalars(keywords.values())
            return owner.format(*scalars(arguments), **keywords)
        elif isinstance(owner, str) and attribute == 'join' and len(arguments) == 1 and not keywords:
            if isinstance(arguments[0], (Row, tuple)):
                return owner.join(scalars(arguments[0]))
        elif isinstance(owner, str) and attribute in ('strip', 'lower', 'upper', 'split') and not keywords:
            result = getattr(owner, attribute)(*scalars(arguments))
            return Row(result) if attribute == 'split' else result
        raise CannotTell('a call of ' + shown(attribute))

    def absolute(self, place, follow):
        if not os.path.isabs(place):
            raise CannotTell('a path relative to where OMFLOW is started')
        return (os.path.realpath if follow else os.path.abspath)(str(place))
`;
