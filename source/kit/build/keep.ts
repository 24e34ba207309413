import {copyFile, lstat, mkdir, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {StepError} from '../../engine/step.js';
import {sha256Of} from '../../host/checksum.js';
import {syncFilesystem, writeDurably} from '../../host/files.js';
import {normalizeName} from '../../host/pip.js';
import {parseSourceName, parseWheelName} from '../../host/wheel.js';
import {t} from '../../locales/index.js';
import {kitFiles} from '../manifest.js';
import {type BuildContext, buildPaths, built} from './facts.js';
import {type Origin, originOf, type Resolved} from './report.js';

/** Puts what was collected into the kit, and says where each comes from. */
export async function keep(
	context: BuildContext,
	folder: string,
	lock: readonly Resolved[],
	isNative: boolean,
): Promise<void> {
	const kit = buildPaths.kit(context);
	const given = context.facts.wheels === undefined ? [] : await readdir(context.facts.wheels);
	await rm(join(kit, 'wheels'), {recursive: true, force: true});
	await mkdir(join(kit, 'wheels'), {recursive: true, mode: 0o700});
	const origins: Record<string, Origin> = {};
	const digests: Record<string, string> = {};
	const toBuild: string[] = [];
	for (const file of await readdir(folder)) {
		const found = parseWheelName(file) ?? parseSourceName(file);
		const entry = lock.find(({name}) => found && normalizeName(name) === normalizeName(found.name));
		if (!found || !entry) {
			throw new StepError(t('pip left {file}, which is no package of the list.', {file}));
		}

		await copyFile(await plainFile(folder, file), join(kit, 'wheels', file));
		digests[`wheels/${file}`] = await sha256Of(join(kit, 'wheels', file));
		origins[`wheels/${file}`] = {
			origin: originOf(file, entry, {given, isNative}),
			...(entry.licence ? {licence: entry.licence} : {}),
		};
		if (!parseWheelName(file)) {
			toBuild.push(entry.name);
		}
	}

	await context.record(built.origins, origins);
	await context.record(built.wheels, digests);
	await context.record(built.toBuild, toBuild);
	// With the list the step counts as done, also after a power cut.
	await syncFilesystem(context, kit);
	await writeDurably(join(kit, kitFiles.lock), lock.map(({name, version}) => `${name}==${version}\n`).join(''));
}

/** What was built inside may have left anything: a link would have root read what it leads to. */
export async function plainFile(folder: string, name: string): Promise<string> {
	const path = join(folder, name);
	if (!(await lstat(path)).isFile()) {
		throw new StepError(
			t('{path} is not a file, as pip would have left it. A package in the list did that; find out which.', {path}),
		);
	}

	return path;
}
