import {mkdir, rmdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {removeTree, sizeOf} from '../../host/files.js';
import {showCommand} from '../../host/process.js';
import {create, markerOf} from '../../host/venv.js';
import {mark, t} from '../../locales/index.js';
import {type Facts, needsOf, paths, type StepContext} from '../facts.js';

/** Makes the new environment aside, yet with its final path inside, while the old one serves. */
export const environment: Step<Facts> = {
	id: 'environment',
	title: mark('Environment'),
	phase: 'prepare',
	documented: '5',
	async look(context) {
		return (await placeOf(context)) === undefined ? 'todo' : 'done';
	},
	async do(context) {
		await recreate(context);
	},
	async verify(context) {
		const place = await placeOf(context);
		if (!place) {
			return [
				{
					severity: 'blocker',
					id: 'environment',
					sentence: t('The new environment is not where it should be.'),
					remedy: t('Try again: it is made anew.'),
				},
			];
		}

		context.show({
			kind: 'facts',
			facts: [
				[t('Path inside'), paths.environment(context.facts)],
				[t('Built at'), place],
				['Python', `/usr/bin/python${needsOf(context).python}`],
				[t('Size'), `${Math.round((await sizeOf(place)) / 1e6)} MB`],
			],
		});
		return [];
	},
	async undo(context) {
		if ((await markerOf(paths.environment(context.facts))) === context.facts.run) {
			throw new StepError(t('The new environment is still in place, so the old one must stay aside.'));
		}

		await removeAside(context);
	},
	undoes: () => t('Remove the environment that was built aside.'),
	byHand: async context => [showCommand(['rm', '-rf', dirname(paths.staging(context.facts))])],
};

/** Where this run's environment is now: aside, or in its place. Undefined when it is not complete. */
export async function placeOf(context: StepContext): Promise<string | undefined> {
	for (const place of [paths.environment(context.facts), paths.staging(context.facts)]) {
		if ((await markerOf(place)) === context.facts.run) {
			return place;
		}
	}

	return undefined;
}

/** Makes the environment from nothing; also used when pip was cut in the middle of writing into it. */
export async function recreate(context: StepContext): Promise<void> {
	const staging = paths.staging(context.facts);
	const final = paths.environment(context.facts);
	await removeTree(staging);
	await mkdir(dirname(staging), {recursive: true, mode: 0o700});
	context.show({
		kind: 'facts',
		facts: [
			[t('Path inside'), final],
			[t('Built at'), staging],
			['Python', `/usr/bin/python${needsOf(context).python}`],
		],
	});
	await create(context, {
		python: `/usr/bin/python${needsOf(context).python}`,
		staging,
		final,
		run: context.facts.run,
	});
}

/** Removes what this run keeps aside, and the folder for it when no other run has something there. */
export async function removeAside(context: StepContext): Promise<void> {
	await removeTree(dirname(paths.staging(context.facts)));
	await rmdir(paths.aside(context.facts)).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') {
			throw error;
		}
	});
}
