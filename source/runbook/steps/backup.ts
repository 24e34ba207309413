import {lstat, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {Fact, Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {checkSqlite} from '../../host/backup.js';
import {bootId, CommandError} from '../../host/process.js';
import {mark, t} from '../../locales/index.js';
import {findPython} from '../../omflow/database-tool.js';
import {partsOf} from '../../omflow/installation.js';
import {excludedFrom, placeInBackup} from '../../preflight/scope.js';
import {dumpDatabases} from '../backup/databases.js';
import {databaseFacts} from '../backup/dump-pane.js';
import {differences, differencesSeen, refuseDifferences, sealBackup} from '../backup/make.js';
import {copyOf} from '../backup/record.js';
import {type Facts, installationBefore, installationWanted, paths, recorded, type StepContext} from '../facts.js';
import {finalCopyTakes} from '../takes.js';

const databasePlaces = 'database-places';
const sealedBoot = 'backup-sealed-boot';

/** Brings the copy up to date while nothing writes, reads it back and seals it. */
export const backup: Step<Facts> = {
	id: 'backup',
	title: mark('Final backup'),
	phase: 'window',
	documented: 'backup',
	expects: context => finalCopyTakes(context),
	async look(context) {
		if (!context.recall(recorded.sealed)) {
			return 'todo';
		}

		// From here on the installation differs from the backup because it is being changed.
		if (context.recall(recorded.patchBegun)) {
			return 'done';
		}

		// A reboot in the window may have started OMFLOW, which then wrote, also into a database elsewhere.
		const isOfThisBoot = context.recall(sealedBoot) === (await bootId());
		return isOfThisBoot && (await differences(context)).length === 0 ? 'done' : 'partial';
	},
	async do(context) {
		await context.record(recorded.sealed, false);
		await context.record(sealedBoot, await bootId());
		await context.record(databasePlaces, await placesOfDatabases(context));
		const dumps = await dumpDatabases(context, paths.backup(context));
		const facts: Fact[] = [
			[t('To'), paths.backup(context)],
			...partsOf(installationWanted(context)).flatMap(databaseFacts),
			...dumps.map(
				({bytes, milliseconds, role}) =>
					[
						t('Dump of the {role}', {role}),
						t('{megabytes} MB in {seconds} s', {
							megabytes: (bytes / 1e6).toFixed(1),
							seconds: (milliseconds / 1000).toFixed(1),
						}),
					] as const,
			),
		];
		context.show({kind: 'facts', facts});
		await sealBackup(context, dumps);
	},
	async verify(context) {
		if (!context.recall(recorded.patchBegun)) {
			refuseDifferences(await differencesSeen(context));
		}

		const places = context.recall<readonly string[]>(databasePlaces) ?? [];
		return Promise.all(places.map(async place => sound(context, await copiedDatabase(context, place))));
	},
};
async function sound(context: StepContext, file: string): Promise<Finding> {
	const python = await findPython(context, paths.environment(context.facts));
	const tables = await checkSqlite(context, python, file).catch((error: Error) => {
		if (context.facts.backup && !(error instanceof CommandError)) {
			return error;
		}

		throw error;
	});
	if (tables instanceof Error) {
		// What is damaged now is what a restore is for; it is kept as it is.
		return {
			severity: 'warning',
			id: 'backup',
			sentence: t('In the copy of what is there now: {message}', {message: tables.message}),
		};
	}

	const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
	return {
		severity: 'info',
		id: 'backup',
		sentence: t('The copy of the database is sound: {tables} tables, {rows} rows.', {
			tables: Object.keys(tables).length,
			rows,
		}),
	};
}

/** Where the databases are below the installation, with their links followed. Those that are no files are left out. */
async function placesOfDatabases(context: StepContext): Promise<string[]> {
	const {base} = context.facts;
	const files = partsOf(installationBefore(context)).flatMap(({database}) =>
		database.kind === 'sqlite' && database.file ? [database.file] : [],
	);
	const places = await Promise.all(
		[...new Set(files)].map(async file => {
			const place = await placeInBackup(base, file, excludedFrom(context.facts));
			// A restore may well be because it is lost.
			if (place === undefined && !context.facts.backup) {
				throw new StepError(
					t('The database {file} does not lie in {base} any more, so the backup would not hold it.', {file, base}),
					t('Put the file itself back there, not a link to it.'),
				);
			}

			return place;
		}),
	);
	return places.filter(place => place !== undefined);
}

/** The copy of a database. Through a link the one in use would be read instead. */
async function copiedDatabase(context: StepContext, place: string): Promise<string> {
	const copy = copyOf(context, 'installation');
	const file = join(copy, place);
	const isFile = (await lstat(file).catch(() => undefined))?.isFile() ?? false;
	if (!isFile || (await realpath(file)) !== join(await realpath(copy), place)) {
		throw new StepError(
			t('The backup has no copy of the database: {file} is not a file of its own.', {file}),
			t('Put the database itself into {base}, not a link to it.', {base: context.facts.base}),
		);
	}

	return file;
}
