import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, readdir, readFile, rm, truncate, writeFile} from 'node:fs/promises';
import {after, before, suite, test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {becomesTrue} from '../../source/host/service.js';
import {treeDigest} from '../tree-digest.js';
import {lastEvent, run} from './program.js';
import {noView, Server} from './server.js';

const name = 'omflow_patch_1_2_0_0.tar.gz';
const members = {'omflow_patch/patch.sh': '#!/bin/bash\ntouch /patched\n', 'omflow_patch/server/new.py': 'x = 1\n'};
const again = 'Fetch the patch from the vendor again and compare its checksum.';

suite('a bad patch archive changes nothing', {skip: await noView()}, () => {
	let server: Server;
	let untouched: string;
	before(async () => {
		server = await Server.open();
		untouched = await digest();
	});
	after(() => server?.close());

	const digest = async () =>
		`${await treeDigest(server.path('/opt/omflow'))} ${await treeDigest(server.path('/etc/apache2'))}`;
	const runs = async () => readdir(server.path('/var/lib/omflow-tui/runs')).catch(() => []);
	const upgrade = async (patch: string, ...more: string[]) =>
		run(['upgrade', '--patch', patch, '--json', ...more], {wrap: server.wrap});

	/** Refused by the command itself: no run is begun. */
	async function isRefused(patch: string, status: number, sentence: string): Promise<void> {
		const runsBefore = await runs();
		const ended = await upgrade(patch);
		assert.deepEqual([ended.status, ended.stderr], [status, `omflow-tui: ${sentence}\n`]);
		assert.equal(ended.stdout === '' ? 2 : lastEvent(ended).outcome, status === 2 ? 2 : 'blocked');
		assert.deepEqual(await runs(), runsBefore);
		assert.equal(await digest(), untouched);
	}

	/** Found out by the run, which ends as blocked. */
	async function isBlocked(patch: string, said: RegExp, ...more: string[]): Promise<void> {
		const ended = await upgrade(patch, ...more);
		assert.equal(ended.status, 3, ended.stderr);
		const {outcome, message} = lastEvent(ended);
		assert.equal(outcome, 'blocked');
		assert.match(message, said);
		assert.match(message, / Nothing was changed\.$/);
		assert.equal(await digest(), untouched);
		assert.equal(await server.exec('sh', '-c', 'ls /patched 2>/dev/null || true'), '');
	}

	test('missing', () =>
		isRefused(
			'/nowhere/a.tar.gz',
			2,
			"There is no file /nowhere/a.tar.gz. Give the path of the vendor's patch archive with --patch.",
		));

	test('a folder without archives', async () => {
		await mkdir(server.path('/srv/unpacked'), {recursive: true});
		const sentence = 'There is no patch archive in /srv/unpacked. Their names look like omflow_patch_1_2_0_0.tar.gz.';
		await isRefused('/srv/unpacked', 2, sentence);
	});

	test('empty', async () => {
		const path = `/srv/${name}`;
		await writeFile(server.path(path), '');
		await isRefused(path, 3, `${path} is empty. ${again}`);
	});

	test('something else than gzip', async () => {
		const path = `/srv/${name}`;
		await writeFile(server.path(path), 'PK\u0003\u0004');
		await isRefused(path, 3, `${path} is not a gzip archive. ${again}`);
		await writeFile(server.path(path), '\n<!DOCTYPE html>\n<title>Log in</title>');
		const page = 'is not a gzip archive but a web page, perhaps one that asks for a login.';
		await isRefused(path, 3, `${path} ${page} ${again}`);
	});

	test('unreadable', async () => {
		// Root reads every file there is, unless the disk itself refuses: as this file of the kernel does.
		const path = '/proc/self/mem';
		await isRefused(path, 2, `${path} cannot be read (EIO). Check the rights of the file, and the disk it lies on.`);
	});

	test('cut short', async () => {
		const data = randomBytes(50_000).toString('hex');
		const patch = await server.addPatch(
			name,
			{...members, 'omflow_patch/data': data},
			{change: archive => truncate(archive, 20_000)},
		);
		await isBlocked(patch, new RegExp(`^${name} is refused: tar cannot read it to its end \\(.+\\)\\. ${again}`));
	});

	test('gzip, but nothing of tar in it', async () => {
		const patch = await server.addPatch(name, members, {
			change: archive => writeFile(archive, gzipSync('<html>Log in</html>'.repeat(100))),
		});
		await isBlocked(patch, /is refused: tar cannot read it to its end/);
	});

	test('without patch.sh', async () => {
		const patch = await server.addPatch(name, {'omflow_patch/readme.txt': 'later'});
		await isBlocked(patch, /is refused: there is no patch\.sh in it\. /);
	});

	test('with a member that leads out of the folder', async () => {
		const patch = await server.addPatch(name, members, {tar: ['--transform=s,^omflow_patch/server,../server,']});
		await isBlocked(patch, /is refused: its member "\.\.\/server\/new\.py" leads out of the folder\. /);
	});

	test('for another version than can follow the installed one', async () => {
		const patch = await server.addPatch(name, members);
		await server.setVersion('1.1.0.0');
		untouched = await digest();
		await isRefused(
			patch,
			3,
			'There is no patch archive for 1.1.4.0 and 1.1.6.0 on the way from 1.1.0.0 to 1.2.0.0:\n' +
				'1.1.0.0 → 1.1.4.0  no archive found\n1.1.4.0 → 1.1.6.0  no archive found\n' +
				`1.1.6.0 → 1.2.0.0  ${name}  changes Python to 3.11\n` +
				'Get it from the vendor, and name the file or its folder with --patch. ' +
				'One that is named after another version is found once it is copied as omflow_patch_1_1_4_0.tar.gz.',
		);
		await server.setVersion('1.2.1.0');
		untouched = await digest();
		await isRefused(
			patch,
			3,
			'1.2.0.0 is older than the installed 1.2.1.0, and OMFLOW cannot go back. ' +
				'To have an older version again, restore its backup.',
		);
		await server.setVersion('1.1.6.3');
		untouched = await digest();
	});

	test('named after another version than it brings', async () => {
		const patch = await server.addPatch('omflow_patch_1_1_6_4_upgrade3.tar.gz', {
			...members,
			'omflow_patch/server/omflow/syscom/version.bin': 'version=1.2.0.0\n',
		});
		await isBlocked(
			patch,
			/^omflow_patch_1_1_6_4_upgrade3\.tar\.gz brings 1\.2\.0\.0, as its version\.bin says, not 1\.1\.6\.4\.(?: \(and \d+ more\))? Name it alone with --patch and --to 1\.2\.0\.0, or copy it as omflow_patch_1_2_0_0\.tar\.gz\./,
		);
	});

	test('another one than its SHA-256 says', async () => {
		const patch = await server.addPatch(name, members);
		await isBlocked(patch, /has the SHA-256 \S+, not 0{12}…0{4} as expected/, '--sha256', '0'.repeat(64));
		await writeFile(`${server.path(patch)}.sha256`, `${'1'.repeat(64)}  ${name}\n`);
		await isBlocked(patch, /has the SHA-256 \S+, not 1{12}…1{4} as expected/);
		await rm(`${server.path(patch)}.sha256`);
	});

	test('with a name that tells no version', async () => {
		const patch = await server.addPatch('patch.tar.gz', members);
		await isRefused(
			patch,
			2,
			'The name patch.tar.gz does not say which version it brings. Name it yourself, for example --to 1.2.0.0.',
		);
	});

	test('a good one where there is too little room, or no OMFLOW', async () => {
		const patch = await server.addPatch(name, members);
		await mkdir(server.path('/mnt'), {recursive: true});
		await server.exec('mount', '-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', '/mnt');
		await isBlocked(
			patch,
			/^The filesystem of \/mnt\/\S+ has 0\.0 GB free; 0\.\d GB are needed\.(?: \(and \d+ more\))? Make room there, or let runs be kept on another disk with --state-dir\./,
			'--state-dir',
			'/mnt',
		);
		// The worker has told the end and is about to go.
		const isLeft = async () =>
			server.exec('umount', '/mnt').then(
				() => true,
				() => false,
			);
		assert.ok(await becomesTrue(isLeft, 30_000));
		await server.exec('mv', '/opt/omflow', '/opt/elsewhere');
		try {
			// Without --yes and without a terminal as well: nobody is asked, and nothing hangs.
			const ended = await run(['upgrade', '--patch', patch], {wrap: server.wrap});
			assert.equal(ended.status, 3);
			assert.match(ended.stderr, /^omflow-tui: There is no OMFLOW in \/opt\/omflow, and no service or Apache site/);
		} finally {
			await server.exec('mv', '/opt/elsewhere', '/opt/omflow');
		}
	});

	test('a good one while a stranger has OMFLOW’s port', async t => {
		const patch = await server.addPatch(name, members);
		const script = "require('node:net').createServer().listen(80, '127.0.0.1', () => console.log(process.pid))";
		const [command = '', ...argv] = server.wrap([process.execPath, '-e', script]);
		const stranger = spawn(command, argv, {stdio: ['ignore', 'pipe', 'inherit']});
		const ended = once(stranger, 'exit');
		const pid = String(await once(stranger.stdout, 'data')).trim();
		t.after(async () => {
			await server.exec('kill', pid);
			await ended;
		});
		await isBlocked(
			patch,
			/^\/opt\/omflow\/server\/omflow_server status says that OMFLOW does not run, but its port 80 is taken by node \(process \d+\)\.(?: \(and \d+ more\))? If that is OMFLOW/,
		);
	});

	test('leaves no worker and no lock behind', async () => {
		const lines = await server.exec('sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"');
		assert.doesNotMatch(lines, /omflow-tui\.mjs/);
		assert.doesNotMatch(await readFile('/proc/locks', 'utf8'), new RegExp(`:${await lockInode()} `));
	});

	const lockInode = async () => (await server.exec('stat', '-c', '%i', '/var/lib/omflow-tui/lock')).trim();
});
