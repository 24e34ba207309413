import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {
	check,
	freeze,
	install,
	list,
	networkEnvironment,
	normalizeName,
	type PipProgress,
	requirementNames,
	withoutSecrets,
} from '../../source/host/pip.js';
import {explainPip} from '../../source/host/pip-errors.js';
import {reduceLine, startProgress} from '../../source/host/pip-progress.js';
import {lacks, makeWheel, recorded, workshop} from './support.js';

/** All states a recording goes through. */
async function replay(file: string, wanted: readonly string[] = []): Promise<PipProgress[]> {
	const states = [startProgress(wanted)];
	for (const line of (await recorded(file)).split('\n')) {
		states.push(reduceLine(states.at(-1) as PipProgress, line));
	}

	return states;
}

const stateOf = (progress: PipProgress | undefined, name: string) => progress?.packages[name]?.state;

test('a recorded installation: every package goes from wanted to installed with its version', async () => {
	const states = await replay('pip-install.txt', ['Django', 'mod_wsgi', 'requests', 'odfpy']);
	const last = states.at(-1);
	assert.equal(stateOf(states[0], 'django'), 'wanted');
	assert.deepEqual(
		Object.values(last?.packages ?? {})
			.map(({name, version, state}) => `${name} ${version} ${state}`)
			.sort(),
		[
			'Django 4.2.30 installed',
			'asgiref 3.13.0 installed',
			'certifi 2026.10.18 installed',
			'charset-normalizer 3.5.2 installed',
			'defusedxml 0.7.1 installed',
			'idna 3.20 installed',
			'mod_wsgi 6.1.1 installed',
			'odfpy 1.4.1 installed',
			'requests 2.31.0 installed',
			'sqlparse 0.6.1 installed',
			'urllib3 2.8.0 installed',
		],
	);
	assert.equal(last?.packages['mod-wsgi']?.bytes, 609_000);
	assert.equal(last?.packages['charset-normalizer']?.bytes, 269_000);
	assert.equal(last?.current, undefined);
	assert.equal(last?.failed, undefined);
	const percents = states.map(({percent}) => percent);
	assert.deepEqual(
		percents,
		percents.toSorted((a, b) => a - b),
	);
	assert.equal(percents.at(-1), 100);
	assert.ok(percents.filter(percent => percent === 100).length <= 2);
	// One package at a time is being worked on.
	for (const state of states) {
		const busy = Object.values(state.packages).filter(item => item.state === 'fetching' || item.state === 'building');
		assert.ok(busy.length <= 1, JSON.stringify(busy));
	}
});

test('wheels being built, wheels from the cache, packages that were there', async () => {
	const built = await replay('pip-wheels.txt', ['mod_wsgi', 'odfpy']);
	const building = built.find(
		state => stateOf(state, 'odfpy') === 'building' && stateOf(state, 'mod-wsgi') === 'ready',
	);
	assert.equal(building?.current, 'odfpy');
	assert.equal(stateOf(built.at(-1), 'mod-wsgi'), 'installed');
	const cached = await replay('pip-cached.txt');
	assert.equal(cached.at(-1)?.packages.odfpy?.version, '1.4.1');
	const again = (await replay('pip-again.txt')).at(-1);
	assert.deepEqual(again?.packages.django, {name: 'Django', state: 'installed', version: '4.2.30'});
	assert.deepEqual(again?.packages['charset-normalizer']?.version, '3.5.2');
	assert.ok(Object.values(again?.packages ?? {}).every(({state}) => state === 'installed'));
});

test('what other versions of pip print: metadata files, addresses, eggs', () => {
	const lines = [
		'Collecting requests[socks]==2.31.0 (from -r requirements.txt (line 1))',
		'  Downloading requests-2.31.0-py3-none-any.whl.metadata (4.6 kB)',
		'Collecting old==1.0',
		'  Downloading https://index.example.org/packages/aa/bb/old-1.0.tar.gz (1.5MB)',
		'Processing /srv/kit/sample_kit-2.1-py3-none-any.whl',
		'Collecting git+https://git.example.org/tool.git#egg=own-tool',
	];
	const last = lines.reduce(reduceLine, startProgress());
	assert.deepEqual(last.packages.requests, {name: 'requests', state: 'ready', version: '2.31.0'});
	assert.equal(last.packages.old?.state, 'ready');
	assert.equal(last.packages['sample-kit']?.version, '2.1');
	assert.equal(last.packages['own-tool']?.state, 'fetching');
});

test('recorded failures become what, why and what to do', async () => {
	for (const [file, expected] of [
		[
			'pip-no-header.txt',
			/^python-ldap could not be built: the header sasl\/sasl\.h is missing\. Install libsasl2-dev/,
		],
		['pip-no-library.txt', /^mysqlclient could not be built: its C library/],
		['pip-no-program.txt', /^mysqlclient could not be built: the program mysql_config is missing\. Install libmysql/],
		['pip-no-apxs.txt', /^mod_wsgi could not be built: the program apxs is missing\. Install apache2-dev/],
		['pip-none.txt', /has no no-such-thing-omflow==9 for this Python/],
		['pip-no-version.txt', /^No version of django fits Django==99\.1/],
		['pip-offline.txt', /out of reach \(Temporary failure in name resolution\)/],
		['pip-certificate.txt', /certificate is not trusted.*PIP_CERT/],
		['pip-proxy.txt', /^The proxy does not let pip through/],
		['pip-conflict.txt', /^asgiref==3\.0 and django==4\.2 cannot be installed together.*depends on asgiref/],
	] as const) {
		const text = await recorded(file);
		const progress = text.split('\n').reduce(reduceLine, startProgress());
		const lastLines = text.trim().split('\n').slice(-12).join('\n');
		assert.match(explainPip(progress, lastLines) ?? '', expected, file);
		assert.ok(progress.evidence.length <= 20);
	}

	assert.equal(explainPip(startProgress(), 'Traceback (most recent call last):'), undefined);
});

test('an attempt that failed and passed later is not the reason of another failure', async () => {
	const lines = [
		...(await recorded('pip-offline.txt')).split('\n').slice(0, 2),
		'Collecting idna==3.4',
		'  Downloading idna-3.4-py3-none-any.whl (61 kB)',
		'ERROR: No matching distribution found for other==1 (from versions: 2)',
	];
	const progress = lines.reduce(reduceLine, startProgress());
	assert.match(explainPip(progress, lines.at(-1) ?? '') ?? '', /^No version of other fits/);
});

test('names in a requirements file', () => {
	const text = `# comment\n--index-url https://index.example.org\nDjango>=4.2,<4.3\n  mod_wsgi # why\nrequests[socks]==2.31.0\n-e git+https://git.example.org/x\nzope.interface; python_version < '4'\nhttps://example.org/a.whl\nlocal @ file:///srv/local.whl\n`;
	assert.deepEqual(requirementNames(text), ['Django', 'mod_wsgi', 'requests', 'zope.interface', 'local']);
});

test('network settings: from the file that sudo forgets, with what would misplace packages left out', async t => {
	const {directory} = await workshop(t);
	const file = join(directory, 'environment');
	await writeFile(
		file,
		'# site\nhttp_proxy="http://user:geheim@proxy.example.org:3128"\nexport no_proxy=localhost,.example.org # own\nPATH="/usr/bin"\nPIP_TARGET=/tmp\nPIP_CERT=/from/file.pem\n',
	);
	const own = {
		PIP_CERT: '/from/process.pem',
		HTTPS_PROXY: 'http://p.example.org',
		HOME: '/root',
		PIP_USER: '1',
		SSL_CERT_FILE: '',
	};
	const found = await networkEnvironment(own, file);
	assert.deepEqual(found, {
		http_proxy: 'http://user:geheim@proxy.example.org:3128',
		no_proxy: 'localhost,.example.org',
		PIP_CERT: '/from/process.pem',
		HTTPS_PROXY: 'http://p.example.org',
	});
	assert.equal(withoutSecrets(found.http_proxy ?? ''), 'http://…@proxy.example.org:3128');
	assert.equal(withoutSecrets('user:geheim@proxy.example.org:3128'), '…@proxy.example.org:3128');
	assert.equal(withoutSecrets('http://a:b@x https://c:d@y'), 'http://…@x https://…@y');
	assert.deepEqual(await networkEnvironment({}, join(directory, 'nothing')), {});
});

/** A real environment without a network, and a folder of wheels it may use. */
async function offline(t: TestContext) {
	const missing = await lacks('/usr/bin/python3', '/usr/lib/python3.11/ensurepip');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const shop = await workshop(t);
	const {directory, runner} = shop;
	const environment = join(directory, 'venv');
	try {
		await runner.run(['/usr/bin/python3', '-m', 'venv', environment]);
	} catch {
		t.skip('python3-venv is not installed');
		return undefined;
	}

	const wheels = join(directory, 'wheels');
	await mkdir(wheels);
	return {
		...shop,
		environment,
		wheels,
		requirementsFile: join(directory, 'requirements.txt'),
		cache: join(directory, 'cache'),
		settings: {PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: '/dev/null'},
	};
}

test('real pip: installs, lists, checks; the progress is that of the real output', async t => {
	const shop = await offline(t);
	if (!shop) {
		return;
	}

	const {runner, environment, wheels, requirementsFile, settings} = shop;
	await makeWheel(runner, wheels, 'sample_app', '1.2', 'sample_lib>=2');
	await makeWheel(runner, wheels, 'sample_lib', '2.0');
	await writeFile(requirementsFile, 'sample-app\n');
	const before = await list(runner, environment, {settings});
	const seen: PipProgress[] = [];
	const result = await install(runner, {...shop, onProgress: progress => seen.push(progress)});
	assert.equal(seen[0]?.packages['sample-app']?.state, 'wanted');
	assert.equal(seen.at(-1), result);
	assert.equal(result.percent, 100);
	assert.deepEqual(
		Object.values(result.packages).map(({state, version}) => `${state} ${version}`),
		['installed 1.2', 'installed 2.0'],
	);
	const after = await list(runner, environment, {settings});
	const names = new Set(before.map(({name}) => name));
	assert.deepEqual(
		after.filter(({name}) => !names.has(name)).map(({name, version}) => `${normalizeName(name)} ${version}`),
		['sample-app 1.2', 'sample-lib 2.0'],
	);
	assert.ok((await freeze(runner, environment, {settings})).some(line => /^sample.lib==2\.0$/.test(line)));
	assert.deepEqual(await check(runner, environment, {settings}), []);
	// Again: what is there stays.
	assert.equal((await install(runner, shop)).packages['sample-lib']?.state, 'installed');
	await runner.run([`${environment}/bin/python`, '-m', 'pip', 'uninstall', '-y', 'sample-lib']);
	assert.match((await check(runner, environment, {settings})).join(), /sample.app 1\.2 requires sample.lib/);
});

test('real pip: a version that is not there and a package that cannot be built are named', async t => {
	const shop = await offline(t);
	if (!shop) {
		return;
	}

	const {runner, directory, wheels, requirementsFile} = shop;
	await makeWheel(runner, wheels, 'sample_app', '1.2');
	await writeFile(requirementsFile, 'sample-app==9\n');
	await assert.rejects(install(runner, shop), /No version of sample-app fits sample-app==9/);

	const source = join(directory, 'sample_broken-1.0');
	await mkdir(source);
	const call =
		"import subprocess\nfrom setuptools import setup\nsubprocess.run(['sample-config', '--libs'], check=True)\nsetup(name='sample_broken', version='1.0')\n";
	await writeFile(join(source, 'setup.py'), call);
	await runner.capture(['tar', '-C', directory, '-czf', join(wheels, 'sample_broken-1.0.tar.gz'), 'sample_broken-1.0']);
	await writeFile(requirementsFile, 'sample-broken\n');
	await assert.rejects(install(runner, {...shop, arguments: ['--no-build-isolation']}), (error: Error) => {
		assert.match(error.message, /^sample.broken could not be built/);
		return true;
	});
});

test('one name for all spellings of a package', () => {
	assert.equal(normalizeName('Foo__.-bar'), 'foo-bar');
});
