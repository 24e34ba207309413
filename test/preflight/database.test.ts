import assert from 'node:assert/strict';
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {databases} from '../../source/preflight/database.js';
import {databaseVersion} from '../../source/preflight/database-version.js';
import {lacks} from '../host/support.js';
import {partOf, subjectOf, toBugfix, toNewPython} from './installation-of.js';

const postgresql = {engine: 'django.db.backends.postgresql', kind: 'postgresql', reach: 'local'} as const;

const severities = (findings: Awaited<ReturnType<typeof databases>>) =>
	findings.map(({severity, id}) => `${severity} ${id}`);

test('a database with tools here is asked whether it can be dumped', async t => {
	const missing = await lacks('/usr/bin/pg_dump', '/usr/bin/mysqldump');
	if (missing) {
		t.skip(missing);
		return;
	}

	const subject = await subjectOf(t, {database: postgresql});
	const python = join(subject.directory, 'python/bin/python');
	await mkdir(join(subject.directory, 'python/bin'), {recursive: true});
	await mkdir(join(subject.directory, 'server/omflow'), {recursive: true});
	await writeFile(
		join(subject.directory, 'server/omflow/settings.py'),
		"DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\n",
	);
	const environment = {...subject.installation.environment, runs: true};
	const found = async (answer: unknown, kind: 'postgresql' | 'mysql' = 'postgresql') => {
		await writeFile(python, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`, {mode: 0o755});
		const database = {...postgresql, kind, others: ['archive']};
		const [first, ...rest] = await databases({
			...subject,
			installation: {...subject.installation, environment, database},
		});
		assert.deepEqual(severities(rest), ['warning database-others']);
		return first;
	};
	const server = {engine: 'postgresql', name: 'PostgreSQL'};
	const newer = await found({...server, version: '99.1'});
	assert.equal(newer?.id, 'database-tool');
	assert.match(newer.sentence, /pg_dump is of PostgreSQL \d+\.\d+ and dumps no newer server; the server’s is 99\.1\./);
	assert.equal(newer.remedy, 'Install its own: apt-get install postgresql-client-99');
	const fits = await found({...server, version: '9.6'});
	assert.match(fits?.sentence ?? '', /is PostgreSQL 9\.6; \/usr\/bin\/pg_dump dumps it\./);
	assert.match((await found({...server, version: '8.0'}, 'mysql'))?.sentence ?? '', /dump dumps it\./);
	for (const [reason, severity] of [
		['refused', 'blocker'],
		['denied', 'blocker'],
		['settings', 'blocker'],
		['driver', 'warning'],
	] as const) {
		const finding = await found({reason});
		assert.deepEqual([finding?.severity, finding?.id], [severity, 'database-reach']);
	}
});

test('a database without tools here wants commands of the administrator', async t => {
	const unknown = {engine: '', kind: 'unknown', reach: 'unknown'} as const;
	const oracle = {engine: 'django.db.backends.oracle', kind: 'oracle', reach: 'remote'} as const;
	const subject = await subjectOf(t, {database: oracle, beside: [partOf({database: unknown})]});
	const file = join(subject.directory, 'database.json');
	const findings = await databases(subject, file);
	assert.deepEqual(severities(findings), ['warning database-command', 'warning database-command']);
	assert.match(findings[0]?.sentence ?? '', /^The database of the server is oracle, which omflow-tui cannot dump/);
	assert.match(findings[1]?.sentence ?? '', /^Which database the collector uses cannot be told/);

	await writeFile(file, '{"dump": ["dump"], "load": ["/bin/load"]}', {mode: 0o600});
	const [bad] = await databases(subject, file);
	assert.deepEqual([bad?.severity, bad?.id], ['blocker', 'database-command']);
	assert.match(bad?.sentence ?? '', /with full paths/);
	await writeFile(file, '{"dump": ["/bin/cp"], "load": ["/bin/cp"]}');
	const [good] = await databases(subject, file);
	assert.equal(good?.severity, process.geteuid?.() === 0 ? 'info' : 'blocker');
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
