import assert from 'node:assert/strict';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseVersion} from '../../source/omflow/numbering.js';
import {changesEnvironment, needsOf, type Release, readReleases, releases} from '../../source/omflow/releases.js';

const needs = {python: '3.12', django: '>=5.2,<5.3', pythonPackages: ['django'], aptPackages: ['python3.12', 'g++']};

async function write(t: TestContext, content: unknown): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'releases-'));
	t.after(() => rm(folder, {recursive: true}));
	const file = path.join(folder, 'releases.json');
	await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
	return file;
}

test('the shipped table is of the shape that is asked of an administrator, and in order', async t => {
	const shipped = await readFile(new URL('../../source/omflow/releases.json', import.meta.url), 'utf8');
	assert.deepEqual(await readReleases(await write(t, shipped)), releases);
	assert.deepEqual(JSON.parse(shipped).releases, releases);
});

test('without a file there is the shipped table', async t => {
	const folder = path.dirname(await write(t, ''));
	assert.equal(await readReleases(path.join(folder, 'none.json')), releases);
});

test('an entry takes the place of the shipped one, others are added where they belong', async t => {
	const own: Release[] = [
		{version: '1.10.0.0', needs},
		{version: '1.2.0.0', appliesTo: {oldest: '1.1.6.1', newest: '1.1.6.4'}},
		{version: '1.1.5.0'},
		{version: '1.9.0.0'},
	];
	const table = await readReleases(await write(t, {schema: 1, releases: own}));
	assert.deepEqual(
		table.map(({version}) => version),
		['1.1.0.0', '1.1.4.0', '1.1.5.0', '1.1.6.0', '1.1.6.3', '1.2.0.0', '1.2.0.1', '1.2.1.0', '1.9.0.0', '1.10.0.0'],
	);
	assert.deepEqual(
		table.find(({version}) => version === '1.2.0.0'),
		own[1],
	);
	assert.deepEqual(table.at(-1), own[0]);
});

const one = (entry: unknown) => ({schema: 1, releases: [{version: '1.1.0.0'}, entry]});
const needing = (change: object) => one({version: '1.3.0.0', needs: {...needs, ...change}});
const applying = (appliesTo: unknown) => one({version: '1.3.0.0', appliesTo});

for (const [name, content, message] of [
	['no JSON', '{"schema": 1,', /it is not JSON \(.+\)\./],
	['a list', '[]', /it must be an object\./],
	['null', 'null', /it must be an object\./],
	['no schema', {releases: []}, /it lacks "schema"\./],
	['another schema', {schema: 2, releases: []}, /its "schema" must be 1/],
	['no releases', {schema: 1}, /it lacks "releases"\./],
	['releases by name', {schema: 1, releases: {}}, /"releases" must be a list\./],
	['an unknown key on top', {schema: 1, releases: [], note: ''}, /it has "note", which is not known\./],
	['an entry that is text', one('1.2.0.0'), /releases\[1\] must be an object\./],
	['no version', one({}), /releases\[1\] lacks "version"\./],
	['three numbers', one({version: '1.2.0'}), /releases\[1\]\.version must be four numbers such as "1\.2\.0\.0"/],
	['a suffix', one({version: '1.2.0.0fix1'}), /releases\[1\]\.version must be four numbers .* not "1\.2\.0\.0fix1"\./],
	['a number', one({version: 1.2}), /releases\[1\]\.version must be four numbers/],
	['a version twice', one({version: '1.01.0.0'}), /more than one entry for 1\.1\.0\.0\./],
	['an unknown key', one({version: '1.2.0.0', applies: {}}), /releases\[1\] has "applies", which is not known\./],
	['a key of objects', '{"schema": 1, "releases": [], "__proto__": {}}', /it has "__proto__", which is not known\./],
	['half a range', applying({oldest: '1.2.0.0'}), /releases\[1\]\.appliesTo lacks "newest"\./],
	['a bad end', applying({oldest: '1.2.0.0', newest: 'x'}), /releases\[1\]\.appliesTo\.newest must be four numbers/],
	['a range backwards', applying({oldest: '1.2.1.0', newest: '1.2.0.0'}), /appliesTo must go from an older version/],
	['a range beyond', applying({oldest: '1.2.1.0', newest: '1.3.0.1'}), /appliesTo must .* not beyond 1\.3\.0\.0\./],
	['needs without Django', needing({django: undefined}), /releases\[1\]\.needs lacks "django"\./],
	['needs with more', needing({pip: '24'}), /releases\[1\]\.needs has "pip"/],
	['three parts of Python', needing({python: '3.12.1'}), /needs\.python must be a minor version such as "3\.11"/],
	['an option as Python', needing({python: '--3.12'}), /needs\.python must be/],
	['Python as a number', needing({python: 3.11}), /needs\.python must be a minor version such as "3\.11", not 3\.11\./],
	['a lone version', needing({django: '4.2'}), /needs\.django must be version specifiers such as ">=4\.2,<4\.3"/],
	['a comma at the end', needing({django: '>=4.2,'}), /needs\.django must be version specifiers/],
	['another place', needing({django: ' @ file:///tmp/django'}), /needs\.django must be version specifiers/],
	['one package', needing({pythonPackages: 'django'}), /needs\.pythonPackages must be a list\./],
	['an option for pip', needing({pythonPackages: ['django', '--pre']}), /needs\.pythonPackages\[1\] must be the name/],
	[
		'a path for pip',
		needing({pythonPackages: ['./django']}),
		/needs\.pythonPackages\[0\] must be the name of a Python/,
	],
	['a line break', needing({pythonPackages: ['django\n']}), /needs\.pythonPackages\[0\] must be/],
	['an option for apt', needing({aptPackages: ['-y']}), /needs\.aptPackages\[0\] must be the name of a Debian package/],
	['a package to remove', needing({aptPackages: ['gcc-']}), /needs\.aptPackages\[0\] must be/],
	['a package of a suite', needing({aptPackages: ['gcc/sid']}), /needs\.aptPackages\[0\] must be/],
] as const) {
	test(`refuses a table with ${name}`, async t => {
		const file = await write(t, content);
		await assert.rejects(readReleases(file), (error: Error) => {
			assert.ok(error.message.startsWith(`${file} is not a table of releases: `), error.message);
			assert.ok(error.message.endsWith('. Correct it, or move it away to use the shipped table.'), error.message);
			assert.match(error.message, message);
			return true;
		});
	});
}

test('a place that is no file is named, with what to do', async t => {
	const folder = path.join(path.dirname(await write(t, '')), 'folder.json');
	await mkdir(folder);
	await assert.rejects(readReleases(folder), /folder\.json cannot be read \(EISDIR\)\. .* or move it away\.$/);
});

for (const django of ['==4.2', '~=4.2.0', '>=4.2,<5,!=4.2.1']) {
	test(`takes ${django} for Django`, async t => {
		const table = await readReleases(await write(t, needing({django})));
		assert.equal(table.at(-1)?.needs?.django, django);
	});
}

const later: readonly Release[] = [{version: '1.3.0.0', needs}, ...releases, {version: '1.3.0.1', needs: {...needs}}];

for (const [version, python] of [
	['1.1.6.3', undefined],
	['1.2.0.0', '3.11'],
	['1.2.0.0fix2', '3.11'],
	['1.2.9.9', '3.11'],
	['1.3.0.0', '3.12'],
	['2.0.0.0', '3.12'],
] as const) {
	test(`${version} needs ${python ? `Python ${python}` : 'nothing'}`, () => {
		assert.equal(needsOf(parseVersion(version), later)?.python, python);
	});
}

for (const [from, to, python] of [
	['1.1.6.1', '1.1.6.3', undefined],
	['1.1.6.1', '1.2.0.0', '3.11'],
	['1.1.6.3', '1.2.0.1', '3.11'],
	['1.2.0.0', '1.2.0.1', undefined],
	['1.2.0.0', '1.2.0.0', undefined],
	['1.2.1.0', '1.3.0.0', '3.12'],
	['1.1.6.3', '1.3.0.0', '3.12'],
	// Needs that are said again are the same needs.
	['1.3.0.0', '1.3.0.1', undefined],
] as const) {
	test(`${from} to ${to} ${python ? `changes to Python ${python}` : 'leaves the environment'}`, () => {
		assert.equal(changesEnvironment(parseVersion(from), parseVersion(to), later)?.python, python);
	});
}

test('the environment of the shipped table is that of the vendor’s page', () => {
	const shipped = changesEnvironment(parseVersion('1.1.6.1'), parseVersion('1.2.0.0'));
	assert.equal(shipped?.python, '3.11');
	for (const name of ['wheel', 'django', 'ldap3', 'mod_wsgi', 'openpyxl']) {
		assert.ok(shipped?.pythonPackages.includes(name), name);
	}

	for (const name of ['python3.11', 'python3.11-dev', 'python3.11-venv', 'python3-pip']) {
		assert.ok(shipped?.aptPackages.includes(name), name);
	}
});
