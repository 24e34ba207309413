import {dirname, join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {bootId, plainEnvironment} from '../../host/process.js';
import {mark, t} from '../../locales/index.js';
import {putBackByHand} from '../backup/by-hand.js';
import {putBackOwn} from '../backup/put-back.js';
import {aboutOmflow, placeByHand, placeSystemFiles} from '../backup/system-files.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {sizesOf} from '../old-version.js';
import {logsOf, versionFindings} from '../parts.js';
import {comeToRest, requireStandStill} from '../standstill.js';

/** Runs the vendor's patch.sh with the new environment first in PATH. */
export const apply: Step<Facts> = {
	id: 'apply',
	title: mark('Run patch.sh'),
	phase: 'window',
	documented: '8b',
	async look(context) {
		return changeOf(context);
	},
	async do(context) {
		if (context.recall(recorded.patchBegun)) {
			await context.say(t('patch.sh was cut here before: files and database go back to the backup first.'));
			// A patch may have started the service itself.
			await requireStandStill(context);
			await putBackOwn(context);
		}

		await context.record(recorded.stoppedIn, await bootId());
		await context.record(recorded.patchBegun, true);
		const script = join(paths.patch(context), context.recall<string>('patch-script') ?? '');
		const environment = paths.environment(context.facts);
		await rememberLogs(context, logsOf(installationBefore(context)));
		// A terminal of its own, as the script expects, which shows what is typed; its folder may be mounted noexec, so bash
		// is named.
		await context.run(
			[
				'/usr/bin/script',
				'--quiet',
				'--return',
				'--flush',
				'--command',
				'stty echo; exec bash ./patch.sh',
				'/dev/null',
			],
			{
				cwd: dirname(script),
				env: {PATH: `${environment}/bin:${plainEnvironment.PATH}`, VIRTUAL_ENV: environment, TERM: 'xterm'},
				asks: true,
				shownAs: 'bash ./patch.sh',
			},
		);
		await context.record(recorded.patchDone, true);
	},
	async verify(context) {
		return versionFindings(context);
	},
	async undo(context) {
		if (context.recall(recorded.patchBegun)) {
			await requireStandStill(context, comeToRest);
			await putBackOwn(context);
			// A patch may also have changed what lies outside.
			const backup = paths.backup(context);
			await placeSystemFiles(context, await aboutOmflow([installationBefore(context)], backup), backup);
		}
	},
	undoes: () => t('Put files and database back together from the backup.'),
	async byHand(context) {
		if (!context.recall(recorded.patchBegun)) {
			return [];
		}

		const backup = paths.backup(context);
		const outside = await aboutOmflow([installationBefore(context)], backup);
		return [...(await putBackByHand(context)), ...(await placeByHand(outside, backup))];
	},
};

/** How far the change of files and database has come. That it came to its end only its own end can tell, so that is recorded. */
export function changeOf(context: StepContext): 'done' | 'partial' | 'todo' {
	return context.recall(recorded.patchDone) ? 'done' : context.recall(recorded.patchBegun) ? 'partial' : 'todo';
}

/** Remembers how long the logs are now, so that only what comes after it counts. */
export async function rememberLogs(context: StepContext, logs: readonly string[]): Promise<void> {
	await context.record(recorded.logPositions, await sizesOf(logs));
}
