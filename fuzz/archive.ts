import assert from 'node:assert/strict';
import {lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join, normalize, relative} from 'node:path';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {type Archive, ArchiveRefused, inspectArchive, unpackArchive} from '../source/host/archive.js';
import {createRunner, plainEnvironment} from '../source/host/process.js';
import {type Entry, endMark, entry, records} from '../test/host/tar-bytes.js';

// Few names, so that members meet: as each other's parents, targets and doubles.
const part = fc.constantFrom('a', 'b', 'c', 'patch.sh', 'é'.repeat(3), 'n'.repeat(90));
const oddPart = fc.constantFrom('.', '..', '', '\xff', 'a\nb', '\x1b[m', 'n'.repeat(300), 'outside', 'a\0b');
const pathOf = (parts: fc.Arbitrary<string>) =>
	fc.array(parts, {minLength: 1, maxLength: 4}).map(list => Buffer.from(list.join('/')).toString('latin1'));
const seldom = {weight: 1};
const name = fc.oneof({weight: 30, arbitrary: pathOf(part)}, {...seldom, arbitrary: pathOf(fc.oneof(part, oddPart))});
const climbing = pathOf(fc.oneof(part, fc.constantFrom('.', '..')));
const target = fc.oneof(
	{weight: 5, arbitrary: climbing},
	{weight: 5, arbitrary: name},
	{...seldom, arbitrary: fc.string()},
);
const mode = fc.oneof(
	{weight: 20, arbitrary: fc.constantFrom(0o755, 0o644, 0o777, 0o700, 0o1777, 0)},
	{...seldom, arbitrary: fc.integer({min: 0, max: 0o7777})},
);

/** A member as other members are: tar's header says what it is. */
const plain = fc.oneof(
	{weight: 4, arbitrary: fc.record({name, mode, data: fc.string({maxLength: 600})})},
	{weight: 3, arbitrary: fc.record({name, mode, type: fc.constant('5')})},
	{weight: 3, arbitrary: fc.record({name, mode, target, type: fc.constantFrom('2', '2', '1')})},
);
/** One with members in its data, for a reader that does not pass over these. */
const smuggler = fc.record({
	name: fc.oneof(
		name,
		name.map(each => `${each}/`),
	),
	target: part,
	type: fc.constantFrom('0', '\0', '1', '2', '5'),
	data: name.map(each => entry({name: each}).toString('latin1')),
});
/** One that lies: any type, a size that is not that of the data, a target where none belongs. */
const odd = fc.record(
	{
		name,
		mode,
		target,
		type: fc.oneof(fc.constantFrom(...'\x012345678xgLKSMVDNX'), fc.string({minLength: 1, maxLength: 1})),
		size: fc.oneof(fc.nat(3000), fc.nat()),
		data: fc.string({maxLength: 600}),
	},
	{requiredKeys: ['name']},
);
const key = fc.constantFrom(
	'path',
	'linkpath',
	'size',
	'mtime',
	'uid',
	'GNU.sparse.name',
	'GNU.sparse.size',
	'comment',
);
const value = fc.oneof(climbing, name, fc.nat(2000).map(String), fc.string());
const pair = fc.tuple(key, value);
/** What an archive is put together from, so that a counterexample can be read. */
type Piece = Entry | {readonly pairs: ReadonlyArray<readonly [string, string]>; readonly type: string} | number;

function encode(piece: Piece): Buffer {
	if (typeof piece === 'number') {
		return Buffer.alloc(piece);
	}

	return 'pairs' in piece ? records(piece.pairs, piece.type) : entry(piece);
}

const goodKey = fc.constantFrom('path', 'linkpath', 'mtime');
const piece: fc.Arbitrary<Piece> = fc.oneof(
	{weight: 60, arbitrary: plain},
	{weight: 4, arbitrary: pathOf(part).map(long => ({name: 'L', type: 'L', data: `${long}\0`}))},
	{weight: 4, arbitrary: fc.tuple(goodKey, climbing).map(one => ({pairs: [one], type: 'x'}))},
	{weight: 2, arbitrary: odd},
	{weight: 2, arbitrary: smuggler},
	{weight: 1, arbitrary: fc.record({pairs: fc.array(pair, {maxLength: 3}), type: fc.constantFrom('x', 'g')})},
	{weight: 1, arbitrary: fc.constantFrom(512, endMark.length)},
);
const script = entry({name: 'p/patch.sh', data: '#!/bin/bash\n'});

/** What befalls the bytes of the tar, or of the gzip around it. */
const harm = fc.oneof(
	{weight: 8, arbitrary: fc.constant([])},
	{weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(), fc.integer({min: 1, max: 255})), {maxLength: 3})},
);
const cut = fc.oneof({weight: 20, arbitrary: fc.constant(null)}, {weight: 1, arbitrary: fc.nat()});
const whole = fc.record({pieces: fc.array(piece, {maxLength: 8}), inTar: harm, inGzip: harm, cut, cutGzip: cut});

/**
Whatever an archive is: it is refused with the documented error, or it unpacks to just what was listed, without
reaching out of its directory.
*/
export const archive = fc.asyncProperty(whole, async ({pieces, inTar, inGzip, cut, cutGzip}) => {
	const tar = spoil(Buffer.concat([script, ...pieces.map(encode), endMark]), inTar, cut);
	const file = spoil(gzipSync(tar), inGzip, cutGzip);
	const outside = await mkdtemp(join(tmpdir(), 'fuzz-archive-'));
	try {
		await isSafe(file, outside);
	} finally {
		await rm(outside, {recursive: true, force: true});
	}
});

function spoil(data: Buffer, changes: ReadonlyArray<readonly [number, number]>, cut: number | null): Buffer {
	for (const [at, by] of changes) {
		data[at % data.length] = (data[at % data.length] ?? 0) ^ by;
	}

	return cut === null ? data : data.subarray(0, cut % data.length);
}

async function isSafe(bytes: Buffer, outside: string): Promise<void> {
	const file = join(outside, 'archive.tar.gz');
	const runner = createRunner({log: join(outside, 'log'), environment: plainEnvironment});
	// As deep as links of the archive climb, and with a file in the way of what would leave it.
	const inside = join(outside, 'x', 'y', 'inside');
	await mkdir(inside, {recursive: true, mode: 0o700});
	await writeFile(join(outside, 'x', 'y', 'outside'), 'sentinel');
	await writeFile(file, bytes);
	await writeFile(join(outside, 'log'), '');
	const before = await tree(outside, inside);
	let found: Archive;
	try {
		found = await inspectArchive(runner, file);
	} catch (error) {
		assert.ok(error instanceof ArchiveRefused, `no documented error: ${error}`);
		return;
	}

	const unpacked = await unpackArchive(runner, file, inside);
	assert.deepEqual(unpacked, found);
	assert.deepEqual(await tree(outside, inside), before);
	assert.equal((await lstat(inside)).mode & 0o7777, 0o700);
	await isAsListed(found, inside);
}

const kinds = {file: 0o100000, hardLink: 0o100000, directory: 0o040000, link: 0o120000, other: -1};

async function isAsListed(found: Archive, inside: string): Promise<void> {
	const names = await namesIn(inside);
	assert.deepEqual(
		names.filter(each => basename(each) === 'patch.sh'),
		[found.script],
	);
	const listed = new Map(found.members.map(member => [member.name, member]));
	for (const each of names) {
		const {mode, size} = await lstat(join(inside, each));
		// A directory may be there for what lies in it alone.
		const member = listed.get(each) ?? {kind: 'directory' as const, bytes: 0, target: undefined};
		assert.equal(mode & 0o170000, kinds[member.kind], each);
		assert.equal(mode & 0o6000, 0, `${each} has a set-id bit`);
		assert.ok(member.kind !== 'file' || member.bytes === size, `${each} has another size than listed`);
		if (member.kind === 'link') {
			assert.equal(await readlink(join(inside, each)), member.target);
			const end = await follow(inside, each);
			assert.ok(!relative(inside, end).startsWith('..'), `${each} leads out, to ${end}`);
		}

		listed.delete(each);
	}

	listed.delete('.');
	assert.deepEqual([...listed.keys()], [], 'listed, but not unpacked');
}

/** Where a link ends, followed part by part on the disk; `..` at any point is what the disk makes of it. */
async function follow(inside: string, start: string): Promise<string> {
	let at = inside;
	const todo = start.split('/');
	for (let steps = 0; todo.length > 0; steps++) {
		assert.ok(steps < 2000, `${start} goes in a circle`);
		const next = join(at, todo.shift() ?? '');
		if (relative(inside, next).startsWith('..')) {
			return next;
		}

		const link = await readlink(next).catch(() => undefined);
		if (link?.startsWith('/')) {
			return link;
		}

		todo.unshift(...(link?.split('/') ?? []));
		at = link === undefined ? normalize(next) : at;
	}

	return at;
}

/** All paths below a directory; unlike node's own recursion, not through links. */
async function namesIn(directory: string, below = ''): Promise<string[]> {
	const names: string[] = [];
	for (const each of await readdir(join(directory, below), {withFileTypes: true})) {
		const name = join(below, each.name);
		names.push(name, ...(each.isDirectory() ? await namesIn(directory, name) : []));
	}

	return names.sort();
}

/** Everything in a directory but what is inside, and the log, which commands are written to. */
async function tree(directory: string, inside: string): Promise<string[]> {
	const found: string[] = [];
	for (const each of await namesIn(directory)) {
		const path = join(directory, each);
		if (each !== 'log' && !path.startsWith(`${inside}/`)) {
			const {mode, size, uid} = await lstat(path);
			const isFile = (mode & 0o170000) === kinds.file;
			found.push(`${each} ${mode} ${uid} ${isFile ? `${size} ${(await readFile(path)).toString('base64')}` : ''}`);
		}
	}

	return found;
}
