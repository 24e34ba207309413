import {lstat, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {checkSqlite, copyTree, differs} from '../../host/backup.js';
import {syncFilesystem, treeDigest} from '../../host/files.js';
import {type Facts, installationBefore, recorded, type StepContext} from '../facts.js';
import {placeInBackup} from '../whereabouts.js';
import {copyOf, exclude} from './copy.js';

const databasePlace = 'database-place';

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
		await context.record(databasePlace, await placeOfDatabase(context));
		const copy = copyOf(context, 'omflow');
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

		const file = await copiedDatabase(context);
		if (!file) {
			return [];
		}

		const tables = await checkSqlite(context, `/usr/bin/python${context.facts.release.python}`, file);
		const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
		return [
			{
				severity: 'info',
				id: 'backup',
				sentence: `The copy of the database is sound: ${Object.keys(tables).length} tables, ${rows} rows.`,
			},
		];
	},
};

/** Where the database is below the installation, with its links followed; null when it is no file. */
async function placeOfDatabase(context: StepContext): Promise<string | null> {
	const {database} = installationBefore(context);
	if (database.kind !== 'sqlite' || !database.file) {
		return null;
	}

	const place = await placeInBackup(context.facts.base, database.file);
	if (place === undefined) {
		throw new StepError(
			`The database ${database.file} does not lie in ${context.facts.base} any more, so the backup would not hold it.`,
			'Put the file itself back there, not a link to it.',
		);
	}

	return place;
}

/** The copy of the database. Through a link the one in use would be read instead. */
async function copiedDatabase(context: StepContext): Promise<string | undefined> {
	const place = context.recall<string | null>(databasePlace);
	if (!place) {
		return undefined;
	}

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
	return differs(context, context.facts.base, copyOf(context, 'omflow'), {exclude});
}

/** Throws unless the backup is what was sealed: putting a damaged one back would spread the damage. */
export async function checkSeal(context: StepContext): Promise<void> {
	const copy = copyOf(context, 'omflow');
	const found = await treeDigest(copy, {exclude}).catch((error: Error) => error);
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
