import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {type BuildOptions, build} from 'esbuild';
import {startTime} from '../../source/host/process.js';
import {checkView, findView, hostNetwork, openView, type View, ViewError} from '../../source/rehearsal/view.js';
import {digestHost} from './host.js';

const execute = promisify(execFile);

/** Why this machine cannot have a view; false where it can. */
async function whyNot(): Promise<string | false> {
	try {
		await checkView(join(tmpdir(), 'omflow-tui-view-test'));
		return false;
	} catch (error) {
		return (error as Error).message;
	}
}

describe('view of this host', {skip: await whyNot()}, () => {
	let base: string;
	let bundle: string;
	let view: View;
	let untouched: string;

	const inside = async (...argv: string[]) => {
		const [program = '', ...rest] = view.enter(argv);
		return execute(program, rest);
	};

	before(async () => {
		base = await mkdtemp(join(tmpdir(), 'omflow-tui-view-test-'));
		untouched = await digestHost(base);
		bundle = await buildInit(base);
		view = await open('view');
	});

	after(async () => {
		await view?.close();
		await rm(base, {recursive: true, force: true});
		// Last of all, so that everything the tests did in the view is covered.
		assert.equal(await digestHost(base), untouched);
	});

	const open = (name: string) =>
		openView({directory: join(base, name), stateDirectory: join(base, `${name}-state`), bundle, neededBytes: 1});

	test('shows the files of the host, and keeps what is written to itself', async () => {
		const {stdout} = await inside('cat', '/etc/os-release');
		assert.equal(stdout, await readFile('/etc/os-release', 'utf8'));
		await inside('sh', '-c', 'echo changed > /etc/os-release; rm -r /etc/apt; touch /usr/bin/new /tmp/new');
		assert.equal((await inside('cat', '/etc/os-release')).stdout, 'changed\n');
		assert.equal(await digestHost(base), untouched);
	});

	test('shares the state directory with the host', async () => {
		await inside('sh', '-c', 'echo from inside > /var/lib/omflow-tui/note');
		assert.equal(await readFile(join(base, 'view-state/note'), 'utf8'), 'from inside\n');
		await writeFile(join(base, 'view-state/note'), 'from outside\n');
		assert.equal((await inside('cat', '/var/lib/omflow-tui/note')).stdout, 'from outside\n');
	});

	test('exchanges a folder of the host with a new one in one step', async () => {
		const script = `
import ctypes, os
os.mkdir('/etc/dpkg.new')
assert ctypes.CDLL(None, use_errno=True).renameat2(-100, b'/etc/dpkg.new', -100, b'/etc/dpkg', 2) == 0, os.strerror(ctypes.get_errno())
print(len(os.listdir('/etc/dpkg')), 'dpkg.cfg' in os.listdir('/etc/dpkg.new'))`;
		assert.equal((await inside('python3', '-c', script)).stdout, '0 True\n');
	});

	test('has no network but its own loopback, except for programs that enter the host’s', async () => {
		const links = (await inside('ip', '-o', 'link')).stdout.trim().split('\n');
		assert.equal(links.length, 1);
		assert.match(links[0] ?? '', /^1: lo: <.*\bUP\b/);
		assert.equal((await inside('ip', 'route')).stdout, '');
		const through = await inside('nsenter', `--net=${hostNetwork}`, '--', 'readlink', '/proc/self/ns/net');
		assert.equal(through.stdout, (await execute('readlink', ['/proc/self/ns/net'])).stdout);
	});

	test('sees none of the processes of the host, and reaps orphans', async () => {
		// An orphan that has ended is gone when this returns: wait(1) cannot be asked, so its pid is watched.
		const script = 'pid=$( (true & echo $!) ); while [ -d /proc/$pid ]; do :; done; ls /proc | grep -c "^[0-9]"';
		const {stdout} = await inside('timeout', '10', 'bash', '-c', script);
		assert.ok(Number(stdout) < 8, stdout);
	});

	test('cannot set anything of the kernel, and starts no services of packages', async () => {
		await assert.rejects(inside('sh', '-c', 'echo 60 > /proc/sys/vm/swappiness'));
		await assert.rejects(inside('touch', '/dev/new'));
		await assert.rejects(inside('touch', '/sys/new'));
		await assert.rejects(inside('/usr/sbin/policy-rc.d'), {code: 101});
	});

	test('is found again by another process', async () => {
		const found = await findView(view.directory);
		assert.equal(found?.pid, view.pid);
		assert.equal(await found?.alive(), true);
		assert.equal(await findView(join(base, 'nowhere')), undefined);
		await assert.rejects(open('view'), ViewError);
	});

	test('lives on when its opener is killed', async () => {
		const directory = join(base, 'orphan');
		const opener = spawn(process.execPath, [...process.execArgv, ...(await openerScript(base, bundle, directory))], {
			stdio: ['ignore', 'pipe', 'inherit'],
			detached: true,
		});
		await once(opener.stdout, 'data');
		process.kill(-(opener.pid ?? 0), 'SIGKILL');
		await once(opener, 'exit');
		const found = await findView(directory);
		assert.equal(await found?.alive(), true);
		await found?.close();
		assert.equal(existsSync(directory), false);
	});

	test('is reported dead when its first process is gone, and leaves nothing when closed', async () => {
		const dead = await open('dead');
		process.kill(dead.pid, 'SIGKILL');
		while ((await startTime(dead.pid)) !== undefined) {
			await new Promise(setImmediate);
		}

		const found = await findView(dead.directory);
		assert.equal(await found?.alive(), false);
		await found?.close();
		await found?.close();
		assert.equal(existsSync(dead.directory), false);
	});

	test('is dead after a reboot', async () => {
		const directory = join(base, 'rebooted');
		await mkdir(directory);
		const record = JSON.parse(await readFile(join(view.directory, 'view.json'), 'utf8'));
		await writeFile(join(directory, 'view.json'), JSON.stringify({...record, bootId: 'another boot'}));
		await writeFile(join(directory, 'holder.log'), 'ready\n');
		const found = await findView(directory);
		assert.equal(await found?.alive(), false);
		await found?.close();
		assert.equal(await view.alive(), true);
	});

	test('ends everything inside when closed', async () => {
		const closing = await open('closing');
		const [program = '', ...argv] = closing.enter(['sh', '-c', 'echo started; exec sleep infinity']);
		const child = spawn(program, argv, {stdio: ['ignore', 'pipe', 'ignore']});
		const ended = once(child, 'exit');
		await once(child.stdout, 'data');
		await closing.close();
		await ended;
		assert.equal(existsSync(closing.directory), false);
	});

	test('refuses a folder that lies on an overlay', async () => {
		const script = 'import {checkView} from "./check.mjs"; await checkView("/srv/view", 1)';
		await build({
			entryPoints: ['source/rehearsal/view-check.ts'],
			outfile: join(base, 'view-state/check.mjs'),
			...bundled,
		});
		await writeFile(join(base, 'view-state/try.mjs'), script);
		await assert.rejects(
			inside(process.execPath, '/var/lib/omflow-tui/try.mjs'),
			/overlay filesystem.*Choose a folder/,
		);
	});

	test('refuses when there is too little room', async () => {
		await assert.rejects(checkView(base, Number.MAX_SAFE_INTEGER), /are free\. Free some room/);
	});
});

const bundled: BuildOptions = {
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node22',
	logLevel: 'error',
	// Loaded only when a program's output is captured, which none of these do.
	external: ['execa'],
};

/** The hidden command, as the program's command line offers it. */
async function buildInit(base: string): Promise<string> {
	const outfile = join(base, 'init.mjs');
	const contents = `
		import {viewInit} from './source/rehearsal/view-init.js';
		const [, , command, directory, state] = process.argv;
		if (command === 'view-init') await viewInit(directory, state);`;
	await build({stdin: {contents, resolveDir: process.cwd()}, outfile, ...bundled});
	return outfile;
}

async function openerScript(base: string, bundle: string, directory: string): Promise<string[]> {
	const outfile = join(base, 'opener.mjs');
	const contents = `
		import {openView} from './source/rehearsal/view.js';
		const [, , bundle, directory] = process.argv;
		await openView({directory, stateDirectory: directory + '-state', bundle, neededBytes: 1});
		console.log('open');
		setInterval(() => {}, 1000);`;
	await build({stdin: {contents, resolveDir: process.cwd()}, outfile, ...bundled});
	return [outfile, bundle, directory];
}
