import {stat} from 'node:fs/promises';
import type {Fact, Pane} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {askDatabase} from '../../omflow/database-programs.js';
import type {Reached} from '../../omflow/database-tool.js';
import type {Dump} from '../../omflow/dump.js';
import type {Part} from '../../omflow/part.js';
import {recorded, type StepContext} from '../facts.js';

type Database = Pick<Part, 'database' | 'role'>;

const engines: Readonly<Record<string, string>> = {
	sqlite: 'SQLite',
	postgresql: 'PostgreSQL',
	mysql: 'MySQL, MariaDB',
	oracle: 'Oracle',
	mssql: 'SQL Server',
};

const everySoOften = 500;

/**
Carries out a dump and shows meanwhile how far its file has come. How much it will be tells the dump before this one, if
there is one: then it is nothing but a look at the file, since OMFLOW is down.
*/
export async function showingDump<Result>(
	context: StepContext,
	part: Database,
	path: string,
	dump: () => Promise<Result>,
	reached?: Reached,
): Promise<Result> {
	const before = context.recall<readonly Dump[]>(recorded.firstDumps)?.find(({role}) => role === part.role)?.bytes;
	const size = before === undefined && reached ? await sizeOf(context, reached) : undefined;
	const facts: Fact[] = [
		...databaseFacts(part),
		...(size === undefined ? [] : [[t('Size'), megabytes(size)] as const]),
		...(before === undefined ? [] : [[t('First dump'), megabytes(before)] as const]),
		[t('Dump'), path],
	];
	const began = performance.now();
	let isOver = false;
	let shown = -1;
	const show = async () => {
		const bytes = await stat(path).then(
			found => found.size,
			() => 0,
		);
		// What does not grow is not shown again: a dump that hangs is to be noticed as silent.
		if (!isOver && bytes !== shown) {
			shown = bytes;
			context.show(dumpPane({role: part.role, bytes, before, seconds: (performance.now() - began) / 1000, facts}));
		}
	};
	const timer = setInterval(() => void show(), everySoOften);
	try {
		await show();
		return await dump();
	} finally {
		clearInterval(timer);
		await show();
		isOver = true;
	}
}

/** How far a dump has come; without one to compare it with, only how much was written. */
export function dumpPane(dump: {
	readonly role: string;
	readonly bytes: number;
	/** Of the dump before. */
	readonly before: number | undefined;
	readonly seconds: number;
	readonly facts: readonly Fact[];
}): Pane {
	const {before, bytes, facts, role, seconds} = dump;
	const rate = seconds > 0 ? bytes / seconds : 0;
	return {
		kind: 'progress',
		stage: t('Dumping the database of the {role}', {role}),
		current: t('{size} written', {size: megabytes(bytes)}),
		...(rate > 0 ? {bytesPerSecond: Math.round(rate)} : {}),
		// It may have grown since: complete it is only when the program says so.
		...(before ? {percent: Math.min(99, Math.floor((bytes / before) * 100))} : {}),
		...(before && rate > 0 && bytes < before ? {secondsLeft: Math.round((before - bytes) / rate)} : {}),
		facts,
	};
}

/** What a database is and where. */
export function databaseFacts({database, role}: Database): Fact[] {
	const {engine, file, host, kind, name, port} = database;
	const server = host || (database.reach === 'remote' ? '?' : 'localhost');
	const where = file ?? [port ? `${server}:${port}` : server, name].filter(Boolean).join(', ');
	return [[t('Database of the {role}', {role}), `${engines[kind] ?? (engine || '?')}, ${where}`]];
}

/** How much a database holds; undefined when it does not say, since nothing but the screen needs it. */
async function sizeOf(context: StepContext, reached: Reached): Promise<number | undefined> {
	const statement =
		reached.kind === 'postgresql'
			? 'SELECT pg_database_size(current_database())'
			: 'SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = DATABASE()';
	const told = await askDatabase(context, reached, statement).catch(() => '');
	return /^\d+$/.test(told) ? Number(told) : undefined;
}

function megabytes(bytes: number): string {
	return t('{size} MB', {size: (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)});
}
