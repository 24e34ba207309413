import {link, mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Fact} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {type AptProgress, download} from '../../host/apt.js';
import {filesFor, type PackageFile, wrongFiles} from '../../host/apt-files.js';
import {AptRefusal} from '../../host/apt-output.js';
import {isThere, syncFilesystem} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {developmentPackages} from '../../omflow/requirements.js';
import type {KitRequest} from '../request.js';
import {linesOf} from '../text.js';
import {type BuildContext, type BuildFacts, buildPaths, built, requestOf} from './facts.js';
import {configurationFor, lists} from './lists.js';

/** Fetches the packages that the server lacks, as its own dpkg status says, whatever is installed here. */
export const packages: Step<BuildFacts> = {
	id: 'packages',
	title: mark('Packages'),
	phase: 'kit',
	async look(context) {
		const files = context.recall<readonly PackageFile[]>(built.packages) ?? [];
		const there = await Promise.all(files.map(({file}) => isThere(join(buildPaths.kit(context), 'debs', file))));
		return files.length > 0 && there.every(Boolean) ? 'done' : 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const names = await aptPackages(context, asked);
		const configuration = await configurationFor(context, asked, asked.platform.architecture);
		const files = await fetchPackages(context, names, configuration);
		const folder = join(buildPaths.kit(context), 'debs');
		await rm(folder, {recursive: true, force: true});
		await mkdir(folder, {recursive: true, mode: 0o700});
		for (const {file} of files) {
			await link(join(buildPaths.archives(context), file), join(folder, file));
		}

		// Counts as done from here on, also after a power cut.
		await syncFilesystem(context, folder);
		await context.record(built.packages, files);
	},
	async verify(context) {
		const files = context.recall<readonly PackageFile[]>(built.packages) ?? [];
		const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
		const sentence = t('{files} packages that the server lacks, {bytes}, each with the SHA-256 its source says.', {
			files: files.length,
			bytes: megabytes(bytes),
		});
		return [{severity: 'info', id: 'packages', sentence}];
	},
};

/** What is to be installed on the server: what it asked for, and what the list as it is now is compiled with. */
export async function aptPackages(context: BuildContext, {aptPackages}: KitRequest): Promise<string[]> {
	return [...new Set([...aptPackages, ...developmentPackages(await linesOf(buildPaths.requirements(context)))])];
}

/** Fetches everything an installation would take and compares it with the lists of the sources. */
export async function fetchPackages(
	context: BuildContext,
	names: readonly string[],
	configuration: string,
	title = t('Downloading packages'),
): Promise<readonly PackageFile[]> {
	if (context.recall(built.lists) === 0) {
		await lists.do(context);
	}

	const archives = buildPaths.archives(context);
	const files = await plan(context, names, configuration);
	const missing = await Promise.all(
		files.map(async each => ((await isThere(join(archives, each.file))) ? 0 : each.bytes)),
	);
	const downloadBytes = missing.reduce((sum, bytes) => sum + bytes, 0);
	const facts: Fact[] = [
		[t('Packages'), String(files.length)],
		[t('In all'), megabytes(files.reduce((sum, {bytes}) => sum + bytes, 0))],
		[t('To download'), megabytes(downloadBytes)],
	];
	const show = ({stage: _, ...progress}: AptProgress) =>
		context.show({kind: 'progress', stage: title, ...progress, facts});
	for (let attempt = 1; ; attempt++) {
		await download(context, names, show, {configuration, log: context.log, downloadBytes, cuttable: true}).catch(
			async error => {
				// Fetched anew before the next attempt: the source may have replaced what the lists name.
				await context.record(built.lists, 0);
				throw error;
			},
		);
		const wrong = await wrongFiles(files, archives);
		if (wrong.length === 0) {
			return files;
		}

		// A file that was damaged on the disk is fetched once more; apt itself compares sizes only.
		for (const {file} of wrong) {
			await rm(join(archives, file), {force: true});
		}

		if (attempt === 2) {
			const {file, problem} = wrong[0] ?? {};
			throw new StepError(
				wrong.length > 1
					? t('{file} {problem}, and so it is with {count} more.', {file, problem, count: wrong.length - 1})
					: t('{file} {problem}.', {file, problem}),
				t('Try again; if it stays, a mirror or proxy in between changes files.'),
			);
		}
	}
}

async function plan(
	context: BuildContext,
	names: readonly string[],
	configuration: string,
): Promise<readonly PackageFile[]> {
	try {
		return await filesFor(context, names, {configuration, nowhere: buildPaths.nothing(context)});
	} catch (error) {
		const where = t('With --sources FILE the kit is built from other sources than the server’s.');
		const unknown = error instanceof AptRefusal ? error.unknown : undefined;
		const sentence =
			unknown === undefined
				? (error as Error).message
				: t('No package source of the server has {unknown}. Add a source that has it.', {unknown});
		throw StepError.blocked('packages', `${sentence} ${where}`);
	}
}

function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
