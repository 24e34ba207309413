import type {Step} from '../../engine/step.js';
import {bootId} from '../../host/process.js';
import {mark, t} from '../../locales/index.js';
import {putBackByHand} from '../backup/by-hand.js';
import {loadDatabases} from '../backup/databases.js';
import {putBackOwn, putFilesBack} from '../backup/put-back.js';
import {placeByHand, placeSystemFiles, type SystemFiles} from '../backup/system-files.js';
import {type Facts, installationWanted, paths, recorded, type StepContext} from '../facts.js';
import {logsOf, versionFindings} from '../parts.js';
import {comeToRest, requireStandStill} from '../standstill.js';
import {wholeCopyTakes} from '../takes.js';
import {changeOf, rememberLogs} from './apply.js';
import {backupOf, recordOf} from './check-backup.js';

/** Puts files, database and what belongs to them of a kept backup in the place of what is there. */
export const putBack: Step<Facts> = {
	id: 'put-back',
	title: mark('Put the backup back'),
	phase: 'window',
	expects: context => wholeCopyTakes(context),
	async look(context) {
		return changeOf(context);
	},
	async do(context) {
		await requireStandStill(context);
		const record = await recordOf(context);
		const directory = backupOf(context);
		await context.record(recorded.stoppedIn, await bootId());
		await context.record(recorded.patchBegun, true);
		await putFilesBack(context, {directory, seal: record.manifest});
		await placeSystemFiles(context, systemFiles(context), directory);
		await loadDatabases(context, directory, record);
		// Logs below the installation have gone back as well.
		await rememberLogs(context, logsOf(installationWanted(context)));
		await context.record(recorded.patchDone, true);
	},
	async verify(context) {
		return versionFindings(context);
	},
	async undo(context) {
		if (context.recall(recorded.patchBegun)) {
			await requireStandStill(context, comeToRest);
			await putBackOwn(context);
			await placeSystemFiles(context, systemFiles(context), paths.backup(context));
		}
	},
	undoes: () => t('Put back what was there before the restore, files and database together.'),
	async byHand(context) {
		if (!context.recall(recorded.patchBegun)) {
			return [];
		}

		return [...(await putBackByHand(context)), ...(await placeByHand(systemFiles(context), paths.backup(context)))];
	},
};

function systemFiles(context: StepContext): SystemFiles {
	return context.recall<SystemFiles>(recorded.systemFiles) ?? {apache: [], units: []};
}
