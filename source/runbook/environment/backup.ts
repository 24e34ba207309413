import {relative} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {checkSqlite, copyTree, differs} from '../../host/backup.js';
import {copyOf, ownFolder} from './copy.js';
import {type Facts, installationBefore, recorded, type StepContext} from './facts.js';

/** The environment is not copied again: the old one itself is kept until the new state is kept. */
const exclude = [ownFolder, 'python'];

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
		await copyTree(context, context.facts.base, copyOf(context, 'omflow'), {exclude});
		await context.record(recorded.sealed, true);
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
