import {randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {CommandError, type Runner} from '../host/process.js';
import {mark, t} from '../locales/index.js';
import {askDatabase, toolsFor} from './database-programs.js';
import type {Reached} from './database-tool.js';
import {contentsOf, type Dump, loadDump} from './dump.js';
import {tablesIn} from './postgresql.js';

/** A dump was loaded into a database of its own, or why that cannot be tried here, with what would help. */
export type Drilled =
	| {readonly tables: number; readonly rows: number; readonly milliseconds: number}
	| {readonly why: string; readonly remedy: string};

/** Name of a database that is made for a drill: no other has it. */
export function scratchName(): string {
	return `omflow_drill_${randomBytes(4).toString('hex')}`;
}

/**
Loads a dump into a new database of the same server, compares its tables with those in the dump and counts their rows.
`scratch` is the name of that database, which the caller drops whatever happens, and `folder` one for what is needed
meanwhile. Throws when the dump cannot be loaded or brings other tables.
*/
export async function drillDump(
	runner: Runner,
	reached: Reached,
	file: string,
	{characters, folder, scratch}: Pick<Dump, 'characters'> & {readonly folder: string; readonly scratch: string},
): Promise<Drilled> {
	const {kind} = reached;
	if (kind === 'mysql' && (await askDatabase(runner, reached, events)) !== '0') {
		return {
			why: t('it has events, which would run in a second database as well'),
			remedy: t('Try its dump on another server, in which the event scheduler is off.'),
		};
	}

	try {
		await askDatabase(runner, reached, kind === 'mysql' ? `CREATE DATABASE ${scratch}` : createLike(scratch));
		const began = performance.now();
		const aside = {...reached, name: scratch};
		await loadDump(runner, aside, file, {database: scratch, scratch: folder, ...(characters ? {characters} : {})});
		const milliseconds = performance.now() - began;
		const counted = await askDatabase(runner, aside, await askDatabase(runner, aside, countEach[kind]));
		const counts = counted.split('\n').filter(Boolean).map(Number);
		const {decode} = await toolsFor(kind);
		const tables = kind === 'mysql' ? await tablesInText(file) : tablesIn(await contentsOf(runner, decode, file));
		if (counts.length !== tables) {
			throw new Error(
				t('The dump {file} has {tables} tables, and {counts} came back from it.', {
					file,
					tables,
					counts: counts.length,
				}),
			);
		}

		return {tables, rows: counts.reduce((sum, count) => sum + count, 0), milliseconds};
	} catch (error) {
		if (error instanceof CommandError && lacksRights.test(error.lastOutput)) {
			return {
				why: t('OMFLOW’s user of the database may not make another one with what it needs'),
				remedy: t(grants[kind]),
			};
		}

		throw error;
	}
}

/** Removes the database of a drill, whether it was made or not. */
export async function dropScratch(runner: Runner, reached: Reached, scratch: string): Promise<void> {
	await askDatabase(runner, reached, `DROP DATABASE IF EXISTS ${scratch}`).catch((error: unknown) => {
		// MySQL says so of one that was never made.
		if (!(error instanceof CommandError && /Access denied for user .* to database/i.test(error.lastOutput))) {
			throw error;
		}
	});
}

const lacksRights = /permission denied to create (?:database|extension)|Access denied for user .* to database/i;

const grants = {
	postgresql: mark(
		'For the drill, let an administrator of the database say ALTER ROLE … CREATEDB for the user in settings.py.',
	),
	mysql: mark(
		'For the drill, let an administrator of the database say GRANT ALL ON `omflow\\_drill\\_%`.* TO the user in settings.py.',
	),
} as const;

const events = 'SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()';

/** With the characters of the one in use. */
function createLike(scratch: string): string {
	return (
		`SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L', '${scratch}', ` +
		'pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = current_database() \\gexec\n'
	);
}

/** Prints a statement for each table, which counts its own rows. */
const countEach = {
	postgresql: `SELECT format('SELECT count(*) FROM ONLY %I.%I;', nspname, relname)
  FROM pg_class c JOIN pg_namespace n ON relnamespace = n.oid
  WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')`,
	mysql: `SELECT CONCAT('SELECT COUNT(*) FROM \`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
  FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
} as const;

/** Number of tables in a dump of MySQL, in which only statements begin a line. */
async function tablesInText(file: string): Promise<number> {
	const sought = Buffer.from('\nCREATE TABLE ');
	let tables = 0;
	let rest = Buffer.from('\n');
	for await (const chunk of createReadStream(file)) {
		const text = Buffer.concat([rest, chunk as Buffer]);
		for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
			tables++;
		}

		rest = text.subarray(Math.max(0, text.length - sought.length + 1));
	}

	return tables;
}
