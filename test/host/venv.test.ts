import assert from 'node:assert/strict';
import {chmod, mkdir, readdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {exchange} from '../../source/host/exchange.js';
import {install} from '../../source/host/pip.js';
import type {Runner} from '../../source/host/process.js';
import {
	at,
	cannotStage,
	create,
	type Expectation,
	interpreterOf,
	mark,
	markerOf,
	moduleLocation,
	stagedArgv,
	verify,
} from '../../source/host/venv.js';
import {treeDigest} from '../tree-digest.js';
import {lacks, makeWheel, workshop} from './support.js';

/** An old tree at its place, and where a new one may be staged. Skips where this machine cannot stage. */
async function site(t: TestContext) {
	const missing = await lacks('/usr/bin/python3', '/usr/lib/python3.11/ensurepip', '/usr/bin/unshare');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const shop = await workshop(t);
	const place = {staging: join(shop.directory, 'staging', 'python'), final: join(shop.directory, 'python')};
	await mkdir(place.final, {mode: 0o750});
	await chmod(place.final, 0o750);
	await writeFile(join(place.final, 'which'), 'old');
	const reason = await cannotStage(shop.runner, place);
	if (reason) {
		t.skip(reason);
		return undefined;
	}

	const python = `/usr/bin/python3`;
	const version = (await shop.runner.capture([python, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']))
		.stdout;
	return {...shop, place, python, version: version.trim()};
}

test('paths reach the program as they are, and are seen there by nobody else', async t => {
	const there = await site(t);
	if (!there) {
		return;
	}

	const {directory, runner} = there;
	const odd = {staging: join(directory, 'a "b" $(touch x) \'c\''), final: join(directory, '; exit 3 #')};
	await mkdir(odd.staging);
	await mkdir(odd.final);
	await writeFile(join(odd.staging, 'new'), '');
	const {stdout} = await runner.capture(stagedArgv(odd, ['/bin/ls', odd.final]));
	assert.equal(stdout, 'new\n');
	assert.deepEqual(await readdir(odd.final), []);
	assert.equal((await runner.capture(stagedArgv(odd, ['/bin/sh', '-c', 'exit 7']), {accept: [7]})).exitCode, 7);
	const gone = stagedArgv({staging: join(directory, 'nothing'), final: odd.final}, [
		'/bin/touch',
		`${odd.final}/wrong`,
	]);
	await assert.rejects(runner.capture(gone));
	assert.deepEqual(await readdir(odd.final), [], 'nothing runs without the mount');
});

test('what cannot be staged, and why', async t => {
	const there = await site(t);
	if (!there) {
		return;
	}

	const {directory, runner, place} = there;
	const link = join(directory, 'link');
	await symlink(place.final, link);
	assert.match((await cannotStage(runner, {...place, final: link})) ?? '', /is a link/);
	assert.match((await cannotStage(runner, {...place, final: join(directory, 'none')})) ?? '', /is not there/);
	assert.match((await cannotStage(runner, {...place, final: '/proc'})) ?? '', /mount of its own/);
	assert.match((await cannotStage(runner, {...place, staging: '/proc/staging'})) ?? '', /another filesystem/);
	const forbidden = {...runner, capture: () => Promise.reject(new Error('no'))};
	assert.match((await cannotStage(forbidden, place)) ?? '', /does not allow a private mount/);
});

test('an environment made beside the old one works at its place after the exchange', async t => {
	const there = await site(t);
	if (!there) {
		return;
	}

	const {directory, runner, log, place, python, version} = there;
	const old = await treeDigest(place.final);
	try {
		await create(runner, {...place, python, run: 'run-1'});
	} catch (error) {
		if (/Install python.*-venv/.test((error as Error).message)) {
			t.skip('python3-venv is not installed');
			return;
		}

		throw error;
	}

	assert.equal(await treeDigest(place.final), old, 'the old tree is untouched');
	assert.equal((await stat(place.staging)).mode & 0o7777, 0o750, 'mode of the old tree');
	assert.equal(await markerOf(place.staging), 'run-1');
	assert.equal(await markerOf(place.final), undefined);
	const interpreter = await interpreterOf(place.staging);
	assert.ok(interpreter?.version.startsWith(`${version}.`));
	assert.equal(interpreter?.home, '/usr/bin');

	const wheels = join(directory, 'wheels');
	await mkdir(wheels);
	await makeWheel(runner, wheels, 'sample_app', '1.2');
	const requirementsFile = join(directory, 'requirements.txt');
	await writeFile(requirementsFile, 'sample-app\n');
	await install(runner, {
		environment: place.final,
		requirementsFile,
		cache: join(directory, 'cache'),
		log,
		wrap: at(place),
		settings: {PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: '/dev/null'},
	});
	const expected = {python: version, imports: ['sample_app'], module: false};
	assert.deepEqual(
		(await verify(runner, place, expected)).map(({severity}) => severity),
		['info'],
	);

	await exchange(runner, place.final, place.staging);
	assert.equal(await markerOf(place.final), 'run-1');
	assert.equal(await treeDigest(place.staging), old);
	const {stdout} = await runner.capture([`${place.final}/bin/sample_app-tool`]);
	assert.equal(stdout, 'main of sample_app\n');
	assert.deepEqual(
		(await verify(runner, {final: place.final}, expected)).map(({severity}) => severity),
		['info'],
	);
	await assert.rejects(create(runner, {final: place.final, python, run: 'run-2'}), /is still there/);
});

test('what is wrong with an environment is found', async t => {
	const there = await site(t);
	if (!there) {
		return;
	}

	const {directory, runner, place, python, version} = there;
	const expected: Expectation = {python: version, imports: [], module: false};
	const ids = async (expectation = expected) =>
		(await verify(runner, place, expectation)).map(({severity, id}) => `${severity} ${id}`);
	await mkdir(place.staging, {recursive: true});
	assert.deepEqual(await ids(), ['blocker environment-python']);
	await runner.run(at(place)([python, '-m', 'venv', '--without-pip', place.final]));
	assert.deepEqual(await ids(), ['info environment']);
	assert.deepEqual(await ids({...expected, python: '2.7'}), ['blocker environment-python']);
	assert.deepEqual(await ids({...expected, imports: ['json', 'no_such_module']}), ['blocker environment-import']);
	assert.deepEqual(await ids({...expected, module: true}), ['blocker module']);
	const bin = join(place.staging, 'bin');
	await writeFile(join(bin, 'moved'), '#!/opt/elsewhere/bin/python\n', {mode: 0o755});
	assert.deepEqual(await ids(), ['blocker environment-scripts']);
	await writeFile(join(bin, 'moved'), `#!${place.final}/bin/python\n`);
	assert.deepEqual(await ids(), ['info environment']);

	const missing = await lacks('/usr/bin/gcc', '/usr/include/stdio.h', '/usr/bin/ldd');
	if (missing) {
		t.diagnostic(`libraries of the module not checked: ${missing}`);
		return;
	}

	// A real shared object that needs another, which is then taken away.
	const [needed, module] = [join(directory, 'libsampleneeded.so'), join(place.staging, 'module.so')];
	await runner.capture(['gcc', '-shared', '-x', 'c', '-', '-o', needed], {input: 'int sample(void) { return 1; }\n'});
	const words = ['-shared', '-Wl,--no-as-needed', '-x', 'c', '-', '-x', 'none', needed, '-o', module];
	await runner.capture(['gcc', ...words], {input: 'int sample(void); int use(void) { return sample(); }\n'});
	const script = `#!${place.final}/bin/python\nprint("${place.final}/module.so")\n`;
	await writeFile(join(bin, 'mod_wsgi-express'), script, {mode: 0o755});
	assert.equal(await moduleLocation(runner, place), `${place.final}/module.so`);
	assert.deepEqual(await ids({...expected, module: true}), ['info environment']);
	await runner.capture(['rm', needed]);
	assert.deepEqual(await ids({...expected, module: true}), ['blocker module-libraries']);
});

test('an attempt that was cut is begun afresh, and has no marker', async t => {
	const there = await site(t);
	if (!there) {
		return;
	}

	const {runner, place} = there;
	await mkdir(join(place.staging, 'bin'), {recursive: true});
	await writeFile(join(place.staging, 'left'), '');
	await mark(place.staging, 'run-0');
	await assert.rejects(create(runner, {...place, python: '/bin/false', run: 'run-1'}));
	assert.deepEqual(await readdir(place.staging), []);
	assert.equal(await markerOf(place.staging), undefined);
	assert.equal(await readFile(join(place.final, 'which'), 'utf8'), 'old');
});

test('reads the configuration that virtualenv writes', async t => {
	const {directory} = await workshop(t);
	const text = 'home = /usr/local/bin\nimplementation = CPython\nversion_info = 3.8.10.final.0\nvirtualenv = 20.0.17\n';
	await writeFile(join(directory, 'pyvenv.cfg'), text);
	assert.deepEqual(await interpreterOf(directory), {version: '3.8.10', home: '/usr/local/bin'});
	assert.equal(await interpreterOf(join(directory, 'none')), undefined);
});

test('the module location is read from output with warnings around it', async () => {
	const fake = (stdout: string) => ({capture: async () => ({exitCode: 0, stdout, stderr: ''})}) as unknown as Runner;
	const says = async (stdout: string) => moduleLocation(fake(stdout), {final: '/opt/omflow/python'});
	assert.equal(
		await says('warning: /tmp is odd\n/opt/omflow/python/lib/mod_wsgi.so\r\nbye\n'),
		'/opt/omflow/python/lib/mod_wsgi.so',
	);
	await assert.rejects(says('/tmp is odd\n'), /does not say where its module is/);
});
