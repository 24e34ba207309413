import {stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {differs, restoreTree} from '../../host/backup.js';
import {syncFilesystem} from '../../host/files.js';
import {bootId, plainEnvironment} from '../../host/process.js';
import {excludedFrom} from '../../preflight/scope.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {logsOf, versionFindings} from '../parts.js';
import {comeToRest, standStill} from '../standstill.js';
import {checkSeal} from './backup.js';
import {copyOf} from './copy.js';

/** Runs the vendor's patch.sh with the new environment first in PATH. */
export const apply: Step<Facts> = {
	id: 'apply',
	title: 'Run patch.sh',
	phase: 'window',
	documented: '8b',
	async look(context) {
		// Whether somebody else's script came to its end only its exit can tell, so that is what is recorded.
		if (context.recall(recorded.patchDone)) {
			return 'done';
		}

		return context.recall(recorded.patchBegun) ? 'partial' : 'todo';
	},
	async do(context) {
		if (context.recall(recorded.patchBegun)) {
			await context.say('patch.sh was cut here before: files and database go back to the backup first.');
			await putBack(context);
		}

		await context.record(recorded.stoppedIn, await bootId());
		await context.record(recorded.patchBegun, true);
		const script = join(paths.patch(context), context.recall<string>('patch-script') ?? '');
		const environment = paths.environment(context.facts);
		const logs = logsOf(installationBefore(context));
		const sizes = await Promise.all(logs.map(async log => [log, await sizeOf(log)] as const));
		await context.record(recorded.logPositions, Object.fromEntries(sizes));
		// A terminal of its own, as the script expects; its folder may be mounted noexec, so bash is named.
		await context.run(
			['/usr/bin/script', '--quiet', '--return', '--flush', '--command', 'exec bash ./patch.sh', '/dev/null'],
			{
				cwd: dirname(script),
				env: {PATH: `${environment}/bin:${plainEnvironment.PATH}`, VIRTUAL_ENV: environment, TERM: 'xterm'},
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
			refuseRunning(await comeToRest(context));
			await putBack(context);
		}
	},
	undoes: 'Put files and database back together from the backup.',
};

async function putBack(context: StepContext): Promise<void> {
	await checkSeal(context);
	// A patch may have started the service itself.
	refuseRunning(await standStill(context));
	const exclude = excludedFrom(context.facts);
	await restoreTree(context, copyOf(context, 'omflow'), context.facts.base, {exclude});
	const different = await differs(context, context.facts.base, copyOf(context, 'omflow'), {exclude});
	if (different.length > 0) {
		throw new StepError(
			`After putting the backup back these still differ: ${different.slice(0, 3).join(', ')}.`,
			'Find out what writes there.',
		);
	}

	await syncFilesystem(context, context.facts.base);
}

function refuseRunning(why: string | undefined): void {
	if (why) {
		throw new StepError(
			`OMFLOW must stand still while its files go back, but ${why}.`,
			'End it by hand and start omflow-tui again.',
		);
	}
}

async function sizeOf(path: string): Promise<number> {
	try {
		return (await stat(path)).size;
	} catch {
		return 0;
	}
}
