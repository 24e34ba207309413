import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Captured, Runner} from '../../source/host/process.js';
import {lacks} from '../host/support.js';
import {type Mirror, type MirrorOptions, startMirror} from '../lab/mirror.js';
import {aptHost} from '../preflight/support.js';

const user = 'vera';
const password = 'hunter2';
const netrc = 'machine 127.0.0.1 login vera password hunter2\n';
const wrongNetrc = netrc.replace('hunter2', 'hunter3');

/** A mirror that goes with the test. */
async function mirrorFor(t: TestContext, options: Omit<MirrorOptions, 'user' | 'password'>): Promise<Mirror> {
	const mirror = await startMirror({user, password, ...options});
	t.after(() => mirror.stop());
	return mirror;
}

/** What was asked of the mirror from a number on, for paths of a kind. */
function asked(mirror: Mirror, kind: RegExp, from = 0): string[] {
	return mirror.requests
		.slice(from)
		.filter(({path}) => kind.test(path))
		.map(({method, status, authorized, path}) => `${method} ${path} ${status}${authorized ? '' : ' unauthorized'}`);
}

async function sha256(file: string): Promise<string> {
	return createHash('sha256')
		.update(await readFile(file))
		.digest('hex');
}

/** A package of one file, which hardly compresses. */
async function makeDeb(runner: Runner, folder: string, name: string, version: string, bytes: number): Promise<string> {
	const tree = join(folder, `../${name}-tree`);
	await mkdir(join(tree, 'DEBIAN'), {recursive: true});
	const fields = [`Package: ${name}`, `Version: ${version}`, 'Architecture: all', 'Maintainer: x <x@example.org>'];
	await writeFile(join(tree, 'DEBIAN/control'), `${fields.join('\n')}\nDescription: x\n more of x\n`);
	const noise = Array.from({length: Math.ceil(bytes / 32)}, (_, index) =>
		createHash('sha256').update(`${name}${index}`).digest(),
	);
	await writeFile(join(tree, name), Buffer.concat(noise));
	const deb = join(folder, `${name}_${version.replace(':', '%3a')}_all.deb`);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', tree, deb]);
	return deb;
}

type AptOptions = {readonly netrc?: string; readonly ca?: string; readonly more?: readonly string[]};

/** A mirror with a small and a large package, and an apt of its own folders that has it as its only source. */
async function aptWith(t: TestContext, options: Partial<MirrorOptions> = {}) {
	const {runner, directory} = await aptHost(t, {});
	for (const name of ['mirror', 'debs', 'here']) {
		await mkdir(join(directory, name));
	}

	const debs = join(directory, 'debs');
	const small = await makeDeb(runner, debs, 'sample-small', '1:1.0+b1', 100);
	const large = await makeDeb(runner, debs, 'sample-large', '2.0', 600_000);
	const mirror = await mirrorFor(t, {directory: join(directory, 'mirror'), debs, ...options});
	await writeFile(join(directory, 'sources.list'), `deb [trusted=yes] ${mirror.url}/apt/ ./\n`);
	/** apt-get, with a file of credentials and an authority. */
	async function apt(words: readonly string[], given: AptOptions = {}): Promise<Captured> {
		const file = join(directory, 'netrc');
		await writeFile(file, given.netrc ?? netrc, {mode: 0o600});
		const settings = [`Dir::Etc::netrc=${file}`, 'Acquire::Retries=0', ...(given.more ?? [])];
		if (given.ca !== '') {
			settings.push(`Acquire::https::CAInfo=${given.ca ?? mirror.ca}`);
		}

		const options = settings.flatMap(setting => ['-o', setting]);
		return runner.capture(['apt-get', ...options, ...words], {cwd: join(directory, 'here'), accept: [0, 100]});
	}

	return {mirror, apt, small, large, here: join(directory, 'here'), directory};
}

const aptNeeds = ['/usr/bin/openssl', '/usr/bin/dpkg-deb', '/usr/bin/apt-get'];

test('apt reads the repository with credentials and authority, and downloads', async t => {
	const missing = await lacks(...aptNeeds);
	if (missing) {
		t.skip(missing);
		return;
	}

	const {mirror, apt, small, here} = await aptWith(t);
	const updated = await apt(['update']);
	assert.equal(updated.exitCode, 0, updated.stderr);
	assert.doesNotMatch(updated.stderr, /^[EW]:/m);
	assert.deepEqual(asked(mirror, /Release$|Packages/), [
		'GET /apt/InRelease 404',
		'GET /apt/Release 200',
		'GET /apt/Packages.gz 200',
	]);
	const downloaded = await apt(['download', 'sample-small']);
	assert.equal(downloaded.exitCode, 0, downloaded.stderr);
	const [name = '', ...rest] = await readdir(here);
	assert.deepEqual(rest, []);
	assert.equal(name, 'sample-small_1%3a1.0+b1_all.deb');
	assert.equal(await sha256(join(here, name)), await sha256(small));
	// What has not changed is not sent again.
	const before = mirror.requests.length;
	assert.match((await apt(['update'])).stdout, /^Hit:/m);
	assert.deepEqual(asked(mirror, /Release$|Packages/, before), ['GET /apt/InRelease 404', 'GET /apt/Release 304']);
});

test('apt is refused with a wrong password and without one, and refuses an unknown authority', async t => {
	const missing = await lacks(...aptNeeds);
	if (missing) {
		t.skip(missing);
		return;
	}

	const {mirror, apt} = await aptWith(t);
	for (const refused of [wrongNetrc, '']) {
		const before = mirror.requests.length;
		const {exitCode, stderr} = await apt(['update'], {netrc: refused});
		assert.equal(exitCode, 100);
		assert.match(stderr, /^E: Failed to fetch .* 401 +Unauthorized/m);
		assert.ok(mirror.requests.length > before);
		for (const {status, authorized} of mirror.requests.slice(before)) {
			assert.deepEqual({status, authorized}, {status: 401, authorized: false});
		}
	}

	const before = mirror.requests.length;
	const {stderr} = await apt(['update'], {ca: ''});
	assert.match(stderr, /^[EW]: Failed to fetch .*Certificate verification failed/m);
	assert.equal(mirror.requests.length, before);
});

test('apt goes on with the rest of a download that broke off', async t => {
	const missing = await lacks(...aptNeeds);
	if (missing) {
		t.skip(missing);
		return;
	}

	const {mirror, apt, large, directory} = await aptWith(t, {breakOnce: /large/, failAfter: 200_000});
	assert.equal((await apt(['update'])).exitCode, 0);
	const install = ['install', '--yes', '--download-only', 'sample-large'];
	const broken = await apt(install);
	assert.equal(broken.exitCode, 100, broken.stdout);
	assert.deepEqual(asked(mirror, /large/), ['GET /apt/sample-large_2.0_all.deb 200']);
	const whole = await apt(install);
	assert.equal(whole.exitCode, 0, whole.stderr);
	assert.deepEqual(asked(mirror, /large/).slice(1), ['GET /apt/sample-large_2.0_all.deb 206']);
	const archive = join(directory, 'cache/archives/sample-large_2.0_all.deb');
	assert.equal(await sha256(archive), await sha256(large));
});
