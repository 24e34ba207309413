import type {Fact} from '../engine/state.js';
import {type Context, type Step, StepError} from '../engine/step.js';
import {type AptProgress, download, install, isConfigured, planInstall, repair, updateLists} from '../host/apt.js';
import {mark, t} from '../locales/index.js';
import {databaseServers} from './sample-database.js';
import {insideViewOnly, isMarked, refuseRealInstallation, type SampleOptions, setMark} from './sample-place.js';
import {findOldPython} from './sample-python.js';
import {databaseServerOf, rolesOf, type SampleShape, sampleShapes} from './sample-shape.js';

/** Apache, and what builds the old environment's mod_wsgi. */
const forServer = ['apache2', 'apache2-dev', 'gcc', 'libc6-dev', 'openssl'];

const stages = {
	lists: mark('Reading the package lists'),
	download: mark('Downloading'),
	install: mark('Installing'),
} as const;

export function samplePackages<Facts>({shape = 'B'}: SampleOptions): Step<Facts> {
	return {
		id: 'sample-packages',
		title: t('Sample: packages'),
		phase: 'sample',
		async look(context) {
			await insideViewOnly();
			return (await isMarked('complete')) || (await isConfigured(context, await wanted(context, shape)))
				? 'done'
				: 'todo';
		},
		async do(context) {
			await insideViewOnly();
			await refuseRealInstallation();
			await setMark('begun');
			const names = await wanted(context, shape);
			await repair(context);
			const outOfReach = await tryUpdate(context, show(context, [[t('Wanted'), names.join(' ')]]));
			const plan = await planInstall(context, names);
			if (plan.unavailable.length > 0) {
				throw new StepError(
					t('The package sources of this machine offer no {unavailable}, which the sample server needs.', {
						unavailable: plan.unavailable.join(', '),
					}),
					outOfReach ?? t('Check the network, its proxies and the package sources with: apt-get update'),
				);
			}

			const facts: Fact[] = [
				[t('Packages'), String(plan.packages.length)],
				[t('Download'), megabytes(plan.downloadBytes)],
				[t('Disk'), megabytes(plan.installedBytes)],
			];
			const settings = {log: context.log, downloadBytes: plan.downloadBytes};
			await download(context, names, show(context, facts), settings);
			await install(context, names, show(context, facts), settings);
		},
		async verify(context) {
			if ((await isMarked('complete')) || (await isConfigured(context, await wanted(context, shape)))) {
				return [];
			}

			return [
				{
					severity: 'blocker',
					id: 'sample-packages-missing',
					sentence: t('apt ended, but not every package of the sample server is configured.'),
					remedy: t('Look at the end of the log of this step, and try again.'),
				},
			];
		},
	};
}

/** One broken source of the host is no reason to stop: what then cannot be had shows in the plan. Returns why. */
async function tryUpdate<Facts>(
	context: Context<Facts>,
	progress: (progress: AptProgress) => void,
): Promise<string | undefined> {
	try {
		await updateLists(context, progress);
		return undefined;
	} catch (error) {
		const {message} = error as Error;
		await context.say(t('Going on with the package lists that are there: {message}', {message}));
		return message;
	}
}

async function wanted<Facts>(context: Context<Facts>, shape: SampleShape): Promise<string[]> {
	const databaseServer = databaseServerOf(shape);
	return [
		...(rolesOf(shape).includes('server') ? forServer : []),
		// An ordinary update, which comes first from there, installs nothing itself, and its backup is made with this.
		...(sampleShapes[shape].version === '1.1.6.1' ? ['rsync'] : []),
		...(databaseServer ? databaseServers[databaseServer].packages : []),
		...(await findOldPython(context)).packages,
	];
}

function show<Facts>(context: Context<Facts>, facts: readonly Fact[]): (progress: AptProgress) => void {
	return ({stage, ...progress}) => context.show({kind: 'progress', stage: t(stages[stage]), ...progress, facts});
}

function megabytes(bytes: number): string {
	return `${Math.round(bytes / 1_000_000)} MB`;
}
