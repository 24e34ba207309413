import type {Fact, Pane} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {
	type AptProgress,
	download,
	type InstallPlan,
	install,
	isConfigured,
	planInstall,
	repair,
	updateLists,
} from '../../host/apt.js';
import {installedPackages} from '../../host/dpkg.js';
import {writeDurably} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {type Facts, needsOf, paths, recorded, type StepContext} from '../facts.js';
import {aptSettings, namesWanted} from '../supply.js';

/** Installs Python 3.11 and what building mod_wsgi needs, beside the Python that is there. */
export const packages: Step<Facts> = {
	id: 'packages',
	title: mark('Packages'),
	phase: 'prepare',
	documented: '3',
	async look(context) {
		return (await isConfigured(context, await namesWanted(context))) ? 'done' : 'todo';
	},
	async do(context) {
		const wanted = await namesWanted(context);
		const show = (facts: readonly Fact[]) => (progress: AptProgress) => context.show(aptPane(progress, facts));
		if (context.recall(recorded.systemPackages) === undefined) {
			await context.record(recorded.systemPackages, await installedPackages(context));
		}

		await repair(context);
		const isKit = context.facts.kit !== undefined;
		const settings = await aptSettings(context);
		if (!isKit) {
			await updateLists(context, show([[t('Wanted'), wanted.join(' ')]]));
		}

		const plan = await planInstall(context, wanted, settings);
		if (plan.unavailable.length > 0) {
			throw new StepError(
				isKit
					? t('The kit offers no {unavailable}.', {unavailable: plan.unavailable.join(', ')})
					: t('apt offers no {unavailable}.', {unavailable: plan.unavailable.join(', ')}),
				isKit ? t('Build a kit for this host as it is now.') : t('Add a package source that has it and try again.'),
			);
		}

		const facts: Fact[] = [
			[t('Packages'), t('{count} new or newer, {there} there already', counts(plan))],
			isKit ? [t('From'), t('the kit, without the network')] : [t('Download'), megabytes(plan.downloadBytes)],
			[t('Disk'), megabytes(plan.installedBytes)],
		];
		await context.say(
			isKit
				? t('{packages} packages, all from the kit, {installedBytes} on disk.', {
						packages: plan.packages.length,
						installedBytes: megabytes(plan.installedBytes),
					})
				: t('{packages} packages, {downloadBytes} to download, {installedBytes} on disk.', {
						packages: plan.packages.length,
						downloadBytes: megabytes(plan.downloadBytes),
						installedBytes: megabytes(plan.installedBytes),
					}),
		);
		if (!isKit) {
			// The whole plan is on the screen before the first byte comes.
			context.show({kind: 'progress', stage: t('Planned'), percent: 0, facts});
			await download(context, wanted, show(facts), {...settings, downloadBytes: plan.downloadBytes});
		}

		await install(context, wanted, show(facts), settings);
	},
	async verify(context) {
		const {python} = needsOf(context);
		await listAdded(context);
		if (!(await isConfigured(context, await namesWanted(context)))) {
			return [
				{
					severity: 'blocker',
					id: 'packages',
					sentence: t('apt ended, but not every package is configured.'),
					remedy: t('Look at the end of the log of this step, run dpkg --configure -a, and try again.'),
				},
			];
		}

		return pythonRuns(context, python);
	},
	/** Removing packages could take along what others have come to need, so it is for people. */
	async undo(context) {
		try {
			await listAdded(context);
			return [];
		} catch (error) {
			const sentence = t('Which packages apt has added could not be listed: {message}', {
				message: (error as Error).message,
			});
			return [{severity: 'warning', id: 'packages-added', sentence}];
		}
	},
	undoes: () => t('Leave the packages that apt installed, which nothing uses then, and list them.'),
	stays(context) {
		const added = context.recall<number>(recorded.packagesAdded) ?? 0;
		const file = paths.packagesAdded(context);
		return added === 0
			? undefined
			: t(
					'{added} packages that apt installed stay, and nothing uses them. {file} lists them; to remove them: {command}',
					{added, file, command: `apt-get remove $(cat ${file})`},
				);
	},
};

/** Keeps a list of the packages that are there now and were not before, also of an installation that was cut. */
async function listAdded(context: StepContext): Promise<void> {
	const before = context.recall<readonly string[]>(recorded.systemPackages);
	if (!before) {
		return;
	}

	const known = new Set(before);
	const added = (await installedPackages(context)).filter(name => !known.has(name));
	await writeDurably(paths.packagesAdded(context), added.map(name => `${name}\n`).join(''));
	await context.record(recorded.packagesAdded, added.length);
}

async function pythonRuns(context: StepContext, version: string) {
	const {stdout} = await context.capture([`/usr/bin/python${version}`, '-I', '-V']);
	return [
		{
			severity: 'info' as const,
			id: 'python',
			sentence: t('{stdout} is at /usr/bin/python{version}.', {stdout: stdout.trim(), version}),
		},
	];
}

const stages = {
	lists: mark('Reading the package lists'),
	download: mark('Downloading'),
	install: mark('Installing'),
} as const;

/** What apt is at: while it downloads the count, else its own words, which also say whom it waits for. */
export function aptPane({current, doing, problem, stage, ...rest}: AptProgress, facts: readonly Fact[]): Pane {
	const shown = stage === 'download' ? (current ?? doing) : (doing ?? current);
	return {
		kind: 'progress',
		...rest,
		stage: t(stages[stage]),
		...(shown === undefined ? {} : {current: shown}),
		facts: problem === undefined ? facts : [...facts, [t('Problem'), problem]],
	};
}

function counts({alreadyThere, packages}: InstallPlan) {
	return {count: packages.length, there: alreadyThere.length};
}

function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
