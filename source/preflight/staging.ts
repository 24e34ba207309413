import type {Finding} from '../engine/state.js';
import {cannotStage} from '../host/venv.js';
import {t} from '../locales/index.js';
import {stagingOf} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** Whether a new environment can be built aside while the old one serves, and exchanged with it. */
export async function staging(subject: Subject): Promise<Finding[]> {
	const {installation, run, runner} = subject;
	if (!needsOnTheWay(subject)) {
		return [];
	}

	const final = installation.environment.path;
	const reason = await cannotStage(runner, {staging: stagingOf(installation.base, run?.name ?? 'new'), final});
	return reason
		? [
				{
					severity: 'blocker',
					id: 'staging',
					sentence: t('The new environment cannot be built while OMFLOW runs: {reason}', {reason}),
					remedy: t('Give the environment a folder of its own on a local filesystem.'),
				},
			]
		: [];
}
