import assert from 'node:assert/strict';
import {mkdir, mkdtemp, readFile, realpath, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {createRunner, plainEnvironment, type Runner} from '../source/host/process.js';
import {readSettings, type Settings} from '../source/omflow/settings.js';

const python = '/usr/bin/python3';
const secret = 'hunter2';

const quoted = (text: string) => `'${text}'`;
const word = fc.constantFrom('a', '/data', 'x.db', 'localhost', '10.0.0.5', '127.0.0.1', '8080', '5432', '', 'omflow');
const engine = fc.constantFrom('sqlite3', 'postgresql', 'mysql', 'oracle').map(name => `'django.db.backends.${name}'`);

/** Python for a text: what the reader knows, and what it must admit that it does not. */
const {text} = fc.letrec<{text: string; simple: string}>(tie => ({
	simple: fc.oneof(
		word.map(quoted),
		fc.constantFrom('NAME', 'BASE_DIR', "'a' 'b'", '"""x"""', "r'y'", 'T["k"]', 'L[0]'),
	),
	text: fc.oneof(
		{maxDepth: 3, withCrossShrink: true},
		tie('simple'),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `${a} + ${b}`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} or ${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} if NAME else ${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `os.path.join(${a}, ${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `str(Path(${a}) / ${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `'%s-%s' % (${a}, ${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `'{}{b}'.format(${a}, b=${b})`),
		fc.tuple(tie('text'), tie('text')).map(([a, b]) => `'/'.join([${a}, ${b}])`),
		tie('text').map(a => `str(${a}).strip().upper()`),
		tie('text').map(a => `(lambda x: x)(${a})`),
		tie('text').map(a => `os.path.dirname(${a})`),
		tie('text').map(a => `(${a})[:1]`),
		word.map(a => `os.environ.get('NO_SUCH', '${a}')`),
		fc.constantFrom('NAME', 'BASE_DIR').map(name => `f'{${name}}/x'`),
		fc.constantFrom(
			`os.environ.get('NO_SUCH', '${secret}')[:0]`,
			`('${secret}', 'a')[1]`,
			`f"{${quoted(secret)}}"[:0]`,
		),
	),
}));

const database = fc
	.record(
		{ENGINE: engine, NAME: text, HOST: text, PORT: text, USER: text, PASSWORD: fc.constant(quoted(secret))},
		{requiredKeys: ['ENGINE', 'PASSWORD']},
	)
	.chain(fields => {
		const entries = Object.entries(fields);
		return fc.constantFrom(
			`{${entries.map(([key, value]) => `'${key}': ${value}`).join(', ')}, "OPTSIONS": {}}`,
			`{\n    # ${secret}\n${entries.map(([key, value]) => `    "${key}": ${value},  # ${secret}\n`).join('')}}`,
			`dict(${entries.map(([key, value]) => `${key}=${value}`).join(', ')})`,
			`{**{${entries.map(([key, value]) => `'${key}': ${value}`).join(', ')}}}`,
		);
	});

const single = fc.constantFrom('LOCAL_PORT', 'LOCAL_PROTOCOL', 'OMFLOW_TYPE', 'BOOSTER_IP', 'LOCAL_IP', 'NAME');
const list = fc.constantFrom('ALLOWED_HOSTS', 'CSRF_TRUSTED_ORIGINS', 'L');
const value = fc.oneof(text, fc.constantFrom("'https'", '8080', "'443'", "'server'", "'127.0.0.1'"));
const items = fc.array(fc.oneof(word.map(quoted), text), {maxLength: 3}).map(all => `[${all.join(', ')}]`);
const assignment = fc.oneof(
	fc.tuple(single, value).map(([name, one]) => `${name} = ${one}`),
	fc.tuple(list, items).map(([name, all]) => `${name} = ${all}`),
	database.map(one => `DATABASES = {'default': ${one.replaceAll('\n', '\n    ')}}`),
	fc
		.tuple(fc.constantFrom('HOST', 'NAME', 'PORT'), text)
		.map(([key, one]) => `DATABASES['default']['${key}'] = ${one}`),
);

const statement = fc.oneof(
	{weight: 6, arbitrary: assignment},
	{weight: 1, arbitrary: database.map(one => `DATABASES['default'] = ${one}`)},
	{weight: 1, arbitrary: fc.tuple(list, items).map(([name, all]) => `${name} += ${all}`)},
	{weight: 1, arbitrary: fc.tuple(single, text).map(([name, one]) => `${name} += ${one}`)},
	{weight: 1, arbitrary: fc.tuple(list, list).map(([a, b]) => `${a} = ${b}`)},
	{
		weight: 2,
		arbitrary: fc
			.tuple(fc.constantFrom('if NAME:', 'try:', 'while True:', 'def change():', 'class Other:'), assignment)
			.map(([head, inner]) => {
				const tail: Readonly<Record<string, string>> = {
					'try:': '\nfinally:\n    pass',
					'while True:': '\n    break',
					'def change():': '\n    global LOCAL_PORT\n    LOCAL_PORT = 1\n    DATABASES.clear()',
				};
				return `${head}\n    ${inner.replaceAll('\n', '\n    ')}${tail[head] ?? ''}`;
			}),
	},
	{
		weight: 3,
		arbitrary: fc.constantFrom(
			'from local import *',
			'from local import LOCAL_PORT as NAME',
			'import os as other, local',
			"D = DATABASES['default']",
			"D['HOST'] = 'changed'",
			'D = DATABASES or 1',
			"D['default'] = {}",
			"DATABASES['default'].update(HOST='changed')",
			"for d in DATABASES.values(): d['HOST'] = 'changed'",
			"for NAME in ['x', 'y']: pass",
			"globals()['LOCAL_PORT'] = 1",
			'exec("LOCAL_PORT = 2")',
			'change()',
			'change = lambda: DATABASES.clear()',
			"(lambda d: d.clear())(DATABASES['default'])",
			'X = (LOCAL_PORT := 7)',
			'LOCAL_PORT, NAME = 8, "9"',
			'NAME = LOCAL_PROTOCOL = "http"',
			'ALLOWED_HOSTS.append("appended")',
			'L = ALLOWED_HOSTS',
			'L[0] = "changed"',
			'T["k"] = "changed"',
			'T = {"k": "t", "l": ALLOWED_HOSTS}',
			'T["l"].append("by T")',
			'del NAME',
			'local.touch(DATABASES)',
			'import local; local.os.path = None; del local.os.path',
			`SECRET_KEY = '${secret}'`,
			`SECRET_KEY = f'{NAME}${secret}'`,
		),
	},
);

const head = `import os\nfrom pathlib import Path\nBASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\nNAME = 'n'\nL = ['l']\nT = {'k': 't'}\ndef change(): pass\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}\nALLOWED_HOSTS = []\nLOCAL_PORT = '80'\n`;
const local =
	"import os\nLOCAL_PORT = '3'\nNAME = 'local'\nALLOWED_HOSTS = ['local']\ndef touch(d): d['default']['HOST'] = 'touched'\n";

/** A file that Python can run, and where a broken one is meant, a byte to put somewhere into it. */
const file = fc.record({
	statements: fc.array(statement, {maxLength: 8}),
	breakage: fc.option(
		fc.record({
			at: fc.nat(4000),
			bytes: fc.oneof(fc.uint8Array({maxLength: 3}), fc.constant(Buffer.from(`'${secret}`))),
		}),
		{freq: 3},
	),
});

/** Values as Python has them after it ran the files; null where it could not. These texts are ours, so they may run. */
const oracle = `
import json, os, runpy, sys
answers = []
def plain(value):
    if isinstance(value, dict): return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)): return [plain(inner) for inner in value]
    return value if isinstance(value, (str, int, type(None))) else str(value)
for path in sys.argv[1:]:
    sys.path[:1] = [os.path.dirname(path)]
    for name in ('local',): sys.modules.pop(name, None)
    real = os.path
    try:
        names = runpy.run_path(path)
        answers.append({name: plain(value) for name, value in names.items() if name.isupper()})
    except BaseException:
        answers.append(None)
    os.path = real
print(json.dumps(answers))
`;

type Names = {
	readonly [name: string]: unknown;
	readonly DATABASES?: {
		readonly default?: {readonly [key: string]: unknown; readonly NAME?: unknown; readonly HOST?: unknown};
	};
	readonly LOCAL_IP?: unknown;
	readonly LOCAL_PORT?: unknown;
	readonly LOCAL_PROTOCOL?: unknown;
};

/**
Whatever a settings.py looks like: reading it ends with an answer or the documented Error, no secret comes out, and what is
told is what Python itself makes of the file.
*/
export const settings = fc.asyncProperty(fc.array(file, {minLength: 1, maxLength: 4}), async files => {
	const root = await realpath(await mkdtemp(path.join(tmpdir(), 'fuzz-settings-')));
	try {
		const log = path.join(root, 'log');
		const runner = createRunner({log, environment: plainEnvironment});
		const paths = await Promise.all(
			files.map(async ({statements, breakage}, index) => {
				const place = path.join(root, String(index), 'omflow');
				await mkdir(place, {recursive: true});
				await writeFile(path.join(place, 'local.py'), local);
				const whole = Buffer.from(`${head}${statements.join('\n')}\n`);
				const at = (breakage?.at ?? 0) % whole.length;
				const bytes = breakage ? Buffer.concat([whole.subarray(0, at), breakage.bytes, whole.subarray(at)]) : whole;
				await writeFile(path.join(place, 'settings.py'), bytes);
				return path.join(place, 'settings.py');
			}),
		);
		const whole = paths.filter((_, index) => files[index]?.breakage === null);
		const {stdout} = await runner.capture([python, '-c', oracle, ...whole]);
		const truths = JSON.parse(stdout) as Array<Names | null>;
		for (const place of paths) {
			const told = await read(runner, place);
			const truth = whole.includes(place) ? truths[whole.indexOf(place)] : undefined;
			if (truth) {
				assert.ok(told, 'a file that Python can run was not read');
				compare(told, truth, path.dirname(path.dirname(place)));
			}
		}

		assert.ok(!(await readFile(log, 'utf8').catch(() => '')).includes(secret));
	} finally {
		await rm(root, {recursive: true});
	}
});

async function read(runner: Runner, place: string): Promise<Settings | undefined> {
	try {
		const told = await readSettings(runner, python, place);
		assert.ok(!JSON.stringify(told).includes(secret), 'a secret is in the answer');
		return told;
	} catch (error) {
		if (error instanceof assert.AssertionError) {
			throw error;
		}

		const {message} = error as Error;
		assert.match(message, /^\/\S+ cannot be read: .*\. (OMFLOW itself could not start with it|Make it simpler)/);
		assert.doesNotMatch(message, new RegExp(`${secret}|Traceback`));
		return undefined;
	}
}

function compare({database: told, endpoint, facts, findings}: Settings, truth: Names, server: string): void {
	const real: Readonly<Record<string, unknown>> & {readonly NAME?: unknown; readonly HOST?: unknown} =
		truth.DATABASES?.default ?? {};
	const same = (one: string | undefined, key: string) => one === undefined || assert.equal(one, String(real[key]), key);
	same(told.engine || undefined, 'ENGINE');
	same(told.host, 'HOST');
	same(told.port, 'PORT');
	same(told.name, 'NAME');
	if (told.file !== undefined) {
		assert.equal(told.file, path.resolve(server, String(real.NAME)), 'the file');
	}

	const own = ['', 'localhost', '127.0.0.1', truth.LOCAL_IP ?? ''];
	const isLocal = own.includes(String(real.HOST ?? '').trim()) || String(real.HOST).startsWith('/');
	if (told.reach === 'local' || told.reach === 'remote') {
		assert.equal(told.reach, isLocal ? 'local' : 'remote', `reach of ${String(real.HOST)}`);
	}

	const doubted = (id: string) => findings.some(finding => finding.id === id);
	if (!doubted('settings-local-port')) {
		assert.equal(endpoint.port, Number(truth.LOCAL_PORT), 'LOCAL_PORT');
	}

	if (!doubted('settings-local-protocol')) {
		const isSecure = String(truth.LOCAL_PROTOCOL ?? '').toLowerCase() === 'https';
		assert.equal(endpoint.protocol, isSecure ? 'https' : 'http', 'LOCAL_PROTOCOL');
	}

	const fact = (one: unknown, name: string, unset?: unknown) =>
		one === undefined || assert.deepEqual(one, truth[name] ?? unset, name);
	fact(facts.type, 'OMFLOW_TYPE');
	fact(facts.boosterAddress, 'BOOSTER_IP');
	fact(facts.allowedHosts, 'ALLOWED_HOSTS', []);
	fact(facts.trustedOrigins, 'CSRF_TRUSTED_ORIGINS', []);
}
