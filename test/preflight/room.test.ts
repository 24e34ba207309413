import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {room, roomWanted} from '../../source/preflight/room.js';
import {staging} from '../../source/preflight/staging.js';
import {lacks} from '../host/support.js';
import {SmallDisk} from '../small-disk.js';
import {subjectOf, toBugfix} from './installation-of.js';

const needsRoot = process.geteuid?.() === 0 ? false : 'needs root';

test('a disk too small for the backup blocks, a large one does not', {skip: needsRoot}, async t => {
	const disk = await SmallDisk.make(t, '20m');
	const subject = await subjectOf(t, {}, [toBugfix]);
	assert.deepEqual(
		(await room(subject)).map(({severity, id}) => `${severity} ${id}`),
		['info disk'],
	);
	const small = await room({...subject, state: join(disk.here, 'state')});
	assert.deepEqual(
		small.map(({severity, id}) => `${severity} ${id}`),
		['info disk', 'blocker disk'],
	);
	assert.match(small[1]?.sentence ?? '', /^The filesystem of .* has 0\.0 GB free; 0\.1 GB are needed\.$/);
});

test('packages that are missing are counted by what apt says they take', async t => {
	const subject = await subjectOf(t);
	const plan = {downloadBytes: 5_000_000, installedBytes: 20_000_000};
	const wanted = new Map(await roomWanted(subject, plan));
	assert.deepEqual([wanted.get('/usr'), wanted.get('/var/cache/apt')], [120_000_000, 105_000_000]);
	assert.ok(!new Map(await roomWanted(subject, undefined)).has('/usr'));
});

test('what customers have uploaded is backed up once a hop, and does not count as what a patch brings', async t => {
	const subject = await subjectOf(t, {}, [toBugfix]);
	const uploads = join(subject.directory, 'server/uploads');
	await mkdir(uploads, {recursive: true});
	await writeFile(join(uploads, 'big'), Buffer.alloc(40_000_000, 'x'));
	const total = async (hops: typeof subject.hops) =>
		(await roomWanted({...subject, hops, state: '/elsewhere'}, undefined)).reduce((sum, [, bytes]) => sum + bytes, 0);
	const one = await total([toBugfix]);
	assert.ok(one > 140_000_000 && one < 145_000_000, String(one));
	assert.ok((await total([toBugfix, toBugfix])) - one < 43_000_000);
});

test('an environment that is a link cannot be exchanged; one that stays may be one', async t => {
	const missing = await lacks('/usr/bin/unshare');
	if (missing || needsRoot) {
		return t.skip(missing || 'needs root');
	}

	const subject = await subjectOf(t);
	const path = join(subject.directory, 'python');
	await mkdir(path);
	await writeFile(join(path, 'pyvenv.cfg'), '');
	assert.deepEqual(await staging(subject), []);
	const elsewhere = {...subject.installation.environment, path: '/proc/self/root'};
	const linked = {...subject, installation: {...subject.installation, environment: elsewhere}};
	assert.deepEqual(
		(await staging(linked)).map(({severity, id}) => `${severity} ${id}`),
		['blocker staging'],
	);
	assert.deepEqual(await staging({...linked, hops: [toBugfix]}), []);
});
