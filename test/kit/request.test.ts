import assert from 'node:assert/strict';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {readAptSetup} from '../../source/host/apt-setup.js';
import {type KitRequest, readRequest, requirementsOf} from '../../source/kit/request.js';
import {isAsPublished, problems} from '../schema.js';
import {runner} from './kit-folder.js';

const request: KitRequest = {
	schema: 1,
	kind: 'omflow-kit-request',
	program: '1.0.0',
	createdAt: 1,
	host: 'server',
	from: '1.1.6.3',
	to: '1.2.0.0',
	database: 'sqlite',
	platform: {
		id: 'debian',
		version: '12',
		codename: 'bookworm',
		architecture: 'amd64',
		glibc: '2.36',
		foreign: ['i386'],
	},
	python: '3.11',
	aptPackages: ['python3.11', 'libstdc++-12-dev'],
	requirements: [
		{line: 'django>=4.2,<4.3', remark: 'was 2.2'},
		{line: '# dropped: x - why', remark: 'why'},
	],
	apt: {
		sources: [{name: 'sources.list', lines: ['deb http://deb.example.org/debian bookworm main']}],
		preferences: [],
		keys: [{name: 'archive.gpg', path: '/usr/share/keyrings/archive.gpg', base64: 'AAAA'}],
	},
	status: ['Package: bash', 'Status: install ok installed', ''],
};

test('a request comes back as it was written, and is as published', async () => {
	await isAsPublished(request, 'kit-request');
	assert.deepEqual(readRequest(JSON.stringify(request)), request);
	assert.equal(requirementsOf(request), 'django>=4.2,<4.3\n# dropped: x - why\n');
});

for (const [what, change, pattern] of [
	['is cut', undefined, /It is no JSON .*Copy it again/],
	['is something else', {kind: 'omflow-kit'}, /not the request for a kit/],
	['is of a newer program', {schema: 2}, /newer omflow-tui/],
	['names no host', {host: ''}, /does not say “host”/],
	['names an option as package', {aptPackages: ['-o', 'Dir=/']}, /which packages, or names some that cannot be/],
	['names a package to be removed', {aptPackages: ['bash-']}, /which packages, or names some that cannot be/],
	[
		'has an architecture for a configuration',
		{platform: {...request.platform, architecture: 'amd64"; x "'}},
		/for which system/,
	],
	['has a foreign architecture for one', {platform: {...request.platform, foreign: ['x";']}}, /for which system/],
	[
		'has a source file that leaves its folder',
		{apt: {...request.apt, sources: [{name: '../x.list', lines: []}]}},
		/from where packages come/,
	],
	[
		'has a source line that is two',
		{apt: {...request.apt, sources: [{name: 'x.list', lines: ['a\nb']}]}},
		/from where packages come/,
	],
	[
		'has a key that leaves its folder',
		{apt: {...request.apt, keys: [{name: '../k.gpg', base64: ''}]}},
		/from where packages come/,
	],
	['has requirements that are none', {requirements: ['django']}, /which Python packages/],
	['has no status', {status: undefined}, /what is installed on the server/],
] as const) {
	test(`a request that ${what} is refused`, async () => {
		const text = change === undefined ? JSON.stringify(request).slice(0, 200) : JSON.stringify({...request, ...change});
		assert.throws(
			() => readRequest(text),
			(error: Error) => {
				assert.match(error.message, pattern);
				return true;
			},
		);
		if (change !== undefined) {
			assert.notDeepEqual(await problems({...request, ...change}, 'kit-request'), [], 'the schema refuses it as well');
		}
	});
}

test('what a server says about apt has its keys, and neither comments nor passwords', async t => {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-setup-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	for (const folder of ['parts', 'trusted', 'preferences']) {
		await mkdir(join(directory, folder));
	}

	const key = join(directory, 'own.gpg');
	await writeFile(key, 'own key');
	await writeFile(join(directory, 'trusted/all.gpg'), 'key for all');
	await writeFile(
		join(directory, 'sources.list'),
		`# secret plan\ndeb http://user:geheim@a.example.org/debian x main\n`,
	);
	const stanza = `Types: deb\n# geheim\nURIs: https://b.example.org\nSuites: y\nSigned-By: ${key}\n`;
	await writeFile(join(directory, 'parts/b.sources'), stanza);
	await writeFile(join(directory, 'parts/old.list.save'), 'deb http://c.example.org/ z main\n');
	const at = {
		...runner,
		capture: async () => ({
			exitCode: 0,
			stderr: '',
			stdout: [
				`sourcelist='${directory}/sources.list'`,
				`sourceparts='${directory}/parts'`,
				"trusted='/nonexistent/trusted.gpg'",
				`trustedparts='${directory}/trusted'`,
				"preferences='/nonexistent/preferences'",
				`preferencesparts='${directory}/preferences'`,
			].join('\n'),
		}),
	};
	const setup = await readAptSetup(at);
	assert.doesNotMatch(JSON.stringify(setup), /geheim|secret/);
	assert.deepEqual(setup.sources, [
		{name: 'sources.list', lines: ['deb http://a.example.org/debian x main']},
		{name: 'b.sources', lines: ['Types: deb', 'URIs: https://b.example.org', 'Suites: y', `Signed-By: ${key}`]},
	]);
	assert.deepEqual(
		setup.keys.map(each => [each.path, each.name, Buffer.from(each.base64, 'base64').toString()]),
		[
			[key, 'own.gpg', 'own key'],
			[undefined, 'all.gpg', 'key for all'],
		],
	);
});
