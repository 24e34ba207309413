import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
	appendFile,
	chmod,
	link,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	stat,
	symlink,
	truncate,
	writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {inspectArchive, takeArchive, unpackArchive, versionFromName} from '../../source/host/archive.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {SmallDisk} from '../small-disk.js';
import {lacks} from './support.js';
import {endMark, entry, records} from './tar-bytes.js';

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
			listed: 'patch_upgrade4/server/old "name" -> 注.py',
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
		/there are 2 patch\.sh in it: .*server\/patch\.sh"/,
	],
	[
		'zeros without end',
		async (folder: string) => {
			await writeFile(path.join(folder, 'zeros'), '');
			await truncate(path.join(folder, 'zeros'), 100 * 1024 ** 2);
		},
		undefined,
		/would unpack to 1048576\d\d bytes or more from/,
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
	await assert.rejects(
		inspectArchive(here.runner, here.archive, {expandedBytes: 17}),
		/would unpack to 18 bytes or more/,
	);
	await assert.rejects(inspectArchive(here.runner, here.archive, {members: 3}), /has more than 3 members/);
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

const patch = entry({name: 'p/patch.sh', data: '#!/bin/bash\n'});
const hidden = entry({name: '../hidden', data: 'x'});

for (const [name, parts, expected] of [
	['a device', [entry({name: 'p/disk', type: '4', mode: 0o666})], /"p\/disk" is neither file, directory nor link \(b/],
	['a sparse file', [entry({name: 'p/holes', type: 'S'})], /"p\/holes" is of a kind that no patch needs \(type "S"\)/],
	[
		'a sparse file by records',
		[records([['GNU.sparse.major', '1']]), entry({name: 'p/holes'})],
		/it changes "GNU\.sparse\.major" in a way that no patch needs/,
	],
	[
		'a size by a record',
		[records([['size', '512']]), entry({name: 'p/short', data: ''}), hidden],
		/"p\/short" has two sizes/,
	],
	[
		'a size by two records',
		[
			records([
				['size', '0'],
				['size', '512'],
			]),
			entry({name: 'p/short'}),
		],
		/it changes "size"/,
	],
	['a size for all members', [records([['size', '1']], 'g')], /it changes "size"/],
	['a name for all members', [records([['path', 'p/all']], 'g')], /it changes "path"/],
	['a name that stops within', [records([['path', 'p/a\0b']]), entry({name: 'p/a'})], /it changes "path"/],
	[
		'a way out by a record',
		[records([['path', '../../etc/cron.d/x']]), entry({name: 'p/x'})],
		/"\.\.\/\.\.\/etc\/cron\.d\/x" leads out/,
	],
	[
		'a link out by a record',
		[records([['linkpath', '/etc']]), entry({name: 'p/x', type: '2', target: 'patch.sh'})],
		/"p\/x" is a link out of the folder, to "\/etc"/,
	],
	[
		'two names',
		[records([['path', 'p/a']]), entry({name: 'L', type: 'L', data: 'p/b\0'}), entry({name: 'p/c'})],
		/has two names, "p\/a" and "p\/b"/,
	],
	['two headers for a member', [records([]), records([]), entry({name: 'p/c'})], /has two headers of type x/],
	['records that are none', [entry({name: 'r', type: 'x', data: '99 path=a\n'})], /"r" holds no records/],
	[
		'a long way out',
		[entry({name: 'L', type: 'L', data: `p/../../${'a/'.repeat(60)}x\0`}), entry({name: 'p/a'})],
		/leads out of the folder/,
	],
	[
		// tar passes over the data when it lists, and reads members from it when it unpacks.
		'members in the data of a link',
		[entry({name: 'p/l', type: '2', target: 'patch.sh', data: hidden.toString('latin1')})],
		/"p\/l" is no file and yet has data/,
	],
	[
		'members in the data of a directory',
		[entry({name: 'p/d/', type: '0', data: hidden.toString('latin1')})],
		/"p\/d\/" is no file and yet has data/,
	],
	['members behind the end', [endMark, hidden], /there is data behind its end, where no listing shows it/],
	['members behind half an end', [Buffer.alloc(512), hidden], /there is data behind its end/],
	['nothing without end', [endMark, Buffer.alloc(17 * 1024 ** 2)], /bytes of nothing lie behind its end/],
	['additions without end', [entry({name: 'x', type: 'x', size: 9 * 1024 ** 2})], /additions take more than/],
	[
		'a size beyond its end',
		[entry({name: 'p/x', size: 5000})],
		/cannot read it to its end \(it stops within a member\)/,
	],
	['a size beyond all limits', [entry({name: 'p/x', size: 8 * 1024 ** 3 - 1})], /would unpack to 85899/],
	[
		'a header that was changed',
		[Buffer.concat([Buffer.from('P'), entry({name: 'xp/x'}).subarray(1)])],
		/no member at byte 1024/,
	],
	['a name of two lines', [entry({name: 'p/a\n-rwx'})], /"p\/a\\n-rwx" has characters in its name/],
	['an escape sequence', [entry({name: 'p/\x1b[2J'})], /"p\/\\u001b\[2J" has characters in its name/],
	['an escape of one byte', [entry({name: 'p/\xc2\x9b2J'})], /"p\/\\u\{9b\}2J" has characters in its name/],
	['a name that is no UTF-8', [entry({name: 'p/\xff\xfe'})], /"p\/\\u\{fffd\}\\u\{fffd\}" has characters in its name/],
	[
		'too long a name',
		[entry({name: 'L', type: 'L', data: `p/${'n'.repeat(256)}\0`}), entry({name: 'p/n'})],
		/"p\/n{198}…" has too long a name/,
	],
	['a root that is a link', [entry({name: './', type: '2', target: 'p'})], /"\." stands for a directory and is none/],
	['a file that is called a directory', [entry({name: 'p/a/.'})], /"p\/a\/\." stands for a directory and is none/],
	[
		'links that leave together',
		[
			entry({name: 'p/a/b/root', type: '2', target: '../../..'}),
			entry({name: 'p/out', type: '2', target: 'a/b/root/../etc'}),
		],
		/"p\/out" is a link out of the folder, to "a\/b\/root\/\.\.\/etc"/,
	],
	[
		'links in a circle',
		[entry({name: 'p/a', type: '2', target: 'b'}), entry({name: 'p/b', type: '2', target: 'a'})],
		/"p\/a" is a link out of the folder, to "b"/,
	],
	[
		'more links in a row than Linux follows',
		Array.from({length: 50}, (_, at) => entry({name: `p/l${at}`, type: '2', target: `l${at + 1}`})),
		/"p\/l0" is a link out of the folder/,
	],
	[
		'a second name for a link',
		[entry({name: 'p/a/b/up', type: '2', target: '../../x'}), entry({name: 'up', type: '1', target: 'p/a/b/up'})],
		/"up" is a second name for "p\/a\/b\/up", which is no file before it/,
	],
	['a second name for nothing', [entry({name: 'p/a', type: '1', target: 'p/b'})], /"p\/a" is a second name for "p\/b"/],
	[
		'a file where a directory was',
		[entry({name: 'p/d', type: '5'}), entry({name: 'p/d', data: 'x'})],
		/"p\/d" is in it twice/,
	],
	[
		'a directory where a file was',
		[entry({name: 'p/d', data: 'x'}), entry({name: 'p/d', type: '5'})],
		/"p\/d" is in it twice/,
	],
	[
		'a directory with two modes',
		[entry({name: 'p/d', type: '5'}), entry({name: 'p/./d/', type: '5', mode: 0o777})],
		/"p\/d" is in it twice/,
	],
	[
		'a file in a file',
		[entry({name: 'p/patch.sh/x', data: 'x'})],
		/"p\/patch\.sh\/x" lies in "p\/patch\.sh", which is no directory/,
	],
	[
		'a file in a file that comes after it',
		[entry({name: 'p/a/x', data: 'x'}), entry({name: 'p/a', data: 'x'})],
		/"p\/a\/x" lies in "p\/a", which is no directory/,
	],
] as const) {
	test(`refuses: ${name}`, async t => {
		const here = await place(t);
		await writeFile(here.archive, gzipSync(Buffer.concat([patch, ...parts, endMark])));
		await assert.rejects(inspectArchive(here.runner, here.archive), expected);
	});
}

test('refuses: a patch.sh that is a link', async t => {
	const here = await place(t);
	const parts = [entry({name: 'p/a'}), entry({name: 'p/patch.sh', type: '2', target: 'a'}), endMark];
	await writeFile(here.archive, gzipSync(Buffer.concat(parts)));
	await assert.rejects(inspectArchive(here.runner, here.archive), /its member "p\/patch\.sh" is no file/);
});

test('refuses: a folder that is called patch.sh, even if only its contents are listed', async t => {
	const here = await place(t);
	for (const [parts, expected] of [
		[[entry({name: 'patch.sh/a'}), patch], /there are 2 patch\.sh in it: "patch\.sh", "p\/patch\.sh"/],
		[[entry({name: 'patch.sh/a'})], /its member "patch\.sh" is no file/],
	] as const) {
		await writeFile(here.archive, gzipSync(Buffer.concat([...parts, endMark])));
		await assert.rejects(inspectArchive(here.runner, here.archive), expected);
	}
});

test('refuses: what tar ends without saying', async t => {
	const here = await place(t);
	for (const [bytes, expected] of [
		[gzipSync(patch), /cannot read it to its end \(its end is missing\)/],
		[gzipSync(Buffer.concat([patch, Buffer.alloc(512)])), /its end is missing/],
		[gzipSync(Buffer.concat([patch, records([]), endMark])), /its last member is missing/],
		[gzipSync(''), /its end is missing/],
	] as const) {
		await writeFile(here.archive, bytes);
		await assert.rejects(inspectArchive(here.runner, here.archive), expected);
	}
});

test('refuses: what is behind the end of gzip, or has its checksum wrong', async t => {
	const here = await place(t);
	await pack(here);
	const whole = await readFile(here.archive);
	await appendFile(here.archive, 'more');
	await assert.rejects(
		inspectArchive(here.runner, here.archive),
		/cannot read it to its end \(incorrect header check\)/,
	);
	await writeFile(here.archive, Buffer.concat([whole, Buffer.alloc(10), whole]));
	await assert.rejects(inspectArchive(here.runner, here.archive), /\d+ bytes lie behind its end/);
	// The archive within ends where the first part does.
	await writeFile(here.archive, Buffer.concat([whole, whole]));
	await assert.rejects(inspectArchive(here.runner, here.archive), /there is data behind its end/);
	whole.writeUInt32LE(1, whole.length - 8);
	await writeFile(here.archive, whole);
	await assert.rejects(inspectArchive(here.runner, here.archive), /cannot read it to its end \(incorrect data check\)/);
});

test('refuses: a bomb, before it has gone off', async t => {
	const here = await place(t);
	// 20 GB of zeros in 90 MB, announced as a file, or as nothing.
	const part = gzipSync(Buffer.alloc(64 * 1024 ** 2), {level: 1});
	const bomb = gzipSync(Buffer.concat([entry({name: 'p/zeros', size: 8 * 1024 ** 3 - 1}), Buffer.alloc(1024 ** 2)]));
	await writeFile(here.archive, Buffer.concat([bomb, ...Array.from({length: 320}, () => part)]));
	await assert.rejects(inspectArchive(here.runner, here.archive), /would unpack to 8589934\d+ bytes or more/);
	await writeFile(here.archive, Buffer.concat([gzipSync(patch), ...Array.from({length: 320}, () => part)]));
	await assert.rejects(inspectArchive(here.runner, here.archive), /bytes of nothing lie behind its end/);
});

test('takes what archivers write: all formats, long names, records about everything, parts of gzip', async t => {
	const here = await place(t);
	const long = `${'länge'.repeat(30)}.py`;
	for (const format of ['gnu', 'oldgnu', 'pax', 'posix']) {
		await rm(path.join(here.directory, 'patch_upgrade4'), {recursive: true, force: true});
		await pack(
			here,
			async folder => {
				await writeFile(path.join(folder, long), '');
				await symlink(long, path.join(folder, 'link'));
				await link(path.join(folder, 'patch.sh'), path.join(folder, 'server', 'again'));
			},
			[`--format=${format}`, 'patch_upgrade4'],
		);
		const {members} = await inspectArchive(here.runner, here.archive);
		assert.equal(members.length, 7);
		assert.equal(members.find(({kind}) => kind === 'link')?.target, long);
		assert.ok(members.some(({name}) => name === `patch_upgrade4/${long}`));
	}

	const tar = Buffer.concat([
		records([['comment', 'of git']], 'g'),
		records([
			['size', '3'],
			['mtime', '1700000000.5'],
			['SCHILY.xattr.security.selinux', 'a\0'],
			['LIBARCHIVE.creationtime', '1'],
		]),
		entry({name: 'p/x', data: 'abc'}),
		patch,
		endMark,
	]);
	await writeFile(here.archive, Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]));
	assert.equal((await inspectArchive(here.runner, here.archive)).expandedBytes, 15);
});

test('unpacks into a private directory, with the permission bits', async t => {
	const here = await place(t);
	await pack(here, folder => chmod(path.join(folder, 'server', 'views.py'), 0o664));
	const target = path.join(here.directory, 'unpacked');
	await mkdir(target, {mode: 0o700});
	const {script} = await unpackArchive(here.runner, here.archive, target);
	assert.equal(script, 'patch_upgrade4/patch.sh');
	assert.equal((await stat(path.join(target, script))).mode & 0o7777, 0o755);
	assert.equal((await stat(path.join(target, 'patch_upgrade4/server/views.py'))).mode & 0o7777, 0o664);
	await assert.rejects(unpackArchive(here.runner, here.archive, target), /must be empty/);
	await chmod(target, 0o755);
	await assert.rejects(unpackArchive(here.runner, here.archive, target), /only its owner can enter/);
});

test('keeps the directory private, whatever mode the archive has for it', async t => {
	const here = await place(t);
	await writeFile(here.archive, gzipSync(Buffer.concat([entry({name: './', type: '5', mode: 0o777}), patch, endMark])));
	const target = path.join(here.directory, 'unpacked');
	await mkdir(target, {mode: 0o700});
	await unpackArchive(here.runner, here.archive, target);
	assert.equal((await stat(target)).mode & 0o7777, 0o700);
	assert.deepEqual(await readdir(target), ['p']);
});

test('unpacks nothing that was not inspected, and nothing through a link', async t => {
	const here = await place(t);
	const target = path.join(here.directory, 'unpacked');
	await mkdir(target, {mode: 0o700});
	await writeFile(here.archive, gzipSync(Buffer.concat([patch, hidden, endMark])));
	await assert.rejects(unpackArchive(here.runner, here.archive, target), /"\.\.\/hidden" leads out/);
	assert.deepEqual(await readdir(target), []);
	await symlink(target, path.join(here.directory, 'alias'));
	await pack(here);
	await assert.rejects(
		unpackArchive(here.runner, here.archive, path.join(here.directory, 'alias')),
		/only its owner can enter/,
	);
});

test('takes a copy that stays as it is', async t => {
	const here = await place(t);
	const own = path.join(here.directory, 'own');
	await mkdir(own, {mode: 0o700});
	await pack(here);
	const whole = await readFile(here.archive);
	const alias = path.join(here.directory, '--omflow_patch_1_2_0_0;"\n.tar.gz');
	await symlink(here.archive, alias);
	const taken = await takeArchive(alias, own);
	assert.deepEqual(taken, {
		file: path.join(own, 'omflow_patch_1_2_0_0___.tar.gz'),
		sha256: createHash('sha256').update(whole).digest('hex'),
		bytes: whole.length,
	});
	assert.equal(versionFromName(taken.file), '1.2.0.0');
	await writeFile(here.archive, 'changed');
	assert.deepEqual(await readFile(taken.file), whole);
	assert.equal((await stat(taken.file)).mode & 0o7777, 0o600);
	assert.equal((await inspectArchive(here.runner, taken.file)).script, 'patch_upgrade4/patch.sh');
	// Once more after a crash.
	await writeFile(`${taken.file}.unfinished`, 'half');
	assert.equal((await takeArchive(alias, own)).bytes, 7);
	assert.deepEqual(await readdir(own), [path.basename(taken.file)]);
});

test('takes nothing but a file, and only into a private directory', async t => {
	const here = await place(t);
	const own = path.join(here.directory, 'own');
	await mkdir(own, {mode: 0o700});
	const pipe = path.join(here.directory, 'pipe');
	execFileSync('mkfifo', [pipe]);
	await assert.rejects(takeArchive(pipe, own), /pipe is not a file/);
	await assert.rejects(takeArchive(here.directory, own), /is not a file/);
	await assert.rejects(takeArchive(here.archive, own), {code: 'ENOENT'});
	assert.deepEqual(await readdir(own), []);
	await pack(here);
	await chmod(own, 0o750);
	await assert.rejects(takeArchive(here.archive, own), /only its owner can enter/);
});

test('leaves nothing of a copy for which there was no room, and begins no unpacking', {
	skip: await lacks('/usr/bin/unshare'),
}, async t => {
	const here = await place(t);
	const disk = await SmallDisk.make(t, '8m');
	const own = path.join(disk.here, 'own');
	await mkdir(own, {mode: 0o700});
	const noise = createHash('shake256', {outputLength: 9 * 1024 ** 2})
		.update('noise')
		.digest();
	await pack(here, folder => writeFile(path.join(folder, 'noise'), noise));
	await assert.rejects(takeArchive(here.archive, own), {code: 'ENOSPC'});
	assert.deepEqual(await readdir(own), []);
	await assert.rejects(
		unpackArchive(here.runner, here.archive, own),
		/^Error: The filesystem of \S+ has 8\.\d MB free; omflow patch_1_2_0_0\.tar\.gz needs 26\.2 MB\. Make room/,
	);
	assert.deepEqual(await readdir(own), []);
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
