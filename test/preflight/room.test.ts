import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {packagesWanted, room, roomWanted} from '../../source/preflight/room.js';
import {staging} from '../../source/preflight/staging.js';
import {lacks} from '../host/support.js';
import {SmallDisk} from '../small-disk.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

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
	assert.match(small[1]?.sentence ?? '', /^The filesystem of .* has 0\.0 GB free; the upgrade needs 0\.1 GB\.$/);
});

test('packages that are missing are counted by what apt says they take', async t => {
	const subject = await subjectOf(t);
	const needs = {...toNewPython.needs, aptPackages: ['a-package-that-no-source-has']};
	const unknown = await packagesWanted({...subject, hops: [{...toNewPython, needs} as typeof toNewPython]});
	assert.ok(unknown && unknown.installedBytes > 500_000_000, 'what apt does not know is taken for what was measured');
	const there = {...toNewPython.needs, aptPackages: ['dpkg']};
	assert.equal(
		await packagesWanted({...subject, hops: [{...toNewPython, needs: there} as typeof toNewPython]}),
		undefined,
	);
	assert.equal(await packagesWanted({...subject, hops: [toBugfix]}), undefined);
	const wanted = new Map(await roomWanted(subject, {downloadBytes: 5_000_000, installedBytes: 20_000_000}));
	assert.deepEqual([wanted.get('/usr'), wanted.get('/var/cache/apt')], [120_000_000, 105_000_000]);
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
