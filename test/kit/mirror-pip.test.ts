import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Captured, Runner} from '../../source/host/process.js';
import {lacks, makeWheel, workshop} from '../host/support.js';
import {asked, makeSdist, mirrorFor, netrc, sha256, wrongNetrc} from './mirror-fixture.js';

/** Why no environment can be made with this machine's python3; false when it can. */
async function lacksVenv(runner: Runner): Promise<string | false> {
	const missing = await lacks('/usr/bin/openssl', '/usr/bin/python3');
	if (missing) {
		return missing;
	}

	const tried = await runner.capture(['/usr/bin/python3', '-c', 'import ensurepip, venv'], {accept: [0, 1]});
	return tried.exitCode === 0 ? false : 'python3 makes no environments; on Debian that is in python3-venv';
}

type PipOptions = {readonly netrc?: string; readonly ca?: false};

/** A mirror with a wheel that needs an sdist, and a pip that knows no settings but those it is given. */
async function pipWith(t: TestContext, environment: string, cut?: RegExp) {
	const {directory, runner} = await workshop(t);
	const [folder, wheels, here] = ['mirror', 'wheels', 'here'].map(name => join(directory, name)) as [
		string,
		string,
		string,
	];
	for (const each of [folder, wheels, here]) {
		await mkdir(each);
	}

	await makeWheel(runner, wheels, 'sample_wheel', '1.2', 'sample-sdist');
	await makeSdist(runner, wheels, 'sample_sdist', '3.4');
	const mirror = await mirrorFor(t, {directory: folder, wheels, ...(cut ? {breakOnce: cut, failAfter: 100} : {})});
	const words = ['--index-url', `${mirror.url}/simple/`, '--no-cache-dir', '--dest', here, '--no-input'];
	async function download(given: PipOptions = {}): Promise<Captured> {
		const file = join(directory, 'netrc');
		await writeFile(file, given.netrc ?? netrc, {mode: 0o600});
		const env = {
			NETRC: file,
			PIP_CONFIG_FILE: '/dev/null',
			PIP_RETRIES: '0',
			PIP_DISABLE_PIP_VERSION_CHECK: '1',
			...(given.ca === false ? {} : {PIP_CERT: mirror.ca}),
		};
		const argv = [join(environment, 'bin/python'), '-m', 'pip', 'download', ...words, 'Sample.Wheel'];
		return runner.capture(argv, {env, accept: [0, 1, 2]});
	}

	return {mirror, download, wheels, here};
}

const wheelName = 'sample_wheel-1.2-py3-none-any.whl';
const sdistName = 'sample_sdist-3.4.tar.gz';

test('pip and the mirror', async t => {
	const {directory, runner} = await workshop(t);
	const missing = await lacksVenv(runner);
	if (missing) {
		t.skip(missing);
		return;
	}

	// Made once: it takes longer than everything else here.
	const environment = join(directory, 'environment');
	await runner.capture(['/usr/bin/python3', '-m', 'venv', environment]);
	await t.test(
		'pip downloads a wheel and the sdist it needs, and is refused without credentials and authority',
		async t => {
			const {mirror, download, wheels, here} = await pipWith(t, environment);
			for (const refused of [wrongNetrc, '']) {
				const before = mirror.requests.length;
				const {exitCode, stdout, stderr} = await download({netrc: refused});
				assert.notEqual(exitCode, 0);
				assert.match(stdout + stderr, /401|No matching distribution/);
				const statuses = mirror.requests.slice(before).map(({status}) => status);
				assert.ok(statuses.length > 0 && statuses.every(status => status === 401), `${statuses}`);
			}

			const before = mirror.requests.length;
			const stranger = await download({ca: false});
			assert.notEqual(stranger.exitCode, 0);
			assert.match(stranger.stdout + stranger.stderr, /CERTIFICATE_VERIFY_FAILED/);
			assert.equal(mirror.requests.length, before);
			assert.deepEqual(await readdir(here), []);

			const {exitCode, stdout, stderr} = await download();
			assert.equal(exitCode, 0, stdout + stderr);
			assert.deepEqual((await readdir(here)).sort(), [sdistName, wheelName]);
			for (const name of [sdistName, wheelName]) {
				assert.equal(await sha256(join(here, name)), await sha256(join(wheels, name)));
			}

			const granted = mirror.requests.slice(before).filter(({authorized}) => authorized);
			for (const path of [
				'/simple/sample-wheel/',
				'/simple/sample-sdist/',
				`/files/${wheelName}`,
				`/files/${sdistName}`,
			]) {
				assert.ok(
					granted.some(each => each.path === path && each.status === 200),
					path,
				);
			}
		},
	);

	await t.test('pip sees that a download broke off or is another than the index says', async t => {
		const {mirror, download, wheels, here} = await pipWith(t, environment, /\.whl$/);
		await download();
		assert.deepEqual(asked(mirror, /\.whl$/)[0], `GET /files/${wheelName} 200`);
		// A newer pip may have asked for the rest at once; an older one has given up.
		const again = await download();
		assert.equal(again.exitCode, 0, again.stdout + again.stderr);
		assert.ok(asked(mirror, /\.whl$/).length > 1);
		assert.deepEqual((await readdir(here)).sort(), [sdistName, wheelName]);

		const wheel = join(wheels, wheelName);
		const changed = await readFile(wheel);
		changed[40] = (changed[40] ?? 0) ^ 1;
		await writeFile(wheel, changed);
		await rm(join(here, wheelName));
		const other = await download();
		assert.notEqual(other.exitCode, 0);
		assert.match(other.stdout + other.stderr, /DO NOT MATCH THE HASHES/);
	});
});
