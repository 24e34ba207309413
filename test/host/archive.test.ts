import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmod, link, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {inspectArchive, unpackArchive, versionFromName} from '../../source/host/archive.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';

type Place = {readonly directory: string; readonly archive: string; readonly runner: ReturnType<typeof createRunner>};

async function place(t: TestContext): Promise<Place> {
	const directory = await mkdtemp(path.join(tmpdir(), 'archive-'));
	t.after(() => rm(directory, {recursive: true}));
	const runner = createRunner({log: path.join(directory, 'log'), environment: plainEnvironment});
	return {directory, archive: path.join(directory, 'omflow patch_1_2_0_0.tar.gz'), runner};
}

/** A folder like the vendor's, packed after `change` made it dangerous. `more` are arguments for tar. */
async function pack(
	{directory, archive}: Place,
	change: (folder: string) => Promise<unknown> = async () => {},
	more: readonly string[] = ['patch_upgrade4'],
): Promise<void> {
	const folder = path.join(directory, 'patch_upgrade4');
	await mkdir(path.join(folder, 'server'), {recursive: true});
	await writeFile(path.join(folder, 'patch.sh'), '#!/bin/bash\n', {mode: 0o755});
	await writeFile(path.join(folder, 'server', 'views.py'), 'x = 1\n', {mode: 0o644});
	await change(folder);
	execFileSync('tar', ['-C', directory, '-czPf', archive, ...more], {stdio: 'pipe'});
}

test('finds the folder and the script whatever the archive is called', async t => {
	const here = await place(t);
	await pack(here, folder => symlink('views.py', path.join(folder, 'server', 'old "name" -> 注.py')));
	const archive = await inspectArchive(here.runner, here.archive);
	assert.equal(archive.folder, 'patch_upgrade4');
	assert.equal(archive.script, 'patch_upgrade4/patch.sh');
	assert.equal(archive.expandedBytes, 18);
	assert.deepEqual(
		archive.members.find(({kind}) => kind === 'link'),
		{
			name: 'patch_upgrade4/server/old "name" -> 注.py',
			kind: 'link',
			mode: 'lrwxrwxrwx',
			bytes: 0,
			target: 'views.py',
		},
	);
});

test('takes a patch.sh on top of the archive', async t => {
	const here = await place(t);
	await pack(here, undefined, ['-C', path.join(here.directory, 'patch_upgrade4'), '.']);
	const archive = await inspectArchive(here.runner, here.archive);
	assert.equal(archive.folder, '.');
	assert.equal(archive.script, 'patch.sh');
});

for (const [name, change, more, expected] of [
	['absolute', undefined, ['patch_upgrade4', '/etc/hostname'], /"\/etc\/hostname" has an absolute path/],
	[
		'..',
		undefined,
		['patch_upgrade4', '--transform=s,^patch_upgrade4/server/views,patch_upgrade4/../../views,'],
		/"patch_upgrade4\/\.\.\/\.\.\/views\.py" leads out/,
	],
	[
		'link to an absolute path',
		(folder: string) => symlink('/etc', path.join(folder, 'etc')),
		undefined,
		/"patch_upgrade4\/etc" is a link out of the folder, to "\/etc"/,
	],
	[
		'link that climbs out',
		(folder: string) => symlink('../../..', path.join(folder, 'up')),
		undefined,
		/"patch_upgrade4\/up" is a link out/,
	],
	[
		'hard link out',
		(folder: string) => link(path.join(folder, 'patch.sh'), path.join(folder, 'server', 'again')),
		['patch_upgrade4', '--transform=flags=h;s,.*,/etc/passwd,'],
		/is a link out of the folder, to "\/etc\/passwd"/,
	],
	[
		'fifo',
		async (folder: string) => execFileSync('mkfifo', [path.join(folder, 'pipe')]),
		undefined,
		/"patch_upgrade4\/pipe" is neither file, directory nor link/,
	],
	[
		'setuid',
		(folder: string) => chmod(path.join(folder, 'patch.sh'), 0o4755),
		undefined,
		/"patch_upgrade4\/patch\.sh" would run with another user's rights/,
	],
	[
		'setgid',
		(folder: string) => chmod(path.join(folder, 'patch.sh'), 0o2755),
		undefined,
		/would run with another user's rights/,
	],
	['duplicate', undefined, ['patch_upgrade4', 'patch_upgrade4/patch.sh'], /"patch_upgrade4\/patch\.sh" is in it twice/],
	[
		'behind a link',
		(folder: string) => symlink('server', path.join(folder, 'alias')),
		['patch_upgrade4', '--transform=s,server/views,alias/views,'],
		/"patch_upgrade4\/alias\/views\.py" lies behind the link "patch_upgrade4\/alias"/,
	],
	[
		'behind a link, in another spelling',
		(folder: string) => symlink('server', path.join(folder, 'alias')),
		['patch_upgrade4', '--transform=s,server/views,.//./alias/views,'],
		/"patch_upgrade4\/alias\/views\.py" lies behind the link "patch_upgrade4\/alias"/,
	],
	['no script', (folder: string) => rm(path.join(folder, 'patch.sh')), undefined, /there is no patch\.sh in it/],
	[
		'two scripts',
		(folder: string) => writeFile(path.join(folder, 'server', 'patch.sh'), ''),
		undefined,
		/there are 2 patch\.sh in it: .*server\/patch\.sh/,
	],
	[
		'zeros without end',
		async (folder: string) => {
			await writeFile(path.join(folder, 'zeros'), '');
			await truncate(path.join(folder, 'zeros'), 100 * 1024 ** 2);
		},
		undefined,
		/would unpack to 1048576\d\d bytes from/,
	],
] as const) {
	test(`refuses: ${name}`, async t => {
		const here = await place(t);
		await pack(here, change, more);
		await assert.rejects(inspectArchive(here.runner, here.archive), expected);
		await assert.rejects(
			inspectArchive(here.runner, here.archive),
			/is refused: .*\. Fetch the patch from the vendor again/,
		);
	});
}

test('refuses: larger than the limit', async t => {
	const here = await place(t);
	await pack(here);
	await assert.rejects(inspectArchive(here.runner, here.archive, {expandedBytes: 17}), /would unpack to 18 bytes/);
	await assert.rejects(inspectArchive(here.runner, here.archive, {members: 3}), /has 4 members, more than 3/);
});

test('refuses: truncated, not gzip, missing', async t => {
	const here = await place(t);
	await pack(here, folder =>
		writeFile(path.join(folder, 'noise'), Buffer.from(Array.from({length: 50_000}, (_, i) => (i * i * 31) % 251))),
	);
	const whole = await readFile(here.archive);
	await writeFile(here.archive, whole.subarray(0, whole.length - 20));
	await assert.rejects(inspectArchive(here.runner, here.archive), /tar cannot read it to its end \(.+\)/);
	await writeFile(here.archive, 'PK not a tar');
	await assert.rejects(inspectArchive(here.runner, here.archive), /tar cannot read it to its end \(.+\)/);
	await rm(here.archive);
	await assert.rejects(inspectArchive(here.runner, here.archive), /tar cannot read it to its end \(.+\)/);
});

test('unpacks into a private directory, with the permission bits', async t => {
	const here = await place(t);
	await pack(here, folder => chmod(path.join(folder, 'server', 'views.py'), 0o664));
	const target = path.join(here.directory, 'unpacked');
	await mkdir(target, {mode: 0o700});
	await unpackArchive(here.runner, here.archive, target);
	assert.equal((await stat(path.join(target, 'patch_upgrade4/patch.sh'))).mode & 0o7777, 0o755);
	assert.equal((await stat(path.join(target, 'patch_upgrade4/server/views.py'))).mode & 0o7777, 0o664);
	await chmod(target, 0o755);
	await assert.rejects(unpackArchive(here.runner, here.archive, target), /only its owner can enter/);
});

for (const [name, version] of [
	['omflow_patch_1_2_0_0.tar.gz', '1.2.0.0'],
	['/tmp/omflow_patch_1_1_6_4_upgrade3.tar.gz', '1.1.6.4'],
	['OMFLOW_patch_1_2_0_0.tgz', '1.2.0.0'],
	['omflow_patch_1_2_0.tar.gz', undefined],
	['omflow_patch_1_2_0_0_5.zip', undefined],
	['notes.tar.gz', undefined],
] as const) {
	test(`${name} is named for ${version}`, () => {
		assert.equal(versionFromName(name), version);
	});
}
