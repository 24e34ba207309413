import {join} from 'node:path';
import type {Finding} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {drillDump, dropScratch, scratchName} from '../../omflow/database-drill.js';
import type {Dump} from '../../omflow/dump.js';
import {partsOf} from '../../omflow/installation.js';
import {installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {reachedOf} from './databases.js';

/** Told how one part of a drill went; without a time it could not be made. */
export type Told = (finding: Finding, label: string, milliseconds?: number) => void;

const scratchOf = (role: Dump['role']) => `drill-database/${role}`;

/** Loads the dumps of the first copy into databases of their own beside those in use. */
export async function drillDumps(context: StepContext, told: Told): Promise<void> {
	for (const dump of context.recall<readonly Dump[]>(recorded.firstDumps) ?? []) {
		const {characters, file, role} = dump;
		const label = t('Database of the {role}', {role});
		const reached = await reachedOf(context, role);
		if (dump.by !== 'tools' || !reached) {
			const sentence = t('Putting the database of the {role} back was not drilled: only its administrator knows how.', {
				role,
			});
			const remedy = t('Try it yourself on another server.');
			told({severity: 'warning', id: 'drill-database', sentence, remedy}, label);
			continue;
		}

		const scratch = scratchName();
		await context.record(scratchOf(role), scratch);
		const drilled = await drillDump(context, reached, join(paths.backup(context), file), {
			scratch,
			folder: join(context.directory, 'load'),
			...(characters ? {characters} : {}),
		});
		if ('why' in drilled) {
			const sentence = t('Putting the database of the {role} back was not drilled: {why}.', {role, why: drilled.why});
			told({severity: 'warning', id: 'drill-database', sentence, remedy: drilled.remedy}, label);
			continue;
		}

		const {milliseconds, rows, tables} = drilled;
		const seconds = (milliseconds / 1000).toFixed(1);
		const sentence = t(
			'The database of the {role} was loaded beside the one in use in {seconds} s: {tables} tables, {rows} rows.',
			{role, seconds, tables, rows},
		);
		told({severity: 'info', id: 'drill-database', sentence}, label, milliseconds);
	}
}

/** Removes the databases that drills have made, also one that was cut. */
export async function dropDrilled(context: StepContext): Promise<void> {
	for (const {role} of partsOf(installationBefore(context))) {
		const scratch = context.recall<string | null>(scratchOf(role));
		const reached = scratch && (await reachedOf(context, role));
		if (scratch && reached) {
			await dropScratch(context, reached, scratch);
			await context.record(scratchOf(role), null);
		}
	}
}
