/**
Runs inside the view of a sample with a database server, as `test/rehearsal/shapes.test.ts` says. Its argument is the shape.
Everything happens in a database of its own beside the sample's.
*/

import assert from 'node:assert/strict';
import {mkdtemp, readFile, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {createRunner, plainEnvironment} from '../../../source/host/process.js';
import {drillDump, dropScratch, scratchName} from '../../../source/omflow/database-drill.js';
import {thingsOfOthers} from '../../../source/omflow/database-rights.js';
import {askTool, type Reached, runTool} from '../../../source/omflow/database-tool.js';
import {dumpDatabase, loadDump} from '../../../source/omflow/dump.js';
import {databaseServers, samplePassword} from '../../../source/rehearsal/sample-database.js';
import {place} from '../../../source/rehearsal/sample-place.js';

const shape = process.argv[2] === 'mariadb' ? 'mariadb' : 'postgresql';
const database = 'omflow_try';
const directory = await mkdtemp(join(tmpdir(), 'dump-'));
const log = join(directory, 'log');
const runner = createRunner({log, environment: plainEnvironment});
const reached: Reached = {
	kind: shape === 'mariadb' ? 'mysql' : 'postgresql',
	settings: `${place.server}/omflow/settings.py`,
	python: '/usr/bin/python3',
	name: database,
};
const file = join(directory, 'the.dump');
const scratch = join(directory, 'load');
const client =
	shape === 'mariadb'
		? ['/usr/bin/mysql', '--batch', '--default-character-set=utf8mb4', database]
		: ['/usr/bin/psql', '-Xq', '-f', '-'];
const asAdministrator = async (query: string) => databaseServers[shape].ask(runner, query);

/** As OMFLOW's user. */
async function execute(statements: string): Promise<void> {
	const script = join(directory, 'script.sql');
	await writeFile(script, shape === 'mariadb' ? statements : `\\set ON_ERROR_STOP 1\n${statements}`);
	await runTool(runner, reached, client, {sources: [script]});
}

/** All that is in the database, as text. */
async function contents(): Promise<string> {
	if (shape === 'mariadb') {
		const text = join(directory, 'text.sql');
		await dumpDatabase(runner, reached, text);
		return readFile(text, 'utf8');
	}

	const text = await askTool(runner, reached, ['/usr/bin/pg_dump', '--no-password']);
	// Its key is another one every time.
	return text.replaceAll(/^\\(?:un)?restrict .*$/gm, '');
}

const made = {
	postgresql: String.raw`
create type color as enum ('red', 'it''s');
create domain positive as integer check (value > 0);
create table flow (id serial primary key, name text not null, color color, amount positive, data jsonb, raw bytea);
create table "Odd ""table" ("Id" integer generated always as identity primary key, flow integer references flow on delete cascade);
create index flow_name on flow (lower(name));
create view shown as select name from flow;
create materialized view counted as select count(*) as n from flow;
create function twice(integer) returns integer language sql as 'select $1 * 2';
create procedure nothing() language sql as 'select 1';
create function touch() returns trigger language plpgsql as $$ begin new.name := trim(new.name); return new; end $$;
create trigger touched before insert on flow for each row execute function touch();
create aggregate total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create collation ours from "C";
create statistics related on id, name from flow;
create table parted (id integer, at date) partition by range (at);
create table parted_1 partition of parted for values from ('2020-01-01') to ('2030-01-01');
create schema "other one";
create table "other one".t (x integer);
insert into flow (name, color, amount, data, raw) values ('ü 漢字 \ ''"', 'it''s', 3, '{"a": [1]}', '\x00ff');
insert into "Odd ""table" (flow) values (1);
insert into parted values (1, '2024-05-05');
refresh materialized view counted;
select lo_from_bytea(4711, '\xdeadbeef');
create extension pg_trgm;
create schema tools;
create extension hstore schema tools;
create index trigrams on flow using gin (name gin_trgm_ops);
comment on table flow is 'of the customer';
`,
	mariadb: String.raw`
create table flow (id integer auto_increment primary key, name varchar(200) not null, raw blob, at timestamp null, unique (name)) engine=InnoDB;
create table ${'`'}odd "table${'`'} (id integer primary key, flow integer, foreign key (flow) references flow (id) on delete cascade) engine=InnoDB;
create view shown as select name from flow;
create sequence numbers start with 5;
delimiter //
create procedure nothing() begin select 1; end //
create function twice(n integer) returns integer deterministic return n * 2 //
create trigger touched before insert on flow for each row begin set new.name = trim(new.name); end //
create event later on schedule every 1 day starts '2037-01-01 00:00:00' do delete from flow where id = 0 //
delimiter ;
insert into flow (name, raw, at) values ('ü 漢字 😀 \\ ''"', x'00ff27', '2024-05-05 12:00:00');
insert into ${'`'}odd "table${'`'} values (1, 1);
`,
};

/** What a patch might do before it fails. */
const harm = {
	postgresql: `
drop view shown;
drop trigger touched on flow;
create table added (id bigserial primary key, flow integer references flow);
create table flow_2 (like flow including all);
create table heir () inherits (flow);
alter table flow add column extra integer default 1, drop column data, alter column name type varchar(500);
create sequence loose;
create type state as enum ('on');
create type pair as (a integer, b state);
create type span as range (subtype = date);
create domain code as text;
create function late(pair) returns integer language sql as 'select 1';
create function same(state, state) returns boolean language sql as 'select true';
create operator === (leftarg = state, rightarg = state, procedure = same);
create collation theirs from "C";
create text search configuration words (copy = simple);
create view late_view as select * from added;
create schema late;
create table late.t (x public.state);
delete from "Odd ""table";
update flow set name = 'changed';
select lo_unlink(4711);
select lo_from_bytea(4712, 'x');
drop extension hstore;
drop table "other one".t;
`,
	mariadb: `
create table added (id integer primary key, flow integer, foreign key (flow) references flow (id));
alter table flow add column extra integer default 1, drop column raw;
drop view shown;
create view late as select * from added;
create function late_one() returns integer deterministic return 1;
drop procedure nothing;
drop trigger touched;
drop event later;
create event later_2 on schedule every 1 day starts '2037-01-01 00:00:00' do delete from added;
delete from \`odd "table\`;
update flow set name = 'changed';
alter database character set latin1;
`,
};

test('a database with everything in it becomes what its dump holds', async () => {
	await asAdministrator(`drop database if exists ${database}`);
	if (shape === 'mariadb') {
		await asAdministrator(`create database ${database} character set utf8mb4 collate utf8mb4_unicode_ci`);
		await asAdministrator(`grant all on ${database}.* to omflow`);
	} else {
		await asAdministrator(`create database ${database} owner omflow`);
	}

	await execute(made[shape]);
	const before = await contents();
	const dumped = await dumpDatabase(runner, reached, file);
	assert.ok(dumped.bytes > 0);
	const load = async () => loadDump(runner, reached, file, {database, scratch, ...dumped});
	await execute(harm[shape]);
	assert.notEqual(await contents(), before);
	await load();
	assert.equal(await contents(), before);
	// As after a cut: once more, from whatever is there.
	await execute(shape === 'mariadb' ? `drop database ${database};` : 'create table tools.left (x integer);');
	await load();
	assert.equal(await contents(), before);

	await truncate(file, dumped.bytes - 30);
	if (shape === 'postgresql') {
		await assert.rejects(load, /psql ended|pg_restore/);
		assert.equal(await contents(), before, 'a dump that is cut changes nothing');
	}
});

test('a dump is loaded beside the database in use', async () => {
	const name = scratchName();
	const drill = async (dumped: Awaited<ReturnType<typeof dumpDatabase>>) =>
		drillDump(runner, reached, file, {...dumped, scratch: name, folder: scratch});
	if (shape === 'mariadb') {
		const refused = await drill(await dumpDatabase(runner, reached, file));
		assert.match('why' in refused ? refused.why : '', /has events/);
		await execute('drop event later;');
	}

	await asAdministrator(
		shape === 'mariadb' ? 'revoke all on `omflow\\_drill\\_%`.* from omflow' : 'alter role omflow nocreatedb',
	);
	const dumped = await dumpDatabase(runner, reached, file);
	const refused = await drill(dumped);
	assert.match('remedy' in refused ? refused.remedy : '', shape === 'mariadb' ? /GRANT ALL ON/ : /CREATEDB/);
	await dropScratch(runner, reached, name);

	await asAdministrator(
		shape === 'mariadb' ? 'grant all on `omflow\\_drill\\_%`.* to omflow' : 'alter role omflow createdb',
	);
	const before = await contents();
	const drilled = await drill(dumped);
	assert.ok('tables' in drilled, JSON.stringify(drilled));
	assert.deepEqual([drilled.tables, drilled.rows], shape === 'mariadb' ? [2, 2] : [5, 3]);
	assert.equal(await contents(), before);
	const databases = shape === 'mariadb' ? 'show databases' : 'select datname from pg_database';
	assert.match(await asAdministrator(databases), new RegExp(name));
	await dropScratch(runner, reached, name);
	assert.doesNotMatch(await asAdministrator(databases), /omflow_drill/);
});

test('what belongs to others is found before it is needed', async () => {
	assert.deepEqual(await thingsOfOthers(runner, reached), []);
	await asAdministrator(
		shape === 'mariadb'
			? `use ${database}; create definer = root@localhost view theirs as select 1; create definer = root@localhost function of_theirs() returns integer deterministic return 1`
			: `\\connect ${database}\ncreate table theirs (x integer); create view other_view as select 1; select lo_create(4713)`,
	);
	assert.deepEqual(
		(await thingsOfOthers(runner, reached)).sort(),
		shape === 'mariadb'
			? ['function of_theirs', 'view theirs']
			: ['large object 4713', 'table public.theirs', 'view public.other_view'],
	);
});

test('nothing that was written holds the password', async () => {
	assert.ok(!(await readFile(log, 'utf8')).includes(samplePassword));
});
