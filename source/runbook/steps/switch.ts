import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {putInPlace} from '../../host/apache.js';
import {exchange, finishExchange} from '../../host/exchange.js';
import {syncFilesystem, writeDurably} from '../../host/files.js';
import {showCommand} from '../../host/process.js';
import {markerOf} from '../../host/venv.js';
import {mark, t} from '../../locales/index.js';
import {type Facts, paths, type RecordedSite, type StepContext} from '../facts.js';
import {standStill} from '../standstill.js';
import {areInPlace, sitesOf} from './site.js';

/** Puts the new environment and the new site file in the old ones' places; the old ones stay aside. */
export const exchangeEnvironment: Step<Facts> = {
	id: 'switch',
	title: mark('Exchange environment'),
	phase: 'window',
	documented: '2, 5, 7',
	async look(context) {
		const exchanged = await isExchanged(context);
		const placed = await areInPlace(context, 'draft');
		return exchanged && placed ? 'done' : exchanged || placed ? 'partial' : 'todo';
	},
	async do(context) {
		await bring(context, true);
	},
	async verify(context) {
		if ((await this.look(context)) !== 'done') {
			throw new StepError(t('The new environment or the site file is not in place.'));
		}

		context.show({
			kind: 'facts',
			facts: [
				[t('In service'), paths.environment(context.facts)],
				[t('Old environment'), paths.staging(context.facts)],
				...sitesOf(context).map(({path}) => [t('Site file'), path] as const),
			],
		});
		return [];
	},
	async undo(context) {
		await bring(context, false);
		if ((await isExchanged(context)) || !(await areInPlace(context, 'before'))) {
			throw new StepError(t('The old environment or the old site file is not back in place.'));
		}
	},
	undoes: () => t('Exchange the old environment and the old site file back.'),
	async byHand(context) {
		const [final, aside] = [paths.environment(context.facts), paths.staging(context.facts)];
		const moves = [
			['mv', final, `${aside}-new`],
			['mv', aside, final],
			['mv', `${aside}-new`, aside],
		];
		// Onto the file that is there, so that its mode, its owner and links to it stay.
		const copies = sitesOf(context).map(({before, path}) => ['cp', before, path]);
		return [...((await isExchanged(context)) ? moves : []), ...copies].map(showCommand);
	},
};

/** Exchanges only if the other one is in place, so that a second call changes nothing. */
async function bring(context: StepContext, isNew: boolean): Promise<void> {
	const [final, aside] = [paths.environment(context.facts), paths.staging(context.facts)];
	await finishExchange(final, aside);
	if ((await isExchanged(context)) !== isNew) {
		// The machine may have been started again in between, and OMFLOW with it.
		const why = await standStill(context);
		if (why) {
			throw new StepError(
				t('OMFLOW must stand still while its environment is exchanged, but {why}.', {why}),
				t('End it by hand and start omflow-tui again.'),
			);
		}

		// The names must not get to the disk before what they name.
		await syncFilesystem(context, aside);
		await exchange(context, final, aside);
	}

	for (const file of sitesOf(context)) {
		await place(context, file, isNew);
	}
}

async function isExchanged(context: StepContext): Promise<boolean> {
	return (await markerOf(paths.environment(context.facts))) === context.facts.run;
}

/** Puts a site file in place. Anything but what this run knows is somebody's work, and kept beside the drafts. */
async function place(context: StepContext, file: RecordedSite['files'][number], isNew: boolean): Promise<void> {
	const [before, draft] = await Promise.all([readFile(file.before), readFile(file.draft)]);
	const now = await readFile(file.path).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') {
			throw error;
		}
	});
	const wanted = isNew ? draft : before;
	if (now === undefined) {
		await context.say(t('{path} was removed meanwhile; it is made again.', {path: file.path}));
		await writeDurably(file.path, wanted, {mode: 0o644});
		return;
	}

	if (!now.equals(before) && !now.equals(draft)) {
		const digest = createHash('sha256').update(now).digest('hex').slice(0, 8);
		const kept = join(paths.drafts(context), `${basename(file.path)}-${digest}`);
		await writeDurably(kept, now, {mode: 0o600});
		await context.say(
			t('{path} was changed meanwhile by somebody else; that version is kept as {kept}.', {path: file.path, kept}),
		);
	}

	await putInPlace(file.path, wanted);
}
