import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {takeKit} from '../../source/kit/archive.js';
import {architectureOf} from '../../source/kit/ask.js';
import type {KitRequest} from '../../source/kit/request.js';
import {lastEvent, run} from '../commands/program.js';
import {makeWheel} from '../host/support.js';
import {provide} from '../lab/host.js';
import {readSettings} from '../lab/settings.js';
import {isAsPublished} from '../schema.js';
import {runner, scratch} from './kit-folder.js';

const reason = await provide([
	['unshare', 'util-linux'],
	['python3', 'python3'],
]);

/** A server that has nothing yet, of this machine's release and another architecture. */
async function requestFor(architecture: string): Promise<KitRequest> {
	const {codename, sources} = await readSettings();
	const key = await readFile('/usr/share/keyrings/debian-archive-keyring.gpg', 'base64');
	return {
		schema: 1,
		kind: 'omflow-kit-request',
		program: '1.0.0',
		createdAt: Date.now(),
		host: 'far',
		from: '1.1.6.3',
		to: '1.2.0.0',
		database: 'sqlite',
		platform: {id: 'debian', version: '12', codename, architecture, glibc: '2.36', foreign: []},
		python: '3.11',
		aptPackages: ['python3.11', 'python3.11-venv'],
		requirements: [
			// One with compiled wheels, one whose author has published its source alone, and one that only --wheels has.
			{line: 'markupsafe==2.1.5'},
			{line: 'docopt==0.6.2'},
			{line: 'lab-part==1.0'},
		],
		apt: {
			sources: [
				{
					name: 'sources.list',
					lines: sources
						.filter(({suite}) => suite === codename)
						.map(({components, suite, uri}) => `deb ${uri} ${suite} ${components}`),
				},
			],
			preferences: [],
			keys: [{name: 'debian-archive-keyring.gpg', base64: key}],
		},
		status: [],
	};
}

test('a kit for another architecture has its wheels, and the source where there is none', {
	skip: reason,
	timeout: 600_000,
}, async t => {
	const directory = await scratch(t);
	const native = (await architectureOf(runner)) === 'amd64';
	const [architecture, machine, ownMachine] = native ? ['arm64', 'aarch64', 'x86_64'] : ['amd64', 'x86_64', 'aarch64'];
	const [request, wheels, kit] = ['request.json', 'wheels', 'kit'].map(name => join(directory, name)) as [
		string,
		string,
		string,
	];
	const asked = await requestFor(architecture);
	await isAsPublished(asked, 'kit-request');
	await writeFile(request, JSON.stringify(asked));
	await mkdir(wheels);
	const addWheel = async (of: string) => {
		await makeWheel(runner, wheels, 'lab_part', '1.0');
		await rename(
			join(wheels, 'lab_part-1.0-py3-none-any.whl'),
			join(wheels, `lab_part-1.0-py3-none-manylinux_2_17_${of}.whl`),
		);
	};
	const build = async () =>
		run([
			...['kit', 'build', request, '--wheels', wheels, '--output', join(directory, 'kit.tar.gz')],
			...['--yes', '--json', '--state-dir', join(directory, 'state')],
		]);

	// pip can choose it, as this machine could install it, but there is none for the server.
	await addWheel(ownMachine);
	const refused = await build();
	assert.notEqual(refused.status, 0, refused.stdout);
	assert.match(
		lastEvent(refused).message,
		new RegExp(`There is neither a wheel of lab[-_]part 1\\.0 for ${architecture}, nor its source\\.`),
	);

	await addWheel(machine);
	const built = await build();
	assert.equal(built.status, 0, `${built.stdout.slice(-3000)}\n${built.stderr}`);
	const events = built.stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
	assert.ok(
		events.some(event => event.event === 'step' && /docopt cannot be built here/.test(JSON.stringify(event))),
		'what the server has to build is said',
	);

	await mkdir(kit, {mode: 0o700});
	const manifest = await takeKit(join(directory, 'kit.tar.gz'), kit);
	assert.equal(manifest.platform.architecture, architecture);
	assert.deepEqual(manifest.toBuild, ['docopt']);
	const lock = (await readFile(join(kit, 'lock.txt'), 'utf8')).trim().split('\n');
	for (const name of ['docopt', 'lab[-_]part', 'MarkupSafe', 'pip', 'setuptools', 'wheel']) {
		assert.ok(
			lock.some(line => new RegExp(`^${name}==`).test(line)),
			`${name} in ${lock}`,
		);
	}

	const files = await readdir(join(kit, 'wheels'));
	assert.equal(files.length, lock.length, String(files));
	for (const [pattern, origin] of [
		// Not the address of the wheel that fits this machine.
		[new RegExp(`^MarkupSafe-2\\.1\\.5-cp311-cp311-manylinux.*_${machine}\\.whl$`), /^offered beside https?:\/\//],
		[/^docopt-0\.6\.2\.tar\.gz$/, /^https?:\/\/.*\/docopt-0\.6\.2\.tar\.gz$/],
		[new RegExp(`^lab_part-1\\.0-py3-none-manylinux_2_17_${machine}\\.whl$`), /^given with --wheels$/],
		[/^setuptools-.*-py3-none-any\.whl$/, /^https?:\/\/.*\/setuptools-/],
	] as const) {
		const name = files.find(each => pattern.test(each));
		assert.ok(name, `${pattern} in ${files}`);
		const described = manifest.files.find(({path}) => path === `wheels/${name}`);
		assert.match(described?.origin ?? '', origin, name);
	}

	const debs = (await readdir(join(kit, 'debs'))).filter(name => name.endsWith('.deb'));
	assert.ok(debs.some(name => name.startsWith('python3.11_') && name.endsWith(`_${architecture}.deb`)));
	assert.deepEqual(
		debs.filter(name => !name.endsWith(`_${architecture}.deb`) && !name.endsWith('_all.deb')),
		[],
		'packages are for the server, and not for this machine',
	);
});
