import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {sampleUrl} from '../../source/rehearsal/sample.js';
import {type Ended, lastEvent, Program, run} from '../commands/program.js';
import {noView} from '../commands/server.js';
import {digestHost, processesWith} from './host.js';
import {openPlannedView, type PlannedView} from './planned-view.js';
import {inside, killWorker, rehearsalPatience, sampleSays} from './program.js';

const skip = await noView();
const repository = new URL('../..', import.meta.url).pathname;

/** What a patch does to the database, through the environment's own driver; and how it ends. */
const patch = (ending: string) => `#!/bin/bash
set -e
/opt/omflow/server/omflow_server stop
cd /opt/omflow/server
/opt/omflow/python/bin/python - <<'END'
import os, django
os.environ['DJANGO_SETTINGS_MODULE'] = 'omflow.settings'
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('create table patch_added (id integer primary key)')
    cursor.execute('create view patch_view as select id from patch_added')
    cursor.execute('alter table ommission_mission add column patch_extra integer')
    cursor.execute('delete from ommission_mission where id > 1')
END
${ending}
`;
const fails = patch("echo 'The migration has failed half-way'\nexit 1");
const works = patch("printf 'version=1.1.6.4\\nversion_num=001001006004\\n' > omflow/syscom/version.bin");

const client = {
	postgresql: `runuser -u postgres -- psql -Atq --cluster "$(ls /etc/postgresql | tail -n 1)/omflow"`,
	mariadb: 'mariadb --no-defaults --socket=/run/omflow-mariadb/mariadb.sock --user=root',
} as const;

/** What an administrator of the database types. */
const administrator = {
	postgresql: {
		/** Everything in the sample's database as text, but how often Django was started. */
		contents: `${client.postgresql.replace('psql -Atq', 'pg_dump')} --exclude-table-data=omflow_start omflow | grep -v restrict`,
		grant: `${client.postgresql} -c 'alter role omflow createdb'`,
		databases: `${client.postgresql} -c 'select datname from pg_database'`,
	},
	mariadb: {
		contents: `${client.mariadb.replace('mariadb', 'mariadb-dump')} --skip-dump-date --routines --events --ignore-table=omflow.omflow_start omflow`,
		grant: `${client.mariadb} -e 'grant all on \`omflow\\_drill\\_%\`.* to omflow'`,
		databases: `${client.mariadb} -e 'show databases'`,
	},
} as const;

for (const [shape, product] of [
	['postgresql', /PostgreSQL 1\d/],
	['mariadb', /MariaDB 1\d\.\d/],
] as const) {
	test(`a database of ${shape} goes back with the files, and forward`, {skip, timeout: rehearsalPatience}, async t => {
		const host = await digestHost();
		const archive = '/var/lib/omflow-tui/omflow_patch_1_1_6_4.tar.gz';
		const hop = {to: '1.1.6.4', runbook: 'general', options: {from: '1.1.6.3', archive}};
		const sample = await openPlannedView(shape, [hop]);
		t.after(() => sample.close());
		const {state, view, wrap} = sample;
		const url = sampleUrl(shape);
		const look = async () => inside(view, 'sh', '-c', administrator[shape].contents);
		await pack(state, fails);
		const upgrade = new Program(['upgrade', '--yes', '--json'], sample);

		if (shape === 'postgresql') {
			await upgrade.until(
				event => event.event === 'command' && event.command === 'python3 manage.py migrate --noinput',
			);
			await killWorker();
			await upgrade.step('sample-start', 'done');
			const migrations = upgrade.events.filter(event => event.event === 'command' && / migrate /.test(event.command));
			assert.ok(migrations.length > 1, 'built afresh after the kill');
		}

		await upgrade.step('sample-start', 'done');
		const [old, before] = [await sampleSays(view, url), await look()];
		assert.equal(old.rows, 3);

		const failed = await upgrade.end();
		assertRolledBack(failed, /The migration has failed half-way/);
		assert.match(findingOf(failed, 'check', 'database'), product);
		assert.equal(await look(), before);
		assert.deepEqual({...(await sampleSays(view, url)), starts: old.starts}, old);

		const own =
			shape === 'postgresql' &&
			t.test('the same by the administrator’s own commands', async () => {
				await writeOwnCommands(sample);
				const again = await run(['upgrade', '--yes', '--json', '--patch', archive], {wrap});
				assertRolledBack(again, /The migration has failed half-way/);
				assert.match(findingOf(again, 'check', 'database-command'), /is dumped by \/usr\/local\/sbin\/dump-omflow, as/);
				assert.equal(await look(), before);
				assert.deepEqual({...(await sampleSays(view, url)), starts: old.starts}, old);
				await inside(view, 'rm', '/etc/omflow-tui/database.json');
			});
		await own;

		await t.test('a patch that works is kept, after a drill', async () => {
			await pack(state, works);
			await inside(view, 'sh', '-c', administrator[shape].grant);
			const upgraded = new Program(['upgrade', '--yes', '--json', '--drill', '--patch', archive], {wrap});
			if (shape === 'postgresql') {
				await upgraded.until(
					event => event.event === 'command' && event.step === 'drill' && /psql|mysql/.test(event.command),
				);
				await killWorker();
			}

			const kept = await upgraded.end();
			assert.equal(lastEvent(kept).outcome, 'kept', kept.stdout.slice(-2000));
			assert.match(
				findingOf(kept, 'drill', 'drill-database'),
				/^The database of the server was loaded .*: \d+ tables, \d+ rows/,
			);
			assert.doesNotMatch(await inside(view, 'sh', '-c', administrator[shape].databases), /drill/);
			assert.equal(await inside(view, 'sh', '-c', 'ls -d /opt/omflow/.omflow-tui || true'), '');
			const now = await sampleSays(view, url);
			assert.deepEqual([now.version, now.rows], ['1.1.6.4', 1]);
			assert.match(await look(), /patch_added/);
		});

		await t.test('everything that a database can hold goes back', async () => {
			const tried = [process.execPath, '--import', 'tsx', 'test/omflow/inside/dump.ts', shape];
			await inside(view, 'env', '-C', repository, '-u', 'NODE_TEST_CONTEXT', ...tried);
		});

		// Only settings.py has it, and so has its copy.
		const told = spawnSync('grep', ['-rlF', '$HOME %s #@/&;=', state], {encoding: 'utf8'}).stdout.trim().split('\n');
		assert.deepEqual(
			told.filter(file => !/\/backup\/omflow\/server\/omflow\/(?:__pycache__\/)?settings\.[^/]*$/.test(file)),
			[],
		);
		await sample.close();
		assert.deepEqual(await processesWith(state), []);
		assert.equal(await digestHost(dirname(state)), host, 'the host is as it was');
	});
}

async function pack(state: string, script: string): Promise<void> {
	const folder = await mkdtemp(join(state, 'patch-'));
	await mkdir(join(folder, 'omflow_patch'));
	await writeFile(join(folder, 'omflow_patch/patch.sh'), script, {mode: 0o755});
	execFileSync('tar', ['-czf', join(state, 'omflow_patch_1_1_6_4.tar.gz'), '-C', folder, 'omflow_patch']);
	await rm(folder, {recursive: true});
}

/** As an administrator of the database would write them. */
async function writeOwnCommands({state, view}: PlannedView): Promise<void> {
	const dump = `${client.postgresql.replace('psql -Atq', 'pg_dump')} --clean --if-exists --create omflow`;
	const load = `${client.postgresql} -v ON_ERROR_STOP=1 postgres`;
	const lines = [
		`printf '#!/bin/sh\n${dump} > "$OMFLOW_TUI_DUMP"\n' > /usr/local/sbin/dump-omflow`,
		`printf '#!/bin/sh\n${load} < "$OMFLOW_TUI_DUMP"\n' > /usr/local/sbin/load-omflow`,
		'chmod 755 /usr/local/sbin/dump-omflow /usr/local/sbin/load-omflow; mkdir -p /etc/omflow-tui',
		`echo '{"dump": ["/usr/local/sbin/dump-omflow"], "load": ["/usr/local/sbin/load-omflow"]}' > /etc/omflow-tui/database.json`,
	];
	const script = join(state, 'own.sh');
	await writeFile(script, `${lines.join('\n')}\n`);
	await inside(view, 'sh', '/var/lib/omflow-tui/own.sh');
}

function assertRolledBack(ended: Ended, message: RegExp): void {
	const last = lastEvent(ended);
	assert.deepEqual([ended.status, last.outcome], [1, 'rolled-back'], last.message);
	assert.match(last.message, message);
}

function findingOf({stdout}: Ended, step: string, id: string): string {
	const events = stdout
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
	const done = events.findLast(event => event.event === 'step' && event.step === step);
	const findings = done?.event === 'step' ? (done.findings ?? []) : [];
	return findings.find(finding => finding.id === id)?.sentence ?? `none of ${findings.map(finding => finding.id)}`;
}
