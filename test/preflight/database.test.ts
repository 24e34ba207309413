import assert from 'node:assert/strict';
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {databases} from '../../source/preflight/database.js';
import {databaseVersion} from '../../source/preflight/database-version.js';
import {partOf, subjectOf, toBugfix, toNewPython} from './installation-of.js';

const postgresql = {engine: 'django.db.backends.postgresql', kind: 'postgresql', reach: 'local'} as const;

test('a database that cannot be backed up yet blocks, whatever part of OMFLOW has it', async t => {
	const own = await subjectOf(t, {database: postgresql});
	assert.deepEqual(
		(await databases(own)).map(({severity, id}) => `${severity} ${id}`),
		['blocker database-engine'],
	);
	const unknown = {engine: '', kind: 'unknown', reach: 'unknown'} as const;
	const beside = await subjectOf(t, {beside: [partOf({database: unknown})]});
	const file = join(beside.directory, 'server/db.omflow');
	await mkdir(join(beside.directory, 'server'));
	await writeFile(file, '');
	const findings = await databases(beside);
	assert.deepEqual(
		findings.map(({severity, id}) => `${severity} ${id}`),
		['info database', 'blocker database-engine'],
	);
	assert.match(findings[1]?.sentence ?? '', /^Which database \/opt\/omflow\/collector uses cannot be told/);
});

test('a database in the environment is in the backup only where the environment stays', async t => {
	const subject = await subjectOf(t);
	const file = join(subject.directory, 'python/db.omflow');
	await mkdir(join(subject.directory, 'python'));
	await writeFile(file, '');
	const database = {engine: 'django.db.backends.sqlite3', kind: 'sqlite', file, reach: 'file'} as const;
	const installation = {...subject.installation, database};
	const ids = async (hop: typeof toBugfix) =>
		(await databases({...subject, installation, hops: [hop]})).map(({severity, id}) => `${severity} ${id}`);
	assert.deepEqual(await ids(toBugfix), ['info database']);
	assert.deepEqual(await ids(toNewPython), ['blocker database-place']);
});

test('the version of a database is asked for only on the way to another Django', async t => {
	const subject = await subjectOf(t, {database: postgresql});
	const python = join(subject.directory, 'python/bin/python');
	await mkdir(join(subject.directory, 'python/bin'), {recursive: true});
	// As an environment whose driver says that the server is an old one.
	await writeFile(
		python,
		'#!/bin/sh\necho \'{"engine": "django.db.backends.postgresql", "name": "PostgreSQL", "version": "11.22"}\'\n',
	);
	await chmod(python, 0o755);
	const environment = {...subject.installation.environment, runs: true};
	const ids = async (hops: typeof subject.hops, runs = true) =>
		(
			await databaseVersion({
				...subject,
				hops,
				installation: {...subject.installation, environment: {...environment, runs}},
			})
		).map(({severity, id}) => `${severity} ${id}`);
	assert.deepEqual(await ids([toNewPython]), ['blocker database-version']);
	assert.deepEqual(await ids([toBugfix]), []);
	assert.deepEqual(await ids([toNewPython], false), []);
});
