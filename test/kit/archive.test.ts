import assert from 'node:assert/strict';
import {createWriteStream} from 'node:fs';
import {chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {type TestContext, test} from 'node:test';
import {createGzip, gzipSync, zstdCompressSync, zstdDecompressSync} from 'node:zlib';
import fc from 'fast-check';
import {pack} from 'tar-stream';
import {sha256Of} from '../../source/host/checksum.js';
import {takeKit} from '../../source/kit/archive.js';
import {kitFiles} from '../../source/kit/manifest.js';
import {KitRefused} from '../../source/kit/taker.js';
import {writeKit} from '../../source/kit/write.js';
import {entry} from '../host/tar-bytes.js';
import {treeDigest} from '../tree-digest.js';
import {makeKitFolder, scratch} from './kit-folder.js';

async function places(t: TestContext) {
	const directory = await scratch(t);
	const at = {kit: join(directory, 'kit'), taken: join(directory, 'taken'), file: join(directory, 'kit.tar.zst')};
	await mkdir(at.kit, {mode: 0o700});
	await mkdir(at.taken, {mode: 0o700});
	const manifest = await makeKitFolder(at.kit);
	return {...at, directory, manifest};
}

async function contents(folder: string): Promise<string> {
	const names = (await readdir(folder, {recursive: true, withFileTypes: true})).filter(entry => entry.isFile());
	const texts = names.map(async entry => {
		const path = join(entry.parentPath, entry.name);
		return `${path.slice(folder.length)} ${await sha256Of(path)}`;
	});
	return (await Promise.all(texts)).sort().join('\n');
}

async function refused(source: string, taken: string, pattern: RegExp): Promise<void> {
	await assert.rejects(takeKit(source, taken), (error: Error) => {
		assert.ok(error instanceof KitRefused, String(error.stack));
		assert.match(error.message, pattern);
		return true;
	});
	assert.deepEqual(await readdir(taken), [], 'nothing of it is left');
}

for (const ending of ['tar.zst', 'tar.gz']) {
	test(`a kit comes back from a .${ending} as it went in`, async t => {
		const {directory, kit, manifest, taken} = await places(t);
		const file = join(directory, `kit.${ending}`);
		const seen: number[] = [];
		const {bytes, sha256} = await writeKit(kit, file, (done, total) => seen.push(done / total));
		assert.equal((await stat(file)).size, bytes);
		assert.match(sha256, /^[\da-f]{64}$/);
		assert.equal(seen.at(-1), 1);
		assert.deepEqual(await takeKit(file, taken), manifest);
		assert.equal(await contents(taken), await contents(kit));
		assert.equal((await stat(join(taken, 'wheels'))).mode & 0o777, 0o700);
		assert.equal((await stat(join(taken, kitFiles.lock))).mode & 0o777, 0o600);
		assert.deepEqual(
			(await readdir(directory)).filter(name => name.includes('unfinished')),
			[],
		);
	});
}

test('the same kit gives the same archive', async t => {
	const {directory, file, kit} = await places(t);
	const first = await writeKit(kit, file);
	assert.deepEqual(await writeKit(kit, join(directory, 'again.tar.zst')), first);
});

test('a folder is taken as an archive is', async t => {
	const {kit, manifest, taken} = await places(t);
	assert.deepEqual(await takeKit(kit, taken), manifest);
	assert.equal(await contents(taken), await contents(kit));
});

test('a file that changed, is gone or is a link is named, in a folder as in an archive', async t => {
	const {directory, kit, taken} = await places(t);
	const wheel = join(kit, 'wheels/asgiref-3.8.1-py3-none-any.whl');
	await writeFile(wheel, 'asgirEf '.repeat(4000));
	await refused(kit, taken, /wheels\/asgiref-3\.8\.1-py3-none-any\.whl has another content than its manifest says/);
	await writeFile(wheel, 'short');
	await refused(kit, taken, /asgiref\S* has 5 bytes, and 32000 in its manifest/);
	await rm(wheel);
	await refused(kit, taken, /asgiref\S* is missing/);
	await writeFile(join(directory, 'secret'), 'asgiref '.repeat(4000));
	await symlink(join(directory, 'secret'), wheel);
	await refused(kit, taken, /asgiref\S* cannot be read \(ELOOP\)/);
});

test('a folder that lies elsewhere is not followed, but the path of a kit is', async t => {
	const {directory, kit, manifest, taken} = await places(t);
	await symlink(kit, join(directory, 'link'));
	assert.deepEqual(await takeKit(join(directory, 'link'), taken), manifest);
	await rm(taken, {recursive: true});
	await mkdir(taken, {mode: 0o700});
	await rename(join(kit, 'wheels'), join(directory, 'elsewhere'));
	await symlink(join(directory, 'elsewhere'), join(kit, 'wheels'));
	await refused(kit, taken, /: wheels is not a folder\./);
});

test('what lies in a place that is not empty, or not private, stays there', async t => {
	const {directory, file, kit, taken} = await places(t);
	await writeKit(kit, file);
	await writeFile(join(taken, 'mine'), 'x');
	for (const source of [file, kit, join(directory, 'none')]) {
		await assert.rejects(takeKit(source, taken), /taken must be empty/);
	}

	assert.deepEqual(await readdir(taken), ['mine']);
	await rm(join(taken, 'mine'));
	await chmod(taken, 0o755);
	await assert.rejects(takeKit(file, taken), /must be a directory that only its owner can enter/);
	assert.deepEqual(await readdir(taken), []);
});

test('no name from a kit acts on a screen', async t => {
	const {directory, kit, taken} = await places(t);
	const file = join(directory, 'made.tar.gz');
	const manifest = await readFile(join(kit, kitFiles.manifest));
	const name = 'wheels/\u009b31m\u202Elhw.x';
	await archiveOf(file, [
		{header: {name: kitFiles.manifest}, content: manifest},
		{header: {name}, content: 'x'},
	]);
	await refused(file, taken, /"wheels\/\\u\{9b\}31m\\u\{202e\}lhw\.x" is not in its manifest/);
	const own = JSON.parse(manifest.toString()) as {files: unknown[]};
	await writeFile(join(kit, kitFiles.manifest), JSON.stringify({...own, files: [{path: name}]}));
	await refused(kit, taken, /names the file "wheels\/\\u\{9b\}31m/);
});

test('what is no kit at all is told so', async t => {
	const {directory, taken} = await places(t);
	await writeFile(join(directory, 'page.tar.gz'), '<html>log in</html>');
	await refused(join(directory, 'page.tar.gz'), taken, /is no kit/);
	await writeFile(join(directory, 'empty.tar.zst'), '');
	await refused(join(directory, 'empty.tar.zst'), taken, /is no kit/);
	await refused(join(directory, 'none.tar.zst'), taken, /There is no /);
	await mkdir(join(directory, 'folder'));
	await refused(join(directory, 'folder'), taken, /manifest\.json is missing/);
});

test('an archive that was cut anywhere is refused', async t => {
	const {file, kit, taken} = await places(t);
	const {bytes} = await writeKit(kit, file);
	const whole = await readFile(file);
	for (const kept of [5, 40, 200, 0.3 * bytes, 0.6 * bytes, 0.9 * bytes]) {
		await writeFile(file, whole);
		await truncate(file, Math.floor(kept));
		await refused(file, taken, /ends before |is damaged there|does not begin/).catch(error => {
			throw new Error(`${Math.floor(kept)} of ${bytes}: ${error.message}`);
		});
	}
});

for (const [name, compress] of [
	['zstd', zstdCompressSync],
	['gzip', gzipSync],
] as const) {
	test(`an archive by ${name} that was cut at any length leaves nothing, not even later`, async t => {
		const {directory, file, kit} = await places(t);
		await writeKit(kit, file);
		const whole = compress(zstdDecompressSync(await readFile(file)));
		const cuts = [...Array(whole.length).keys()].filter(kept => kept % 11 === 0 || kept > whole.length - 20);
		for (const kept of cuts) {
			const cut = join(directory, `${kept}.cut`);
			await mkdir(join(directory, `${kept}`), {mode: 0o700});
			await writeFile(cut, whole.subarray(0, kept));
			await refused(cut, join(directory, `${kept}`), /ends before |is damaged there|is no kit/);
		}

		const left = await Promise.all(cuts.map(kept => readdir(join(directory, `${kept}`))));
		assert.deepEqual(left.flat(), []);
	});
}

test('where an archive was cut is told', async t => {
	const {directory, file, kit, taken} = await places(t);
	await writeKit(kit, file);
	const tar = zstdDecompressSync(await readFile(file));
	const cut = join(directory, 'cut.tar.gz');
	await writeFile(cut, gzipSync(tar).subarray(0, -1));
	await refused(cut, taken, /it ends before its end, and was not copied whole/);
	await writeFile(cut, gzipSync(tar.subarray(0, tar.lastIndexOf('wheels/django') + 5000)));
	await refused(cut, taken, /it ends before wheels\/django\S*, or is damaged there/);
});

const nothing = Buffer.alloc(10_000);
const text = Buffer.from('put there by a mail server'.repeat(10_000));
for (const [name, change] of [
	['text', whole => Buffer.concat([whole, text])],
	['zeros', whole => Buffer.concat([whole, nothing])],
	['itself', whole => Buffer.concat([whole, whole])],
	['zeros within it', whole => zstdCompressSync(Buffer.concat([zstdDecompressSync(whole), nothing]))],
	['text within it', whole => zstdCompressSync(Buffer.concat([zstdDecompressSync(whole), text]))],
] as ReadonlyArray<readonly [string, (whole: Buffer) => Buffer]>) {
	test(`a whole archive with ${name} behind its end is taken`, async t => {
		const {file, kit, manifest, taken} = await places(t);
		await writeKit(kit, file);
		await writeFile(file, change(await readFile(file)));
		assert.deepEqual(await takeKit(file, taken), manifest);
		assert.equal(await contents(taken), await contents(kit));
	});
}

const much = 40 * 1024 ** 2;
for (const [name, isKit, filling] of [
	['nothing at all', false, Buffer.alloc(much)],
	['nothing behind its manifest', true, Buffer.alloc(much)],
	['more and more folders', true, Buffer.alloc(much, entry({name: 'debs/', type: '5'}))],
] as const) {
	test(`a small archive that unpacks to ${name} is read no further than a kit goes`, async t => {
		const {file, kit, taken} = await places(t);
		const data = await readFile(join(kit, kitFiles.manifest), 'latin1');
		const manifest = isKit ? entry({name: kitFiles.manifest, data}) : Buffer.alloc(0);
		await writeFile(file, zstdCompressSync(Buffer.concat([manifest, filling])));
		await refused(file, taken, /it unpacks to more than its manifest says/);
	});
}

type Header = {
	readonly name: string;
	readonly type?: 'symlink' | 'link' | 'character-device' | 'directory';
	readonly linkname?: string;
};
type Entry = {readonly header: Header; readonly content?: string | Buffer};

/** An archive of whatever entries. */
async function archiveOf(file: string, entries: readonly Entry[]): Promise<void> {
	const archive = pack();
	for (const {content, header} of entries) {
		archive.entry(header, content ?? '');
	}

	archive.finalize();
	await pipeline(archive, createGzip(), createWriteStream(file));
}

async function entriesOf(kit: string, manifest: Awaited<ReturnType<typeof makeKitFolder>>): Promise<Entry[]> {
	const paths = [kitFiles.manifest, ...manifest.files.map(({path}) => path), kitFiles.digest];
	return Promise.all(paths.map(async name => ({header: {name}, content: await readFile(join(kit, name))})));
}

for (const [name, change, pattern] of [
	[
		'with a link',
		all => [...all, {header: {name: 'wheels/x', type: 'symlink', linkname: '/etc/shadow'}}],
		/"wheels\/x" is a symlink/,
	],
	['with a hard link', all => [...all, {header: {name: 'x', type: 'link', linkname: 'lock.txt'}}], /"x" is a link/],
	[
		'with a device',
		all => [...all, {header: {name: 'debs/null', type: 'character-device'}}],
		/"debs\/null" is a character-device/,
	],
	[
		'that leaves its folder',
		all => [...all, {header: {name: '../evil'}, content: 'x'}],
		/"\.\.\/evil" is not in its manifest/,
	],
	[
		'with an absolute name',
		all => [...all, {header: {name: '/etc/cron.d/evil'}, content: 'x'}],
		/is not in its manifest/,
	],
	[
		'with one file more',
		all => [...all, {header: {name: 'debs/evil.deb'}, content: 'x'}],
		/"debs\/evil\.deb" is not in its manifest/,
	],
	['with a file twice', all => [...all, ...all.slice(-2, -1)], /is not in its manifest, or there twice/],
	[
		'with its manifest twice',
		all => [...all, ...all.slice(0, 1)],
		/"manifest\.json" is not in its manifest, or there twice/,
	],
	['without one file', all => all.toSpliced(-2, 1), /ends before lock\.txt/],
	['without its end', all => all.slice(0, -1), /ends before manifest\.json\.sha256/],
	[
		'with another digest',
		all => [...all.slice(0, -1), {header: {name: kitFiles.digest}, content: 'x'}],
		/its manifest has changed since/,
	],
	[
		'whose manifest comes later',
		([first, second, ...rest]) => [second, first, ...rest] as Entry[],
		/does not begin with a manifest/,
	],
	['without anything', () => [], /ends before manifest\.json/],
	[
		'with a folder of another name',
		all => [...all, {header: {name: 'etc/', type: 'directory'}}],
		/"etc\/" is a directory/,
	],
	[
		'whose signature is a book',
		all => [...all, {header: {name: kitFiles.signature}, content: 'x'.repeat(70_000)}],
		/manifest\.json\.sig is larger/,
	],
	[
		'whose manifest is a library',
		() => [{header: {name: kitFiles.manifest}, content: Buffer.alloc(9_000_000, 32)}],
		/manifest is too long/,
	],
] as ReadonlyArray<readonly [string, (all: Entry[]) => Entry[], RegExp]>) {
	test(`an archive ${name} is refused`, async t => {
		const {directory, kit, manifest, taken} = await places(t);
		const file = join(directory, 'made.tar.gz');
		await archiveOf(file, change(await entriesOf(kit, manifest)));
		await refused(file, taken, pattern);
		assert.deepEqual((await readdir(directory)).sort(), ['kit', 'made.tar.gz', 'taken'], 'nothing is written beside');
	});
}

test('folders that tar puts into an archive do no harm', async t => {
	const {directory, kit, manifest, taken} = await places(t);
	const folders = ['./', 'debs/', 'wheels/', 'patches/'].map(name => ({header: {name, type: 'directory'}}) as Entry);
	const [first, ...rest] = await entriesOf(kit, manifest);
	await archiveOf(join(directory, 'made.tar.gz'), [folders[0] as Entry, first as Entry, ...folders.slice(1), ...rest]);
	assert.deepEqual(await takeKit(join(directory, 'made.tar.gz'), taken), manifest);
});

test('whatever bytes are changed, nothing but the kit itself is ever taken', async t => {
	const {directory, file, kit, taken} = await places(t);
	await writeKit(kit, file);
	const whole = await readFile(file);
	const wanted = await contents(kit);
	const changed = join(directory, 'changed.tar.zst');
	await fc.assert(
		fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({min: 1, max: 255}), async (at, by) => {
			const bytes = Buffer.from(whole);
			bytes[at] = (bytes[at] ?? 0) ^ by;
			await writeFile(changed, bytes);
			const isTaken = await takeKit(changed, taken).then(
				() => true,
				error => {
					assert.ok(error instanceof KitRefused, String(error.stack));
					return false;
				},
			);
			if (isTaken) {
				assert.equal(await contents(taken), wanted);
			}

			assert.equal((await readdir(taken)).length > 0, isTaken);
			await rm(taken, {recursive: true});
			await mkdir(taken, {mode: 0o700});
		}),
		{numRuns: 60},
	);
});

test('an archive that cannot be written leaves nothing and no doubt', async t => {
	const {directory, kit} = await places(t);
	const before = await treeDigest(directory);
	await rm(join(kit, 'lock.txt'));
	await assert.rejects(writeKit(kit, join(directory, 'kit.tar.zst')), /lock\.txt/);
	await writeFile(join(kit, 'lock.txt'), 'asgiref==3.8.1\ndjango==4.2.16\n', {mode: 0o644});
	assert.equal(await treeDigest(directory), before);
});
