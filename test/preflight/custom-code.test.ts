import assert from 'node:assert/strict';
import {access, mkdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Finding} from '../../source/engine/state.js';
import {customCode} from '../../source/preflight/custom-code.js';
import {goneNames, newSince, refusedFields} from '../../source/preflight/gone-names.js';
import {lacks, workshop} from '../host/support.js';
import {partOf, subjectOf, toBugfix} from './installation-of.js';

type Files = Readonly<Record<string, string | Buffer>>;

async function write(directory: string, files: Files): Promise<void> {
	for (const [name, content] of Object.entries(files)) {
		await mkdir(dirname(join(directory, name)), {recursive: true});
		await writeFile(join(directory, name), content);
	}
}

/** Findings about files, given by their path below the server, with that path taken out of the evidence. */
async function check(t: TestContext, files: Files): Promise<Finding[]> {
	const subject = await subjectOf(t);
	await write(join(subject.directory, 'server'), files);
	const findings = await customCode(subject);
	return findings.map(({evidence = '', ...rest}) => ({
		...rest,
		evidence: evidence.replaceAll(`${subject.directory}/server/`, ''),
	}));
}

const urls = 'omcustom/urls.py';

// What stands in the file, and what is found: severity, line, name.
for (const [name, text, ...expected] of [
	['the usual one', 'from django.conf.urls import include, url\n', 'blocker 1 django.conf.urls.url'],
	['under another name', '\nfrom django.conf.urls import url as u', 'blocker 2 django.conf.urls.url'],
	['through its module', 'from django.conf import urls\nurls.url(1)', 'blocker 2 django.conf.urls.url'],
	[
		'through its whole path',
		'import django.utils.encoding\nx = django.utils.encoding.force_text(1)',
		'blocker 2 django.utils.encoding.force_text',
	],
	[
		'through a star',
		'from django.conf.urls import *\nurlpatterns = [url(1), include(2)]',
		'blocker 2 django.conf.urls.url',
	],
	[
		'a module that is gone is said once',
		'from django.utils import six\nsix.text_type\nfrom django.utils.six.moves import urllib',
		'blocker 1 django.utils.six',
		'blocker 3 django.utils.six.moves',
	],
	[
		'two on one line',
		'from django.utils.translation import ugettext, gettext, ugettext_lazy as _',
		'blocker 1 django.utils.translation.ugettext',
		'blocker 1 django.utils.translation.ugettext_lazy',
	],
	[
		'what Python lacks',
		'import collections, base64\nclass A(collections.Mapping): pass\ncollections.OrderedDict()',
		'blocker 2 collections.Mapping',
	],
	['a decorator', 'import asyncio\n@asyncio.coroutine\ndef f(): pass', 'blocker 2 asyncio.coroutine'],
	[
		'an argument that is gone',
		'from django.dispatch import Signal\na = Signal()\nb = Signal(providing_args=["x"])',
		'blocker 3 django.dispatch.Signal(providing_args)',
	],
	[
		'a field that only migrations may have',
		'from django.db import models\nclass A(models.Model):\n  x = models.NullBooleanField()',
		'blocker 3 django.db.models.NullBooleanField',
	],
	[
		'in a function',
		'def f():\n  from django.utils.http import is_safe_url\n',
		'warning 2 django.utils.http.is_safe_url',
	],
	[
		'a default of a function is loaded, its body is not',
		'import inspect\ndef f(a=inspect.getargspec): inspect.formatargspec\ng = lambda: inspect.formatargspec',
		'blocker 2 inspect.getargspec',
		'warning 2 inspect.formatargspec',
		'warning 3 inspect.formatargspec',
	],
	['under a condition', 'if X:\n  from fractions import gcd', 'warning 2 fractions.gcd'],
	[
		'a request that is asked',
		'def f(request, other):\n  other.is_ajax()\n  return request.is_ajax()',
		'warning 3 request.is_ajax',
	],
	[
		'caught, but not what it throws',
		'import inspect\ntry:\n  from django.conf.urls import url\nexcept ValueError: pass\ntry:\n  inspect.getargspec\nexcept ImportError: pass',
		'blocker 3 django.conf.urls.url',
		'blocker 6 inspect.getargspec',
	],
	['the else of a try', 'try: pass\nexcept: pass\nelse:\n  from fractions import gcd', 'blocker 4 fractions.gcd'],
	['the else of TYPE_CHECKING', 'if TYPE_CHECKING: pass\nelse:\n  import binhex', 'blocker 3 binhex'],
	['a module in place of ours', 'import symbol', 'blocker 1 symbol'],
	['nothing of it', 'from django.urls import re_path\nfrom collections.abc import Mapping\nimport collections'],
	['a relative import', 'from .translation import ugettext\nfrom . import six\nfrom .django.conf.urls import url'],
	['text and comments', '"""from django.conf.urls import url"""\n# import binhex\nx = "collections.Mapping"'],
	[
		'try with the other way',
		'try:\n  from django.urls import re_path\nexcept ImportError:\n  from django.conf.urls import url',
	],
	['try with the old first', 'try:\n  from django.conf.urls import url\nexcept (KeyError, ImportError):\n  url = None'],
	['try that catches all', 'import inspect\ntry:\n  import binhex\n  inspect.getargspec\nexcept:\n  pass'],
	['suppressed', 'from contextlib import suppress\nwith suppress(ImportError):\n  import binhex'],
	['an attribute that is caught', 'import inspect\ntry:\n  f = inspect.getargspec\nexcept AttributeError:\n  f = 1'],
	['only for the type checker', 'if typing.TYPE_CHECKING:\n  from django.utils.translation import ugettext'],
	[
		'asked for the version',
		'if sys.version_info < (3, 9):\n  import binhex\nif django.VERSION[0] < 4:\n  import formatter',
	],
	['a name that is bound again', 'import inspect\ninspect = object()\ninspect.getargspec'],
	['a parameter of that name', 'import collections\ndef f(collections=1):\n  return collections.Mapping'],
	[
		'annotations that are not worked out',
		'from __future__ import annotations\nimport collections\ndef f(x: collections.Mapping) -> collections.Set: pass\ny: collections.Set = 1',
	],
	['a form, not a model', 'from django import forms\nforms.NullBooleanField()'],
] as const) {
	test(`custom code: ${name}`, async t => {
		const findings = await check(t, {[urls]: text});
		const found = findings.flatMap(({severity, evidence = ''}) =>
			evidence.split('\n').map(line => {
				const [, at, what = ''] = /^omcustom\/urls\.py:(\d+): (.*) → .+/.exec(line) ?? [];
				return `${severity} ${at} ${what.replace(/^from (\S+) import /, '$1.').replace(/^import /, '')}`;
			}),
		);
		assert.deepEqual(
			found.map(line => line.replace('moves.urllib', 'moves')),
			expected,
		);
	});
}

test('custom code: severities, evidence and remedy', async t => {
	const findings = await check(t, {
		[urls]: 'from django.conf.urls import url\nfrom django.utils.http import is_safe_url\n',
		'omcustom/urls-old.py': 'from django.conf.urls import url\n',
		'omcustom/tests/test_a.py': 'import binhex\n',
		'omcustom/readme.txt': 'from django.conf.urls import url\n',
		'omcustom/migrations/0001_initial.py': 'from django.db import models\nmodels.NullBooleanField()\n',
		'omformflow/production/0123/1/main.py': 'from django.utils.translation import ugettext\n',
		'omformflow/production/0123/1/other.py': 'from django.utils.translation import ugettext\n',
		'omformflow/views.py': 'from django.utils.translation import ugettext\n',
	});
	assert.deepEqual(findings, [
		{
			severity: 'blocker',
			id: 'custom-code',
			sentence:
				'A file of the customer’s own code, loaded at OMFLOW’s start, uses names that Django 4.2 or Python 3.11 no longer has.',
			remedy:
				'Write what stands behind the arrow. It works with Django 2.2 as well: change it now, restart OMFLOW and see that it still runs; ' +
				'but where “since” stands, import it inside try, with the old name in “except ImportError”, and it works with both versions of Django.',
			evidence:
				'omcustom/urls.py:1: from django.conf.urls import url → django.urls.re_path\n' +
				'omcustom/urls.py:2: from django.utils.http import is_safe_url → django.utils.http.url_has_allowed_host_and_scheme (since Django 3.0)',
		},
		{
			severity: 'warning',
			id: 'custom-code',
			sentence:
				'3 files of the customer’s own code use names that Django 4.2 or Python 3.11 no longer has, which fails when that code runs.',
			remedy:
				'Write what stands behind the arrow; it works with Django 2.2 as well: change it now, restart OMFLOW and see that it still runs.',
			evidence:
				'omcustom/tests/test_a.py:1: import binhex → binascii\n' +
				'omcustom/urls-old.py:1: from django.conf.urls import url → django.urls.re_path\n' +
				'omformflow/production/0123/1/main.py:1: from django.utils.translation import ugettext → django.utils.translation.gettext',
		},
	]);
});

for (const [name, files, expected] of [
	['nobody imports it', {'old/urls_2019.py': ''}, []],
	['views, which urls imports', {'urls.py': 'from . import views', 'views.py': ''}, ['urls.py', 'views.py']],
	['views, which nobody imports', {'views.py': '', 'forms.py': 'from . import views'}, []],
	[
		'what Django loads by itself',
		{
			'__init__.py': '',
			'apps.py': '',
			'models/__init__.py': '',
			'models/unused.py': '',
			'models.py': '',
			'admin.py': '',
			'urls.py': '',
			'migrations/__init__.py': '',
			'migrations/0001_initial.py': '',
			'migrations/_notes.py': '',
			'migrations/old/0001_initial.py': '',
			'templatetags/our.py': '',
			'management/commands/our.py': '',
			'tests.py': '',
		},
		[
			'__init__.py',
			'admin.py',
			'apps.py',
			'migrations/0001_initial.py',
			'migrations/__init__.py',
			'models/__init__.py',
			'templatetags/our.py',
			'urls.py',
		],
	],
	[
		'absolute, relative and included names, and from there on',
		{
			'urls.py':
				"import omcustom.a\nfrom omcustom.b import x\nurls = [path('', include('omcustom.c')), path('', include(('omcustom.d', 'd')))]",
			'a.py': 'from .deep.e import *',
			'b/__init__.py': '',
			'b/x.py': 'from ..f import g',
			'b/y.py': '',
			'c.py': '',
			'd.py': 'import omcustom.a',
			'deep/__init__.py': '',
			'deep/e.py': 'from ... import outside',
			'f.py': 'from .... import a',
		},
		['a.py', 'b/__init__.py', 'b/x.py', 'c.py', 'd.py', 'deep/__init__.py', 'deep/e.py', 'f.py', 'urls.py'],
	],
	[
		'imported later, or only perhaps',
		{
			'urls.py':
				'def f():\n  from . import a\ntry:\n  from . import b\nexcept ImportError:\n  pass\nif X:\n  from . import c',
			'a.py': '',
			'b.py': '',
			'c.py': '',
		},
		['urls.py'],
	],
	[
		'what an AppConfig imports when Django is ready',
		{
			'apps.py':
				'class C(AppConfig):\n  def ready(self):\n    from . import signals\n  def other(self):\n    from . import a',
			'signals.py': '',
			'a.py': '',
			'urls.py': 'class C:\n  def ready(self):\n    from . import a',
		},
		['apps.py', 'signals.py', 'urls.py'],
	],
] as const) {
	test(`custom code is loaded at the start: ${name}`, async t => {
		const gone = 'import binhex\n';
		const findings = await check(
			t,
			Object.fromEntries(Object.entries(files).map(([file, text]) => [`omcustom/${file}`, `${gone}${text}\n`])),
		);
		const of = (severity: Finding['severity']) =>
			findings
				.filter(finding => finding.id === 'custom-code' && finding.severity === severity)
				.flatMap(({evidence = ''}) => [...evidence.matchAll(/^omcustom\/(.+):1: /gm)].map(match => match[1]))
				.sort();
		assert.deepEqual(of('blocker'), expected);
		const others = Object.keys(files).filter(file => !(expected as readonly string[]).includes(file));
		assert.deepEqual(of('warning'), others.sort());
	});
}

test('custom code: a folder that is not looked into is said', async t => {
	const [finding, ...others] = await check(t, {[`omcustom/${'d/'.repeat(21)}a.py`]: 'import binhex\n'});
	assert.deepEqual(others, []);
	assert.deepEqual([finding?.severity, finding?.id], ['info', 'custom-code-unread']);
	assert.match(finding?.evidence ?? '', /^omcustom(?:\/d){21}: it lies too deep$/);
});

test('custom code: a module of the customer’s own that is called as one of Python', async t => {
	const findings = await check(t, {
		'symbol.py': '',
		[urls]: 'import symbol\nfrom parser import parse\n',
		'omcustom/parser/__init__.py': '',
	});
	assert.deepEqual(findings, []);
});

test('custom code: what is no Python, too large, too deep, or behind a link', async t => {
	const subject = await subjectOf(t);
	const custom = join(subject.directory, 'server/omcustom');
	const good = 'from django.conf.urls import url\n';
	await write(custom, {
		'a.py': 'x = 1\nif x\n',
		'b.py': 'print "x"\n',
		'c.py': Buffer.from('# -*- coding: latin-1 -*-\r\n# \xe9\r\nimport binhex\r\n', 'latin1'),
		'd.py': '#'.repeat(3 * 1024 * 1024),
		'e.py': `x = a${'.b'.repeat(100_000)}\n`,
		'f.py': `x = ${'-'.repeat(200_000)}1\n`,
		'g.py': 'x = "\0"\n',
		'z\u202e\n.py': good,
	});
	await write(subject.directory, {'outside.py': good});
	await symlink(join(subject.directory, 'outside.py'), join(custom, 'link.py'));
	await symlink(subject.directory, join(custom, 'folder'));
	const findings = await customCode(subject);
	const of = (id: string, severity: string) =>
		findings
			.filter(finding => finding.id === id && finding.severity === severity)
			.flatMap(({evidence = ''}) => evidence.replaceAll(`${custom}/`, '').split('\n'));
	assert.deepEqual(of('custom-code', 'blocker'), []);
	assert.deepEqual(of('custom-code', 'warning'), [
		'c.py:3: import binhex → binascii',
		'"z\\u{202e}\\n.py":1: from django.conf.urls import url → django.urls.re_path',
	]);
	assert.deepEqual(of('custom-code-syntax', 'warning').slice(0, 2), ['a.py:2', 'b.py:1']);
	const unread = of('custom-code-unread', 'info');
	assert.deepEqual(unread.slice(0, 2), ['folder: it is a link', 'link.py: it is a link']);
	assert.ok(unread.includes('d.py: it is larger than 2 MiB'), unread.join());
	// Whether they are too deep, no Python, or end the interpreter differs from one Python to another.
	const all = [...unread, ...of('custom-code-syntax', 'warning')].join('\n');
	assert.match(all, /^e\.py: it (?:is nested too deeply|takes too much to read)$/m);
	assert.match(all, /^f\.py(?::|: it)/m);
	assert.match(all, /^g\.py(?::|: it)/m);
});

test('custom code: nothing of a file is run', async t => {
	const {directory} = await workshop(t);
	const trace = join(directory, 'trace');
	const text = `open(${JSON.stringify(trace)}, 'w')\nimport binhex\nimport os\nos._exit(3)\n`;
	const files = {[urls]: `from . import json\n${text}`, 'omcustom/json.py': text, 'omcustom/__init__.py': text};
	const [finding] = await check(t, files);
	assert.equal(finding?.evidence?.split('\n').length, 3);
	await assert.rejects(access(trace), {code: 'ENOENT'});
});

test('custom code: hundreds of flows are read in one go, and only the first places shown', async t => {
	const files = Object.fromEntries(
		Array.from({length: 300}, (_, index) => [
			`omformflow/production/${index.toString(16).padStart(32, '0')}/1/main.py`,
			`${'def f(a):\n\treturn a + 1\n'.repeat(50)}import binhex\n`,
		]),
	);
	const [finding, ...others] = await check(t, files);
	assert.deepEqual(others, []);
	assert.match(finding?.sentence ?? '', /^300 files /);
	const lines = finding?.evidence?.split('\n') ?? [];
	assert.deepEqual([lines.length, lines.at(-1)], [21, 'and 280 more']);
});

test('custom code: the collector’s too; not when the environment stays; and a Python that does not run', async t => {
	const subject = await subjectOf(t);
	const {installation} = subject;
	const beside = [partOf({directory: join(subject.directory, 'collector')})];
	await write(subject.directory, {'collector/omcustom/urls.py': 'import binhex\n'});
	assert.deepEqual(await customCode(subject), []);
	const both = {...subject, installation: {...installation, beside}};
	assert.deepEqual(
		(await customCode(both)).map(({severity}) => severity),
		['blocker'],
	);
	assert.deepEqual(await customCode({...both, hops: [toBugfix]}), []);
	const environment = {...installation.environment, runs: true};
	const [finding] = await customCode({...both, installation: {...both.installation, environment}});
	assert.deepEqual([finding?.severity, finding?.id], ['warning', 'custom-code-unread']);
});

test('names that are gone from Python really are, and those to write instead are there', async t => {
	const missing = await lacks('/usr/bin/python3.11');
	if (missing) {
		t.skip(missing);
		return;
	}

	const {runner} = await workshop(t);
	const program = `import importlib, json, sys, warnings
warnings.simplefilter('ignore')
def there(name):
    module, _, attribute = name.rpartition('.')
    try:
        return hasattr(importlib.import_module(module), attribute) if module else bool(importlib.import_module(name))
    except ImportError:
        return False
print(json.dumps([there(name) for name in json.load(sys.stdin)]))`;
	const there = async (names: readonly string[]): Promise<readonly string[]> => {
		const {stdout} = await runner.capture(['/usr/bin/python3.11', '-I', '-c', program], {input: JSON.stringify(names)});
		const answers = JSON.parse(stdout) as boolean[];
		return names.filter((_, index) => answers[index]);
	};
	const ofPython = Object.entries(goneNames).filter(([name]) => !name.startsWith('django.'));
	const instead = [...new Set(ofPython.map(([, name]) => name))].filter(name => !name.includes(' '));
	assert.ok(ofPython.length > 40 && instead.length > 40);
	assert.deepEqual(await there(ofPython.map(([name]) => name)), []);
	assert.deepEqual(await there(instead), instead);
});

test('every name that is said to be new is one to write instead', () => {
	const instead = new Set([...Object.values(goneNames), ...Object.values(refusedFields)]);
	assert.deepEqual(
		Object.keys(newSince).filter(name => !instead.has(name)),
		[],
	);
});
