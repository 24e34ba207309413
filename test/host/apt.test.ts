import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {
	type AptProgress,
	download,
	install,
	isConfigured,
	lockHolder,
	planInstall,
	repair,
	updateLists,
} from '../../source/host/apt.js';
import {explainApt, parsePlan, parsePolicy} from '../../source/host/apt-output.js';
import {advance, beginning, parseStatusLine} from '../../source/host/apt-status.js';
import {CommandError, type Runner} from '../../source/host/process.js';
import {lacks, machineView, recorded, workshop} from './support.js';

test('every kind of status line, as recorded', () => {
	assert.deepEqual(parseStatusLine('dlstatus:10:12.1440:Retrieving file 10 of 47'), {
		kind: 'download',
		percent: 12.144,
		message: 'Retrieving file 10 of 47',
	});
	assert.deepEqual(
		parseStatusLine('pmstatus:libaprutil1-dbd-sqlite3:1.0582:Installing libaprutil1-dbd-sqlite3 (amd64)'),
		{
			kind: 'install',
			package: 'libaprutil1-dbd-sqlite3',
			percent: 1.0582,
			message: 'Installing libaprutil1-dbd-sqlite3 (amd64)',
		},
	);
	assert.deepEqual(
		parseStatusLine(
			'pmerror:sample-bad:60.0000:installed sample-bad package post-installation script subprocess returned error exit status 7',
		),
		{
			kind: 'error',
			package: 'sample-bad',
			message: 'installed sample-bad package post-installation script subprocess returned error exit status 7',
		},
	);
	assert.deepEqual(
		parseStatusLine("pmconffile:/etc/sample.conf:40.0000:'/etc/sample.conf' '/etc/sample.conf.dpkg-new' 1 1 "),
		{kind: 'conffile', path: '/etc/sample.conf', message: "'/etc/sample.conf' '/etc/sample.conf.dpkg-new' 1 1"},
	);
	const media = parseStatusLine(
		"media-change: Sample Disc 1:/media/cdrom/:Please insert the disc labeled: 'Sample Disc 1' in the drive '/media/cdrom/' and press [Enter].",
	);
	assert.equal(media?.kind, 'media');
	assert.equal(media.disc, 'Sample Disc 1');
	assert.equal(media.drive, '/media/cdrom/');
	for (const line of ['', 'Reading package lists...', 'pmstatus:', 'dlstatus:1:', 'pmstatus:a:b:c']) {
		assert.equal(parseStatusLine(line), undefined, line);
	}
});

test('the percentage of a whole recorded download and installation never falls and ends at its end', async () => {
	let last = 0;
	const packages = new Set<string>();
	for (const [stage, file] of [
		['download', 'apt-download.status'],
		['install', 'apt-install.status'],
	] as const) {
		let progress = beginning(stage);
		for (const line of (await recorded(file)).split('\n')) {
			const parsed = parseStatusLine(line);
			if (parsed) {
				progress = advance(progress, parsed, {elapsed: 4, downloadBytes: 1000});
				assert.ok((progress.percent ?? -1) >= last, line);
				last = progress.percent ?? 0;
				if (stage === 'install' && progress.current) {
					packages.add(progress.current);
				}
			}
		}
	}

	assert.ok(last > 99, `${last}`);
	assert.ok(packages.has('apache2') && packages.has('python3.11-dev'));
	assert.ok(!packages.has('dpkg-exec'));
});

test('rate and time left come from the bytes of the plan and the time gone by', () => {
	const line = parseStatusLine('dlstatus:1:25.0000:Retrieving file 1 of 4');
	assert.ok(line);
	const after = advance(beginning('download'), line, {elapsed: 10, downloadBytes: 4000});
	assert.deepEqual(after, {
		stage: 'download',
		percent: 10,
		current: '1 of 4',
		doing: 'Retrieving file 1 of 4',
		bytesPerSecond: 100,
		secondsLeft: 30,
	});
	assert.equal(advance(beginning('download'), line, {elapsed: 0.5}).secondsLeft, undefined);
});

test('the plan: names and versions of the simulation, sizes of the addresses', async () => {
	const plan = parsePlan(await recorded('apt-simulated.txt'), await recorded('apt-uris.txt'));
	assert.equal(plan.packages.length, 14);
	assert.deepEqual(plan.packages[0], {name: 'libapr1', version: '1.7.2-3+deb12u1', bytes: 102_116});
	assert.deepEqual(plan.packages[5], {name: 'libpcre2-8-0', version: '10.42-1+deb12u2', bytes: 261_628});
	// Its address was cut from the recording: it is downloaded already.
	assert.deepEqual(plan.packages[13], {name: 'python3.11-venv', version: '3.11.2-6+deb12u9', bytes: 0});
	assert.equal(
		plan.downloadBytes,
		plan.packages.reduce((sum, {bytes}) => sum + bytes, 0),
	);
	assert.equal(plan.installedBytes, 41_200_000);
	assert.deepEqual(plan.removes, []);
	assert.equal(parsePlan('', 'After this operation, 1,234 kB disk space will be freed.').installedBytes, -1_234_000);
	assert.deepEqual(parsePlan('Remv libapache2-mod-wsgi-py3 [4.9.4-1]', '').removes, ['libapache2-mod-wsgi-py3']);
});

test('policy: installed, candidate, none, unknown', async () => {
	const policy = parsePolicy(await recorded('apt-policy.txt'));
	assert.deepEqual(policy.get('apache2'), {candidate: '2.4.71-1~deb12u1'});
	assert.deepEqual(policy.get('python3.11'), {installed: '3.11.2-6+deb12u6', candidate: '3.11.2-6+deb12u9'});
	assert.deepEqual(policy.get('python3.8'), {});
	assert.equal(policy.has('nosuchpkg'), false);
});

test("apt's last words become what, why and what to do", async () => {
	const offline = explainApt(await recorded('apt-update-offline.txt')) ?? '';
	assert.match(offline, /packages\.example\.org is out of reach \(Temporary failure resolving/);
	assert.match(explainApt(await recorded('apt-download-offline.txt')) ?? '', /out of reach/);
	for (const [said, expected] of [
		[
			'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 155 (python3.11)\nE: Unable to lock directory /var/lib/apt/lists/',
			/^Process 155 \(python3\.11\) is installing/,
		],
		[
			'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
			/^Another program is installing/,
		],
		['dpkg: error: dpkg frontend lock was locked by another process with pid 9', /^Process 9 is installing/],
		["E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ", /was cut/],
		['E: Unable to locate package nosuchpkg', /has nosuchpkg\./],
		["E: Package 'python3.8' has no installation candidate", /has python3\.8\./],
		[
			'E: Failed to fetch cdrom://Sample Disc 1/pool/s/sample-cd_1.0_all.deb  Disk not found.',
			/the disc Sample Disc 1/,
		],
		['E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?', /Download them/],
		[
			'E: Failed to fetch http://h.example.org/pool/a_1_all.deb  404  Not Found [IP: 192.0.2.1 80]',
			/Fetch the lists again/,
		],
		['E: Failed to fetch http://h.example.org/dists/x/InRelease  404  Not Found', /no longer has this release/],
		["E: You don't have enough free space in /var/cache/apt/archives/.", /enough room/],
		[
			'dpkg: error processing package sample-bad (--configure):\n installed sample-bad package post-installation script subprocess returned error exit status 7\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
			/sample-bad: installed sample-bad package/,
		],
		[
			'The following packages have unmet dependencies:\n a : Depends: b (>= 2) but 1 is to be installed\nE: Unable to correct problems, you have held broken packages.',
			/\(a : Depends: b \(>= 2\)/,
		],
	] as const) {
		assert.match(explainApt(said) ?? '', expected);
	}

	assert.equal(explainApt('Reading package lists...'), undefined);
	const secret = explainApt('E: Failed to fetch https://user:geheim@h.example.org/a.deb  401  Unauthorized') ?? '';
	assert.match(secret, /h\.example\.org/);
	assert.doesNotMatch(secret, /geheim|user/);
});

test('names the process that holds a lock, and nobody once it has ended', async t => {
	const missing = await lacks('/usr/bin/python3');
	if (missing) {
		t.skip(missing);
		return;
	}

	const {directory} = await workshop(t);
	const path = join(directory, 'lock-frontend');
	await writeFile(path, '');
	assert.equal(await lockHolder([path]), undefined);
	const script =
		'import fcntl,sys\nf=open(sys.argv[1],"w")\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint("held",flush=True)\nsys.stdin.read()';
	const child = spawn('/usr/bin/python3', ['-c', script, path], {stdio: ['pipe', 'pipe', 'inherit']});
	await once(child.stdout, 'data');
	const holder = await lockHolder([join(directory, 'other'), path]);
	assert.equal(holder?.pid, child.pid);
	assert.match(holder?.program ?? '', /^\/usr\/bin\/python3 -c/);
	child.stdin.end();
	await once(child, 'exit');
	assert.equal(await lockHolder([path]), undefined);
});

test('fetching the lists waits for the lock, and gives up after its patience', async () => {
	const said = 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 155 (python3.11)';
	let attempts = 0;
	const runner = {
		async run(argv: readonly string[]) {
			attempts += 1;
			if (attempts < 3) {
				throw new CommandError(argv, 100, undefined, said);
			}

			return 0;
		},
		capture: async () => ({exitCode: 0, stdout: '', stderr: ''}),
	} as unknown as Runner;
	const seen: AptProgress[] = [];
	await updateLists(runner, progress => seen.push(progress));
	assert.equal(attempts, 3);
	assert.ok(seen.some(({doing}) => doing?.startsWith('waits for')));
	attempts = -1000;
	await assert.rejects(
		updateLists(runner, () => {}, {patience: 0}),
		/Process 155 \(python3\.11\)/,
	);
});

type Sample = {version?: string; depends?: string; scripts?: Record<string, string>; conffile?: string};

/** Makes a package source of its own in the view, the only one there; returns its directory. */
async function packageSource(view: {runner: Runner; upper: string}, samples: Record<string, Sample>): Promise<string> {
	const source = '/srv/packages';
	await mkdir(join(view.upper, source), {recursive: true});
	let index = '';
	for (const [name, {version = '1.0', depends, scripts = {}, conffile}] of Object.entries(samples)) {
		const tree = join(view.upper, source, name);
		await mkdir(join(tree, 'DEBIAN'), {recursive: true});
		const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nInstalled-Size: 2048\nMaintainer: Sample <sample@example.org>\n${depends ? `Depends: ${depends}\n` : ''}Description: sample\n`;
		await writeFile(join(tree, 'DEBIAN/control'), control);
		for (const [script, text] of Object.entries(scripts)) {
			await writeFile(join(tree, 'DEBIAN', script), `#!/bin/sh\n${text}\n`, {mode: 0o755});
		}

		if (conffile) {
			await mkdir(join(tree, 'etc'));
			await writeFile(join(tree, 'etc', `${name}.conf`), conffile);
			await writeFile(join(tree, 'DEBIAN/conffiles'), `/etc/${name}.conf\n`);
		}

		const file = `${name}_${version}_all.deb`;
		await view.runner.capture(['dpkg-deb', '--build', '--root-owner-group', `${source}/${name}`, `${source}/${file}`]);
		const {size} = await stat(join(view.upper, source, file));
		const sum = (await view.runner.capture(['sha256sum', `${source}/${file}`])).stdout.slice(0, 64);
		index += `${control}Filename: ./${file}\nSize: ${size}\nSHA256: ${sum}\n\n`;
	}

	await writeFile(join(view.upper, source, 'Packages'), index);
	await mkdir(join(view.upper, 'etc/apt'), {recursive: true});
	await view.runner.capture(['/bin/sh', '-c', 'rm -rf /etc/apt/sources.list.d/*']);
	// "copy" downloads like a network does, "file" would use the files where they lie.
	await writeFile(join(view.upper, 'etc/apt/sources.list'), `deb [trusted=yes] copy:${source} ./\n`);
	return source;
}

async function aptView(t: TestContext) {
	const missing = await lacks('/usr/bin/apt-get', '/usr/bin/dpkg-deb');
	const view = missing || (await machineView(t));
	if (typeof view === 'string') {
		t.skip(view);
		return undefined;
	}

	return view;
}

test('real apt: lists, plan, download, installation, and nothing left to do', async t => {
	const view = await aptView(t);
	if (!view) {
		return;
	}

	const {runner} = view;
	await packageSource(view, {
		'sample-app': {version: '2:1.1~rc1', depends: 'sample-lib', conffile: 'new'},
		'sample-lib': {scripts: {postinst: 'echo configured >/etc/sample-lib.done'}},
	});
	const wanted = ['sample-app', 'dpkg', 'sample-nowhere'];
	await updateLists(runner, () => {});
	const plan = await planInstall(runner, wanted);
	assert.deepEqual(
		plan.packages.map(({name, version}) => `${name} ${version}`),
		['sample-lib 1.0', 'sample-app 2:1.1~rc1'],
	);
	assert.ok(plan.packages.every(({bytes}) => bytes > 300));
	assert.ok(plan.installedBytes > 4_000_000);
	assert.deepEqual(plan.alreadyThere, ['dpkg']);
	assert.deepEqual(plan.unavailable, ['sample-nowhere']);
	assert.equal(await isConfigured(runner, ['sample-app']), false);

	// A file the administrator changed: the installation must neither ask nor replace it.
	await writeFile(join(view.upper, 'etc/sample-app.conf'), 'mine');
	const present = ['sample-app', 'dpkg'];
	await assert.rejects(
		install(runner, present, () => {}),
		/Not all packages are downloaded/,
	);
	const seen: AptProgress[] = [];
	await download(runner, present, progress => seen.push(progress), {downloadBytes: plan.downloadBytes});
	assert.equal((await planInstall(runner, present)).downloadBytes, 0);
	assert.equal(await isConfigured(runner, ['sample-app']), false);
	await install(runner, present, progress => seen.push(progress));
	assert.equal(await isConfigured(runner, present), true);
	assert.equal(await readFile(join(view.upper, 'etc/sample-lib.done'), 'utf8'), 'configured\n');
	assert.equal(await readFile(join(view.upper, 'etc/sample-app.conf'), 'utf8'), 'mine');
	const percents = seen.map(({percent = 0}) => percent);
	assert.deepEqual(
		percents,
		percents.toSorted((a, b) => a - b),
	);
	assert.ok((percents.at(-1) ?? 0) > 80, `${percents.at(-1)}`);
	assert.ok(seen.some(({current}) => current === 'sample-lib'));
	const rest = await planInstall(runner, present);
	assert.deepEqual(rest.packages, []);
	assert.equal(rest.installedBytes, 0);
	assert.equal(await repair(runner), false);
});

test('real apt: what is there keeps its version, except where a wanted package needs a newer one', async t => {
	const view = await aptView(t);
	if (!view) {
		return;
	}

	const {runner} = view;
	await packageSource(view, {'sample-lib': {}, 'sample-other': {}});
	await updateLists(runner, () => {});
	await download(runner, ['sample-lib', 'sample-other'], () => {});
	await install(runner, ['sample-lib', 'sample-other'], () => {});
	await packageSource(view, {
		'sample-lib': {version: '2.0'},
		'sample-other': {version: '2.0'},
		'sample-new': {depends: 'sample-lib (>= 2.0)'},
	});
	await updateLists(runner, () => {});
	const wanted = ['sample-lib', 'sample-other', 'sample-new'];
	const plan = await planInstall(runner, wanted);
	assert.deepEqual(plan.packages.map(({name, version}) => `${name} ${version}`).sort(), [
		'sample-lib 2.0',
		'sample-new 1.0',
	]);
	assert.deepEqual(plan.alreadyThere, ['sample-lib', 'sample-other']);
	await download(runner, wanted, () => {});
	await install(runner, wanted, () => {});
	// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg's.
	const argv = ['dpkg-query', '-W', '-f', '${Package} ${Version}\n', ...wanted];
	assert.equal((await runner.capture(argv)).stdout, 'sample-lib 2.0\nsample-new 1.0\nsample-other 1.0\n');
});

test('real apt: a package that fails is named, and repaired once its reason is gone', async t => {
	const view = await aptView(t);
	if (!view) {
		return;
	}

	const {runner} = view;
	await packageSource(view, {
		'sample-bad': {scripts: {postinst: 'test -e /etc/moon || {\n echo no moon >&2\n exit 7\n}'}},
	});
	await updateLists(runner, () => {});
	await download(runner, ['sample-bad'], () => {});
	const seen: AptProgress[] = [];
	await assert.rejects(
		install(runner, ['sample-bad'], progress => seen.push(progress)),
		/A package could not be installed \(sample-bad: .*exit status 7\)/,
	);
	assert.match(seen.at(-1)?.problem ?? '', /^sample-bad: /);
	assert.equal(await isConfigured(runner, ['sample-bad']), false);
	await assert.rejects(repair(runner), /sample-bad/);
	await writeFile(join(view.upper, 'etc/moon'), '');
	assert.equal(await repair(runner), true);
	assert.equal(await isConfigured(runner, ['sample-bad']), true);
});

test('real apt: dpkg killed in the middle, while unpacking and while configuring, is put right', async t => {
	for (const script of ['preinst', 'postinst']) {
		const view = await aptView(t);
		if (!view) {
			return;
		}

		const {runner} = view;
		// The parent of a maintainer script is dpkg.
		const once = 'test -e /etc/killed-once || {\n touch /etc/killed-once\n kill -9 $PPID\n}';
		await packageSource(view, {'sample-lib': {scripts: {[script]: once}}, 'sample-app': {depends: 'sample-lib'}});
		await updateLists(runner, () => {});
		await download(runner, ['sample-app'], () => {});
		await assert.rejects(install(runner, ['sample-app'], () => {}));
		assert.equal(await isConfigured(runner, ['sample-lib']), false);
		assert.equal(await repair(runner), true, script);
		// Again, since an apt may be set up to remove what it has downloaded, whatever became of it.
		await download(runner, ['sample-app'], () => {});
		await install(runner, ['sample-app'], () => {});
		assert.equal(await isConfigured(runner, ['sample-app', 'sample-lib']), true, script);
		assert.equal(await repair(runner), false);
	}
});

test('real apt: a package source that is out of reach is named, without its password', async t => {
	const view = await aptView(t);
	if (!view) {
		return;
	}

	await packageSource(view, {});
	const address = 'http://user:geheim@packages.example.org/debian';
	await writeFile(join(view.upper, 'etc/apt/sources.list'), `deb [trusted=yes] ${address} stable main\n`);
	const configuration = join(dirname(view.log), 'once.conf');
	await writeFile(configuration, 'Acquire::Retries "0";\n');
	const settings = {configuration, log: view.log};
	await assert.rejects(
		updateLists(view.runner, () => {}, settings),
		(error: Error) => {
			assert.match(error.message, /packages\.example\.org is out of reach/);
			assert.doesNotMatch(error.message, /geheim/);
			return true;
		},
	);
	assert.doesNotMatch(await readFile(view.log, 'utf8'), /geheim/);
});
