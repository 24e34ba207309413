import {lstat, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {checkSqlite, copyTree, differs} from '../../host/backup.js';
import {syncFilesystem, treeDigest} from '../../host/files.js';
import {partsOf} from '../../omflow/installation.js';
import {excludedFrom, placeInBackup} from '../../preflight/scope.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {copyOf} from './copy.js';

const databasePlaces = 'database-places';

/** Brings the copy up to date while nothing writes, reads it back and seals it. */
export const backup: Step<Facts> = {
	id: 'backup',
	title: 'Final backup',
	phase: 'window',
	documented: 'backup',
	async look(context) {
		if (!context.recall(recorded.sealed)) {
			return 'todo';
		}

		// From here on the installation differs from the backup because it is being changed.
		if (context.recall(recorded.patchBegun)) {
			return 'done';
		}

		// A reboot in the window may have started OMFLOW, which then wrote.
		return (await differences(context)).length === 0 ? 'done' : 'partial';
	},
	async do(context) {
		await context.record(recorded.sealed, false);
		await context.record(databasePlaces, await placesOfDatabases(context));
		const copy = copyOf(context, 'omflow');
		const exclude = excludedFrom(context.facts);
		await copyTree(context, context.facts.base, copy, {exclude});
		// What the seal promises must be on the disk before the promise is.
		await syncFilesystem(context, copy);
		await context.record(recorded.sealed, await treeDigest(copy, {exclude}));
	},
	async verify(context) {
		if (!context.recall(recorded.patchBegun)) {
			const different = await differences(context);
			if (different.length > 0) {
				throw new StepError(
					`The backup differs from the installation: ${different.slice(0, 3).join(', ')}.`,
					'Find out what writes there while OMFLOW is stopped.',
				);
			}
		}

		const places = context.recall<readonly string[]>(databasePlaces) ?? [];
		return Promise.all(places.map(async place => sound(context, await copiedDatabase(context, place))));
	},
};

async function sound(context: StepContext, file: string): Promise<Finding> {
	// Any Python reads it; the one that is sure to be there is that of the system, or the environment's own.
	const {needs} = context.facts;
	const python = needs ? `/usr/bin/python${needs.python}` : join(paths.environment(context.facts), 'bin', 'python');
	const tables = await checkSqlite(context, python, file);
	const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
	return {
		severity: 'info',
		id: 'backup',
		sentence: `The copy of the database is sound: ${Object.keys(tables).length} tables, ${rows} rows.`,
	};
}

/** Where the databases are below the installation, with their links followed. Those that are no files are left out. */
async function placesOfDatabases(context: StepContext): Promise<string[]> {
	const {base} = context.facts;
	const files = partsOf(installationBefore(context)).flatMap(({database}) =>
		database.kind === 'sqlite' && database.file ? [database.file] : [],
	);
	return Promise.all(
		[...new Set(files)].map(async file => {
			const place = await placeInBackup(base, file, excludedFrom(context.facts));
			if (place === undefined) {
				throw new StepError(
					`The database ${file} does not lie in ${base} any more, so the backup would not hold it.`,
					'Put the file itself back there, not a link to it.',
				);
			}

			return place;
		}),
	);
}

/** The copy of a database. Through a link the one in use would be read instead. */
async function copiedDatabase(context: StepContext, place: string): Promise<string> {
	const copy = copyOf(context, 'omflow');
	const file = join(copy, place);
	const isFile = (await lstat(file).catch(() => undefined))?.isFile() ?? false;
	if (!isFile || (await realpath(file)) !== join(await realpath(copy), place)) {
		throw new StepError(
			`The backup has no copy of the database: ${file} is not a file of its own.`,
			`Put the database itself into ${context.facts.base}, not a link to it.`,
		);
	}

	return file;
}

async function differences(context: StepContext): Promise<string[]> {
	return differs(context, context.facts.base, copyOf(context, 'omflow'), {exclude: excludedFrom(context.facts)});
}

/** Throws unless the backup is what was sealed: putting a damaged one back would spread the damage. */
export async function checkSeal(context: StepContext): Promise<void> {
	const copy = copyOf(context, 'omflow');
	const found = await treeDigest(copy, {exclude: excludedFrom(context.facts)}).catch((error: Error) => error);
	if (found === context.recall(recorded.sealed)) {
		return;
	}

	const why = found instanceof Error ? `it cannot be read (${found.message})` : 'it is not what was sealed';
	throw new StepError(
		`The backup ${copy} is damaged: ${why}. Nothing was overwritten with it.`,
		'Look for errors of the disk and for who writes there. Bring it back as it was and start omflow-tui again, ' +
			`or put files and database back to ${context.facts.base} by hand from a backup of your own.`,
	);
}
