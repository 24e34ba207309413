import assert from 'node:assert/strict';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {updateLists} from '../../source/host/apt.js';
import {setAside, withoutLocal} from '../../source/host/apt-aside.js';
import {filesFor, parseUris, wrongFiles} from '../../source/host/apt-files.js';
import {offered} from '../../source/host/apt-offers.js';
import {debControl, packagesIndex} from '../../source/host/deb.js';
import {resolutionStatus} from '../../source/host/dpkg-status.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';

const runner = createRunner({log: '/dev/null', environment: plainEnvironment});
const hasApt =
	(await runner.capture(['sh', '-c', 'command -v apt-get dpkg-deb'], {accept: [0, 1, 127]})).exitCode === 0;
const skip = hasApt ? false : 'this machine has no apt';

async function scratch(t: TestContext): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-aside-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	return directory;
}

/** A real package, empty but for its control file. */
async function makeDeb(folder: string, name: string, fields: Readonly<Record<string, string>> = {}): Promise<string> {
	const tree = join(folder, `${name}.tree`);
	await mkdir(join(tree, 'DEBIAN'), {recursive: true});
	const all = {
		Package: name,
		Version: '1.0',
		Architecture: 'all',
		Maintainer: 'Test <t@example.org>',
		Description: 'x',
		...fields,
	};
	const control = Object.entries(all)
		.map(([field, value]) => `${field}: ${value}\n`)
		.join('');
	await writeFile(join(tree, 'DEBIAN/control'), control);
	const file = join(folder, `${name}_${all.Version.replaceAll(':', '%3a')}_all.deb`);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', tree, file]);
	await rm(tree, {recursive: true});
	return file;
}

/** A repository with two packages, of which one needs the other, and apt aside that knows it. */
async function asideWith(t: TestContext, status: string) {
	const directory = await scratch(t);
	const debs = join(directory, 'debs');
	await mkdir(debs);
	await makeDeb(debs, 'lab-app', {Depends: 'lab-lib (>= 1.0)', Version: '1:2.0'});
	await makeDeb(debs, 'lab-lib');
	await writeFile(join(debs, 'Packages'), await packagesIndex(runner, debs));
	await writeFile(join(directory, 'status'), status);
	const configuration = await setAside({
		directory: join(directory, 'apt'),
		setup: {sources: [{name: 'lab.list', lines: [`deb [trusted=yes] file:${debs} ./`]}], preferences: [], keys: []},
		status: join(directory, 'status'),
		architectures: ['amd64'],
	});
	await updateLists(runner, () => {}, {configuration, offline: true});
	return {configuration, debs, directory};
}

const libInstalled = `Package: lab-lib
Status: install ok installed
Architecture: all
Version: 1.0
Maintainer: Test <t@example.org>
Description: x
`;

test('apt aside sees its own sources and nothing of this host', {skip}, async t => {
	const {configuration, directory} = await asideWith(t, '');
	const [app, bash] = await offered(runner, ['lab-app', 'bash'], {configuration});
	assert.equal(app?.candidate, '1:2.0');
	assert.equal(bash?.candidate, undefined, 'the sources of this host do not count');
	assert.equal(bash?.version, undefined, 'what is installed here does not count');
	assert.doesNotMatch(await readFile(configuration, 'utf8'), /\/var\/lib\/apt|\/etc\/apt/);
	const files = await filesFor(runner, ['lab-app'], {configuration, nowhere: join(directory, 'apt')});
	assert.deepEqual(files.map(({file}) => file.replace(/^.*\//, '')).sort(), [
		'lab-app_1%3a2.0_all.deb',
		'lab-lib_1.0_all.deb',
	]);
});

test('what the status of the server has is not wanted once more', {skip}, async t => {
	const {configuration, directory} = await asideWith(t, libInstalled);
	const files = await filesFor(runner, ['lab-app'], {configuration, nowhere: join(directory, 'apt')});
	assert.equal(files.length, 1);
	assert.match(files[0]?.file ?? '', /lab-app/);
});

test('a package that no source has is named', {skip}, async t => {
	const {configuration, directory} = await asideWith(t, '');
	await assert.rejects(filesFor(runner, ['lab-none'], {configuration, nowhere: directory}), /has lab-none/);
});

test('a file that is damaged, missing or without a digest is found', {skip}, async t => {
	const directory = await scratch(t);
	await writeFile(join(directory, 'a.deb'), 'a');
	const digest = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
	const file = (name: string, sha256?: string) => ({file: name, url: '', bytes: 1, ...(sha256 ? {sha256} : {})});
	assert.deepEqual(await wrongFiles([file('a.deb', digest)], directory), []);
	const wrong = await wrongFiles(
		[file('a.deb', digest.replace('c', 'd')), file('a.deb'), file('b.deb', digest)],
		directory,
	);
	assert.deepEqual(
		wrong.map(({problem}) => problem),
		[
			'has another SHA-256 than the list of its source says',
			'has no SHA-256 in the list of its source',
			'was not fetched',
		],
	);
});

test('an index of packages names the file that is none', {skip}, async t => {
	const directory = await scratch(t);
	await writeFile(join(directory, 'bad.deb'), 'no package');
	await assert.rejects(packagesIndex(runner, directory), /bad\.deb is no Debian package, or was not copied whole/);
	assert.match(await debControl(runner, await makeDeb(directory, 'lab-good')), /^Package: lab-good$/m);
});

test('lines of apt tell file, size and digest, and no password', () => {
	const text = [
		'Reading package lists...',
		`'http://user:geheim@mirror.example.org/pool/a_1%3a2_amd64.deb' a_1%3a2_amd64.deb 12 SHA256:${'a'.repeat(64)}`,
		"'http://mirror.example.org/pool/b_1_all.deb' b_1_all.deb 7 ",
		"'http://mirror.example.org/pool/c_1_all.deb' c_1_all.deb 8 MD5Sum:63ff0a601207825be83d5c08bb50b2c8",
	].join('\n');
	assert.deepEqual(parseUris(text), [
		{
			file: 'a_1%3a2_amd64.deb',
			url: 'http://mirror.example.org/pool/a_1%3a2_amd64.deb',
			bytes: 12,
			sha256: 'a'.repeat(64),
		},
		{file: 'b_1_all.deb', url: 'http://mirror.example.org/pool/b_1_all.deb', bytes: 7},
		{file: 'c_1_all.deb', url: 'http://mirror.example.org/pool/c_1_all.deb', bytes: 8},
	]);
});

test('sources that only their own host can read are left out and named', () => {
	const {left, sources} = withoutLocal([
		{name: 'a.list', lines: ['deb cdrom:[Debian 12]/ bookworm main', 'deb [arch=amd64] http://a.example.org x main']},
		{
			name: 'b.sources',
			lines: [
				'Types: deb',
				'URIs: file:/srv/mirror',
				'Suites: ./',
				'',
				'Types: deb',
				'URIs: https://b.example.org',
				'Suites: x',
			],
		},
		{name: 'c.list', lines: ['deb file:/srv/other ./']},
	]);
	assert.deepEqual(sources, [
		{name: 'a.list', lines: ['deb [arch=amd64] http://a.example.org x main']},
		{name: 'b.sources', lines: ['Types: deb', 'URIs: https://b.example.org', 'Suites: x']},
	]);
	assert.equal(left.length, 3);
	assert.match(left.join('\n'), /cdrom:.*\n.*file:\/srv\/mirror.*\n.*file:\/srv\/other/);
});

test('of dpkg’s status only what decides stays, and only of packages that are there', () => {
	const lines = resolutionStatus(
		`${libInstalled}Conffiles:\n /etc/lab 0123456789\nDepends: a,\n b\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n`,
	);
	assert.deepEqual(lines, [
		'Package: lab-lib',
		'Status: install ok installed',
		'Architecture: all',
		'Version: 1.0',
		'Depends: a,',
		' b',
		'',
	]);
});
