import type {Finding} from '../engine/state.js';
import {type InstallPlan, isConfigured, planInstall} from '../host/apt.js';
import {hasJournal, unfinishedPackages} from '../host/dpkg.js';
import {t} from '../locales/index.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** What apt would install, or why it cannot; undefined when nothing is missing. */
export async function planFor(subject: Subject): Promise<InstallPlan | Error | undefined> {
	const needs = needsOnTheWay(subject);
	const {runner, supply} = subject;
	const names = supply?.names ?? needs?.aptPackages ?? [];
	if (!needs || (await isConfigured(runner, names).catch(() => false))) {
		return undefined;
	}

	const settings = supply ? {configuration: supply.configuration} : {};
	return planInstall(runner, names, settings).catch((error: Error) => error);
}

/** Whether apt can install what is missing beside what is there: it must neither give up nor take anything away. */
export async function packagePlan(
	{runner}: Pick<Subject, 'runner'>,
	asked: Promise<InstallPlan | Error | undefined>,
): Promise<Finding[]> {
	const plan = await asked;
	if (plan instanceof Error) {
		// What dpkg left unfinished keeps apt from planning. The upgrade finishes that first, and it has a finding of its own.
		const isUnfinished = (await hasJournal()) || (await unfinishedPackages(runner)).length > 0;
		return isUnfinished ? [] : [{severity: 'blocker', id: 'package-plan', sentence: plan.message}];
	}

	return plan && plan.removes.length > 0
		? [
				{
					severity: 'blocker',
					id: 'package-plan',
					sentence: t('To install what is needed apt would remove {removes}.', {removes: plan.removes.join(', ')}),
					remedy: t(
						'See what conflicts with “apt-get -s install”, and settle that first: the upgrade removes nothing.',
					),
				},
			]
		: [];
}
