import {mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {kitPlaces} from '../engine/places.js';
import {isDiskFull, removeTree} from '../host/files.js';
import {createRunner, plainEnvironment, type Runner, startTime} from '../host/process.js';
import {platformOf, requirementsFor} from '../kit/ask.js';
import {makeKitByHand} from '../kit/by-hand.js';
import {type Kit, place, takeInto} from '../kit/taken.js';
import {t} from '../locales/index.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {changesEnvironment, needsOf, readReleases, withoutApache} from '../omflow/releases.js';
import {developmentPackages} from '../omflow/requirements.js';
import {findRoute} from '../omflow/route.js';
import {parseVersion} from '../omflow/version.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {alone, isUnfinished, prepareState, readRuns} from './runs.js';
import type {Arguments} from './usage.js';
import {version} from './version.js';
import {archivesOf, targetOf, type Way} from './way.js';

/** A kit that was named, taken to where only root can change it. Refuses with the item that is wrong. */
export async function takenKit(runner: Runner, source: string, state: string): Promise<Kit> {
	const isTerminal = process.stderr.isTTY === true;
	let shown = 0;
	await prepareState(state);
	const take = async () =>
		takeInto(runner, source, state, {
			kept: await inUse(state),
			onProgress(bytes, total) {
				const percent = Math.floor((bytes / total) * 100);
				if (isTerminal && percent > shown) {
					shown = percent;
					process.stderr.write(
						`\r${t('Reading the kit: {percent} %', {percent})}${percent === 100 ? '\r\u001B[K' : ''}`,
					);
				}
			},
		});
	return alone(state, take).catch(refuse);
}

/** Kits of runs that are not over; asked while no other command begins one. */
async function inUse(state: string): Promise<string[]> {
	const {known} = await readRuns(state);
	return known
		.filter(isUnfinished)
		.flatMap(({plan}) => (typeof plan.options.kit === 'string' ? [plan.options.kit] : []));
}

/** A kit of the folders that were named, for what is installed here. */
export async function handMadeKit(
	runner: Runner,
	given: Arguments,
	state: string,
	installation: Installation,
): Promise<Kit> {
	const releases = await readReleases().catch(refuse);
	const archives = await archivesOf(given);
	const from = installation.version;
	const to =
		targetOf(archives, given) ??
		releases.map(release => parseVersion(release.version)).find(each => changesEnvironment(from, each, releases));
	const found = to && needsOf(to, releases);
	const route = to && findRoute({from, to, archives, releases, via: given.via});
	if (!to || !found || !route?.allowed) {
		throw new Refusal(
			t('--debs and --wheels are for a version that brings another Python. Leave them out.'),
			exitStatus.blocked,
		);
	}

	const needs = installation.apache ? found : withoutApache(found);
	const requirements = await requirementsFor(runner, installation, needs).catch(refuse);
	await prepareState(state);
	const make = async (directory: string) =>
		makeKitByHand(runner, {
			directory,
			...(given.debs ? {debs: given.debs} : {}),
			...(given.wheels ? {wheels: given.wheels} : {}),
			requirements: requirements.map(({line}) => line),
			from: from.text,
			to: to.text,
			platform: await platformOf(runner, installation),
			python: needs.python,
			aptPackages: [...needs.aptPackages, ...developmentPackages(requirements.map(({line}) => line))],
			program: version,
		});
	return alone(state, async () => place(runner, state, {kept: await inUse(state)}, make)).catch(refuse);
}

/** What a run is to take its packages from, and the command line with the archives that came along. */
export type Supplied = {readonly given: Arguments; readonly kit?: Kit};

/** Takes the kit of a command line, if it names one. Its archives are added to those that were named. */
export async function supplied(given: Arguments, state: string): Promise<Supplied> {
	if (given.kit === undefined) {
		return {given};
	}

	const kit = await takenKit(quietRunner(), given.kit, state);
	const archives = await archivesIn(kit);
	// An archive may be named after another version than the one it leads to.
	return {kit, given: {...given, patches: [...given.patches, ...archives], to: given.to ?? kit.manifest.to}};
}

/** The vendor's archives in a kit. */
export async function archivesIn({directory}: Kit): Promise<string[]> {
	const folder = join(directory, 'patches');
	return (await readdir(folder).catch(() => [])).map(name => join(folder, name));
}

/** The kit of a run that is to begin: the one that was taken, or one of the folders that were named. */
export async function kitFor(
	{given, kit}: Supplied,
	{base}: Pick<Way, 'base'>,
	state: string,
): Promise<Kit | undefined> {
	if (kit || (given.debs ?? given.wheels) === undefined) {
		return kit;
	}

	const runner = quietRunner();
	return handMadeKit(runner, given, state, await findInstallation(runner, {base}).catch(refuse));
}

function quietRunner(): Runner {
	return createRunner({log: '/dev/null', environment: plainEnvironment});
}

/** Lets `body` take kits where no run looks for them; they go with it. */
export async function aside<Result>(state: string, body: (state: string) => Promise<Result>): Promise<Result> {
	const {checks} = kitPlaces(state);
	await mkdir(checks, {recursive: true, mode: 0o700});
	// What commands have left that were killed.
	for (const name of await readdir(checks)) {
		if ((await startTime(Number(name))) === undefined) {
			await removeTree(join(checks, name));
		}
	}

	const own = join(checks, String(process.pid));
	try {
		return await body(own);
	} finally {
		await removeTree(own);
	}
}

function refuse(error: Error): never {
	// A full disk has a sentence of its own.
	throw error instanceof Refusal || isDiskFull(error) ? error : new Refusal(error.message, exitStatus.blocked);
}
