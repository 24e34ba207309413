import {relative} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {checkSqlite, copyTree, differs} from '../../host/backup.js';
import {syncFilesystem, treeDigest} from '../../host/files.js';
import {copyOf, ownFolder} from './copy.js';
import {type Facts, installationBefore, recorded, type StepContext} from './facts.js';

/** The environment is not copied again: the old one itself is kept until the new state is kept. */
export const exclude = [ownFolder, 'python'];

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

		const {database} = installationBefore(context);
		if (database.kind !== 'sqlite' || !database.file) {
			return [];
		}

		const file = `${copyOf(context, 'omflow')}/${relative(context.facts.base, database.file)}`;
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
