import assert from 'node:assert/strict';
import {createHash, X509Certificate} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import type {IncomingMessage, OutgoingHttpHeaders} from 'node:http';
import {request} from 'node:https';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {type TestContext, test} from 'node:test';
import type {Captured} from '../../source/host/process.js';
import {lacks, workshop} from '../host/support.js';
import type {Mirror, MirrorOptions} from '../lab/mirror.js';
import {aptHost} from '../preflight/support.js';
import {asked, makeDeb, mirrorFor, netrc, password, sha256, user, wrongNetrc} from './mirror-fixture.js';

type AptOptions = {readonly netrc?: string; readonly ca?: false};

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
		const settings = [
			`Dir::Etc::netrc=${file}`,
			// No credentials of this machine.
			`Dir::Etc::netrcparts=${directory}/parts/`,
			'Acquire::Retries=0',
			...(given.ca === false ? [] : [`Acquire::https::CAInfo=${mirror.ca}`]),
		];
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
	const {stderr} = await apt(['update'], {ca: false});
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

/** Asks as a program would that knows the authority. */
async function ask(
	mirror: Mirror,
	path: string,
	more: {method?: string; headers?: OutgoingHttpHeaders; auth?: string},
) {
	const {hostname, port} = new URL(mirror.url);
	const ca = await readFile(mirror.ca);
	// As it stands: an address would be tidied up.
	const sent = request({hostname, port, path, ca, agent: false, auth: `${user}:${password}`, ...more});
	sent.end();
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	const body = await text(response);
	return {status: response.statusCode ?? 0, headers: response.headers, body};
}

test('whole, part, rest, unchanged and nothing, as HTTP has it', async t => {
	const missing = await lacks('/usr/bin/openssl');
	if (missing) {
		t.skip(missing);
		return;
	}

	const {directory} = await workshop(t);
	const wheels = join(directory, 'wheels');
	await mkdir(wheels);
	await writeFile(join(wheels, 'Sample.One-1.0.zip'), '0123456789');
	await writeFile(join(directory, 'secret.zip'), 'not offered');
	// Any address of 127.0.0.0/8 is there on Linux.
	const mirror = await mirrorFor(t, {directory, wheels, address: '127.0.0.2'});
	assert.match(mirror.url, /^https:\/\/127\.0\.0\.2:\d+$/);
	const certificate = new X509Certificate(await readFile(join(directory, 'mirror.pem')));
	assert.equal(certificate.subjectAltName, 'IP Address:127.0.0.1, IP Address:127.0.0.2');

	const file = '/files/Sample.One-1.0.zip';
	const whole = await ask(mirror, file, {});
	assert.deepEqual([whole.status, whole.body], [200, '0123456789']);
	const modified = whole.headers['last-modified'] ?? '';
	const index = await ask(mirror, '/simple/sample-one/', {});
	const hash = createHash('sha256').update('0123456789').digest('hex');
	assert.ok(index.body.includes(`<a href="${file}#sha256=${hash}">Sample.One-1.0.zip</a>`), index.body);
	for (const [more, path, status, body, contentRange] of [
		[{method: 'HEAD'}, file, 200, ''],
		[{method: 'PUT'}, file, 405, ''],
		[{}, '/files/other.zip', 404, ''],
		[{}, '/files/../../secret.zip', 404, ''],
		[{}, '/files/%2e%2e%2fsecret.zip', 404, ''],
		[{headers: {range: 'bytes=7-'}}, file, 206, '789', 'bytes 7-9/10'],
		[{headers: {range: 'bytes=2-4'}}, file, 206, '234', 'bytes 2-4/10'],
		[{headers: {range: 'bytes=7-99'}}, file, 206, '789', 'bytes 7-9/10'],
		[{headers: {range: 'bytes=10-'}}, file, 416, '', 'bytes */10'],
		[{headers: {range: 'bytes=7-', 'if-range': modified}}, file, 206, '789', 'bytes 7-9/10'],
		[{headers: {range: 'bytes=7-', 'if-range': new Date(0).toUTCString()}}, file, 200, '0123456789'],
		[{headers: {'if-modified-since': modified}}, file, 304, ''],
		[{headers: {'if-modified-since': new Date(0).toUTCString()}}, file, 200, '0123456789'],
	] as const) {
		const reply = await ask(mirror, path, more);
		const seen = [reply.status, reply.body, reply.headers['content-range']];
		assert.deepEqual(seen, [status, body, contentRange], `${path} ${JSON.stringify(more)}`);
	}

	for (const auth of ['', `${user}:`, `${user}:${password}x`, `x${user}:${password}`]) {
		const reply = await ask(mirror, file, {auth});
		assert.deepEqual([reply.status, reply.body], [401, ''], auth);
		assert.match(reply.headers['www-authenticate'] ?? '', /^Basic realm="/);
	}

	await mirror.stop();
	await mirror.stop();
	await assert.rejects(ask(mirror, file, {}), {code: 'ECONNREFUSED'});
});
