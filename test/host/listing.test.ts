import assert from 'node:assert/strict';
import {link, mkdir, rename, rm, stat, symlink, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import fc from 'fast-check';
import {
	below,
	differUnseen,
	type Entry,
	pathOf,
	readListing,
	shown,
	sideBySide,
	unlike,
	without,
	writeListing,
} from '../../source/host/listing.js';
import {listTree} from '../../source/host/walk.js';
import {workshop} from './support.js';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
	const found: Item[] = [];
	for await (const item of items) {
		found.push(item);
	}

	return found;
}

async function tree(t: TestContext): Promise<{readonly tree: string; readonly file: string}> {
	const {directory} = await workshop(t);
	const root = join(directory, 'tree');
	await mkdir(join(root, 'a/b'), {recursive: true});
	await writeFile(join(root, 'a.txt'), 'beside');
	await writeFile(join(root, 'a/b/deep'), 'deep');
	await writeFile(join(root, 'a/日本'), 'name');
	await writeFile(Buffer.concat([Buffer.from(`${root}/a/`), Buffer.of(0xff, 0x2e, 0x0a)]), 'no UTF-8');
	await link(join(root, 'a.txt'), join(root, 'a-hard'));
	await symlink('a/b', join(root, 'link'));
	return {tree: root, file: join(directory, 'listing')};
}

test('a listing is in the order of a walk, and read back as it was written', async t => {
	const {file, tree: root} = await tree(t);
	const written = await writeListing(file, listTree(root));
	const entries = await all(readListing(file));
	assert.deepEqual(
		entries.map(({path}) => path),
		['', 'a', 'a/b', 'a/b/deep', 'a/日本', '\0a/ÿ.\n', 'a-hard', 'a.txt', 'link'],
	);
	assert.deepEqual([written.files, written.bytes], [5, 6 + 6 + 4 + 4 + 8]);
	assert.deepEqual(await all(listTree(root)), entries);
	assert.equal(entries.at(-1)?.content, 'a/b');
	assert.equal(shown('\0a/ÿ.\n'), 'a/\ufffd.\\n');
	assert.deepEqual(
		(await all(without(below(readListing(file), 'a'), ['b']))).map(({path}) => path),
		['', '日本', '\0ÿ.\n'],
	);
	assert.deepEqual(await all(readListing(join(root, 'nothing'))), []);
});

test('names may hold everything that ends a line somewhere', async t => {
	const {file, tree: root} = await tree(t);
	const name = 'line\r\n\u0085\u2028\u2029feed';
	await writeFile(join(root, name), '');
	await writeListing(file, listTree(root));
	assert.ok((await all(readListing(file))).some(({path}) => path === name));
});

test('only what changed is read again, and a change that keeps size and time is one', async t => {
	const {file, tree: root} = await tree(t);
	const old = new Date(1_000_000);
	await utimes(join(root, 'a.txt'), old, old);
	await writeListing(file, listTree(root));
	// As if it had been written long ago: what is listed right after a change could change once more unseen.
	const settled = async function* () {
		for await (const entry of readListing(file)) {
			const stat = (await all(listTree(root))).find(({path}) => path === entry.path);
			yield {...entry, witness: stat?.witness ?? '', content: `known ${entry.content}`};
		}
	};
	for (const {content, witness} of await all(listTree(root, {known: settled()}))) {
		assert.ok(witness === '' ? !content.startsWith('known') : true, 'a young file is read again');
	}

	const known = async function* (): AsyncGenerator<Entry> {
		for await (const entry of readListing(file)) {
			yield {...entry, witness: 'same', content: entry.content.replace(/^/, 'known ')};
		}
	};
	assert.ok((await all(listTree(root, {known: known()}))).every(({content}) => !content.startsWith('known')));

	await writeFile(join(root, 'a.txt'), 'BESIDE');
	await utimes(join(root, 'a.txt'), old, old);
	const different = await all(unlike(readListing(file), listTree(root, {known: readListing(file)})));
	assert.deepEqual(
		different.map(([a, b]) => [a?.path, b?.path]),
		[
			['a-hard', 'a-hard'],
			['a.txt', 'a.txt'],
		],
	);
	assert.ok(different.every(differUnseen));
});

test('a file that did not change is not read: what is known of it counts, unless it is to be read in any case', async t => {
	const {directory} = await workshop(t);
	const file = join(directory, 'listing');
	// Files of the system have not changed for long.
	const root = '/usr/share/common-licenses';
	await writeListing(file, listTree(root));
	const known = async function* () {
		for await (const entry of readListing(file)) {
			yield {...entry, content: `known ${entry.content}`};
		}
	};
	const isPlain = ({mode}: Entry) => (mode & 0o170000) === 0o100000;
	const again = (await all(listTree(root, {known: known(), afresh: new Set(['GPL-2'])}))).filter(isPlain);
	assert.ok(again.length > 3);
	for (const {content, path} of again) {
		assert.equal(content.startsWith('known'), path !== 'GPL-2', path);
	}
});

test('what has just been written is vouched for by nothing: it could change once more and look the same', async t => {
	const {tree: root} = await tree(t);
	for (;;) {
		await writeFile(join(root, 'a.txt'), 'young');
		const entries = await all(listTree(root));
		// A machine that was busy elsewhere meanwhile gets another try.
		if (Date.now() - (await stat(join(root, 'a.txt'))).ctimeMs < 1500) {
			assert.equal(entries.find(({path}) => path === 'a.txt')?.witness, '');
			return;
		}
	}
});

test('what vanishes while a tree in use is listed is left out; else it is an error', async t => {
	const {tree: root} = await tree(t);
	const walk = async (live: boolean) => {
		const found: string[] = [];
		for await (const {path} of listTree(root, {live})) {
			found.push(path);
			if (path === 'a') {
				await rename(join(root, 'a.txt'), join(root, 'gone'));
				await rm(join(root, 'a/b'), {recursive: true});
			}
		}

		return found;
	};
	assert.deepEqual(await walk(true), ['', 'a', 'a/日本', '\0a/ÿ.\n', 'a-hard', 'link']);
	await mkdir(join(root, 'a/b'));
	await rename(join(root, 'gone'), join(root, 'a.txt'));
	await assert.rejects(walk(false), {code: 'ENOENT'});
});

test('listings side by side name every path once, whatever the names are', async () => {
	const name = fc.uint8Array({minLength: 1, maxLength: 3}).map(bytes => {
		return Buffer.from(bytes.map(byte => (byte === 0 || byte === 0x2f ? 0x2e : byte)));
	});
	const path = fc.array(name, {minLength: 1, maxLength: 3}).map(names => Buffer.from(names.map(String).join('/')));
	await fc.assert(
		fc.asyncProperty(fc.array(path, {maxLength: 12}), fc.array(path, {maxLength: 12}), async (first, second) => {
			const listed = (paths: readonly Buffer[]) => {
				const key = (bytes: Buffer) => Buffer.from(bytes.map(byte => (byte === 0x2f ? 0 : byte)));
				const sorted = [...new Map(paths.map(bytes => [pathOf(bytes), bytes])).values()].sort((a, b) =>
					Buffer.compare(key(a), key(b)),
				);
				return sorted.map(bytes => ({path: pathOf(bytes)}) as Entry);
			};
			const stream = async function* (entries: readonly Entry[]) {
				yield* entries;
			};
			const [a, b] = [listed(first), listed(second)];
			const pairs = await all(sideBySide(stream(a), stream(b)));
			assert.deepEqual(
				pairs.flatMap(([one]) => (one ? [one.path] : [])),
				a.map(entry => entry.path),
			);
			assert.deepEqual(
				pairs.flatMap(([, other]) => (other ? [other.path] : [])),
				b.map(entry => entry.path),
			);
			assert.ok(pairs.every(([one, other]) => !one || !other || one.path === other.path));
			const common = a.filter(entry => b.some(other => other.path === entry.path)).length;
			assert.equal(pairs.length, a.length + b.length - common);
		}),
	);
});
