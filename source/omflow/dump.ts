import {mkdir, open, rm, stat, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {askDatabase, inFull, strictly, toolsFor} from './database-programs.js';
import {type Reached, runTool} from './database-tool.js';
import type {Part} from './part.js';
import {dropScript, entriesToLoad, schemasThatStay} from './postgresql.js';
import type {DatabaseKind} from './requirement-rules.js';

/** A dump of a database that is not in a file of the installation, as a backup keeps it. */
export type Dump = {
	readonly role: Part['role'];
	readonly kind: DatabaseKind;
	/** With the database's own tools, the administrator's command, or not at all: then a person has a backup. */
	readonly by: 'tools' | 'command' | 'person';
	/** Relative to the backup; empty for a person's. */
	readonly file: string;
	/** Of the database, where settings.py tells it. */
	readonly name?: string;
	/** The settings.py that says how to reach it; absent where that is the one in the backup. */
	readonly settings?: string;
	readonly bytes: number;
	readonly milliseconds: number;
	/** Only for MySQL: what the database has to be made anew with. */
	readonly characters?: {readonly set: string; readonly collation: string};
};

/** Dumps a database into a file and reads that back. Throws when either fails. */
export async function dumpDatabase(
	runner: Runner,
	reached: Reached,
	file: string,
): Promise<Pick<Dump, 'bytes' | 'milliseconds' | 'characters'>> {
	const began = performance.now();
	const tools = await toolsFor(reached.kind);
	await prepareDumpFile(file);
	if (reached.kind === 'postgresql') {
		await runTool(runner, reached, [tools.dump, '--no-password', '--format=custom', '--compress=1', `--file=${file}`]);
		await runner.run([tools.decode, '--file=/dev/null', file]);
		return {bytes: (await stat(file)).size, milliseconds: performance.now() - began};
	}

	const characters = await charactersOf(runner, reached);
	await runTool(runner, reached, [tools.dump, ...inFull, ...exactly, `--result-file=${file}`, '@database']);
	await seeEnd(file);
	return {bytes: (await stat(file)).size, milliseconds: performance.now() - began, characters};
}

/** Made before a program opens it, so that nobody else can read it. */
export async function prepareDumpFile(file: string): Promise<void> {
	await mkdir(dirname(file), {recursive: true, mode: 0o700});
	await rm(file, {force: true});
	await writeFile(file, '', {mode: 0o600});
}

/** What makes a dump of MySQL or MariaDB complete; options that only one of the two knows are loose. */
const exactly = [
	'--single-transaction',
	'--quick',
	'--routines',
	'--triggers',
	'--events',
	'--hex-blob',
	'--no-tablespaces',
	'--skip-dump-date',
	'--loose-column-statistics=0',
	'--loose-set-gtid-purged=OFF',
];

/** What is in a dump of PostgreSQL, one entry a line. */
export async function contentsOf(runner: Runner, decode: string, file: string): Promise<string> {
	return (await runner.capture([decode, '--list', file], {timeout: 600_000})).stdout;
}

async function charactersOf(runner: Runner, reached: Reached) {
	const told = await askDatabase(runner, reached, 'SELECT @@character_set_database, @@collation_database');
	const [set, collation] = told.split('\t');
	if (!set || !collation || !/^\w+$/.test(set) || !/^\w+$/.test(collation)) {
		throw new Error(t('The database does not say which characters it is made for. Ask it: SHOW CREATE DATABASE'));
	}

	return {set, collation};
}

/** The last line of a complete dump. */
async function seeEnd(file: string): Promise<void> {
	const {size} = await stat(file);
	const dump = await open(file, 'r');
	try {
		const length = Math.min(size, 200);
		const {buffer} = await dump.read(Buffer.alloc(length), 0, length, size - length);
		if (!/^-- Dump completed/m.test(buffer.toString('latin1'))) {
			throw new Error(
				t('The dump {file} does not come to its end. Look into the log, and whether the disk is full.', {file}),
			);
		}
	} finally {
		await dump.close();
	}
}

/**
Makes a database exactly what a dump holds: what was made since is gone. PostgreSQL does it in one transaction; with MySQL a
cut leaves a part, and the call is to be made again. `database` is its name; `scratch` a folder for what is needed
meanwhile.
*/
export async function loadDump(
	runner: Runner,
	reached: Reached,
	file: string,
	{characters, database, scratch}: Pick<Dump, 'characters'> & {readonly database: string; readonly scratch: string},
): Promise<void> {
	const {decode, load} = await toolsFor(reached.kind);
	await mkdir(scratch, {recursive: true, mode: 0o700});
	const before = `${scratch}/before.sql`;
	if (reached.kind === 'postgresql') {
		const list = `${scratch}/entries`;
		const stay = await askDatabase(runner, reached, schemasThatStay);
		await writeFile(list, entriesToLoad(await contentsOf(runner, decode, file), stay.split('\n')), {mode: 0o600});
		await writeFile(before, dropScript, {mode: 0o600});
		const decoded = [decode, '--single-transaction', `--use-list=${list}`, '--file=-', file];
		await runTool(runner, reached, [load, ...strictly, '--output=/dev/null'], {sources: [before, decoded]});
	} else {
		await writeFile(before, remake(database, characters), {mode: 0o600});
		await runTool(runner, reached, [load, '--batch', ...inFull], {sources: [before, file]});
	}

	await rm(scratch, {recursive: true, force: true});
}

/** What others may do in a database of MySQL stays when it is dropped: rights are kept by its name. */
function remake(database: string, characters: Dump['characters']): string {
	const name = `\`${database.replaceAll('`', '``')}\``;
	const {collation, set} = characters ?? {};
	const made = set && collation ? ` CHARACTER SET ${set} COLLATE ${collation}` : '';
	// Somebody else who holds a table is waited for a minute, and not for a day.
	return `SET lock_wait_timeout = 60;\nDROP DATABASE IF EXISTS ${name};\nCREATE DATABASE ${name}${made};\nUSE ${name};\n`;
}
