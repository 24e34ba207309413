import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {askTool, findProgram, type Reached} from './database-tool.js';

const programs = {
	postgresql: {dump: ['pg_dump'], load: ['psql'], decode: ['pg_restore']},
	mysql: {dump: ['mysqldump', 'mariadb-dump'], load: ['mysql', 'mariadb'], decode: ['mysqldump', 'mariadb-dump']},
} as const;

/** Packages that have these tools. */
export const toolPackages = {postgresql: 'postgresql-client', mysql: 'default-mysql-client'} as const;

/** The tools for a kind of database. Throws an Error that names the package when one is missing. */
export async function toolsFor(kind: Reached['kind']): Promise<{dump: string; load: string; decode: string}> {
	const {dump, load, decode} = programs[kind];
	const found = await Promise.all([dump, load, decode].map(names => findProgram(names)));
	if (!found[0] || !found[1] || !found[2]) {
		throw new Error(
			t('The database is {kind}, and its tools are not installed. Install them: apt-get install {packages}', {
				kind,
				packages: toolPackages[kind],
			}),
		);
	}

	return {dump: found[0], load: found[1], decode: found[2]};
}

/** For psql: its own settings do not count, and the first error is the end. */
export const strictly = ['-X', '-q', '--no-password', '-v', 'ON_ERROR_STOP=1', '-f', '-'];

/** For MySQL's programs: every character, and rows as long as a server takes them. */
export const inFull = ['--default-character-set=utf8mb4', '--max-allowed-packet=1G'];

/** Carries out statements as OMFLOW's user. Returns the rows, one a line, with tabs between the fields in MySQL's. */
export async function askDatabase(runner: Runner, reached: Reached, statements: string): Promise<string> {
	const {load} = await toolsFor(reached.kind);
	const argv =
		reached.kind === 'postgresql'
			? [load, ...strictly, '--tuples-only', '--no-align']
			: [load, '--batch', '--skip-column-names', ...inFull, '@database'];
	return askTool(runner, reached, argv, {input: `${statements.replace(/;$/, '')};\n`, timeout: 600_000});
}
