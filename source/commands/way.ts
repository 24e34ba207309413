import {stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import type {PlannedHop} from '../engine/places.js';
import {versionFromName} from '../host/archive.js';
import {list, t} from '../locales/index.js';
import {findBase} from '../omflow/base.js';
import {findPatches, type PatchArchive, patchName} from '../omflow/patches.js';
import {type Release, readReleases} from '../omflow/releases.js';
import {describeRoute, findRoute, type Hop, type Route} from '../omflow/route.js';
import {compareVersions, parseVersion, readVersion, type Version} from '../omflow/version.js';
import type {HopOptions} from '../runbook/facts.js';
import {readablePatch} from './patch.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import type {Arguments} from './usage.js';

type Asked = Pick<Arguments, 'base' | 'patches' | 'sha256' | 'to' | 'via'>;

/** From what is installed to what is wanted. */
export type Way = {
	readonly base: string;
	readonly from: Version;
	readonly route: Route & {readonly allowed: true};
	readonly hops: readonly Hop[];
};

/** Where OMFLOW is on this host, and its version. Refuses when there is none, or nobody can tell which is meant. */
export async function findInstalled({base}: Pick<Asked, 'base'>): Promise<{base: string; version: Version}> {
	const found = base ?? (await findBase().catch(refuse))?.base;
	if (found === undefined) {
		throw new Refusal(
			t(
				'There is no OMFLOW in /opt/omflow, and no service or Apache site names another place. Run this on the host of the server, or name its folder with --base.',
			),
			exitStatus.blocked,
		);
	}

	return {base: found, version: await versionIn(found).catch(refuse)};
}

/** The version of the server, or of the collector where there is no server. */
async function versionIn(base: string): Promise<Version> {
	const isServer = await stat(`${base}/server`).catch(() => undefined);
	return readVersion(`${base}/${isServer ? 'server' : 'collector'}`);
}

/**
The way to the version that was asked for, or to the newest there is an archive for. Refuses when it is not allowed,
or when an archive is missing: before anything is made for a run that could only fail.
*/
export async function findWay(asked: Asked): Promise<Way> {
	const archives = await archivesOf(asked);
	// What was not said is told before what is not there.
	target(archives, asked);
	const {base, version} = await findInstalled(asked);
	const releases = await readReleases().catch(refuse);
	return {base, from: version, ...decideWay(version, archives, releases, asked)};
}

/** The same from a version that is known, as that of a sample server is. */
export function decideWay(
	from: Version,
	archives: readonly PatchArchive[],
	releases: readonly Release[],
	asked: Pick<Asked, 'sha256' | 'to' | 'via'>,
): Pick<Way, 'hops' | 'route'> {
	const to = target(archives, asked);
	const route = findRoute({from, to, archives, releases, via: asked.via.map(checkedVersion).map(({text}) => text)});
	if (!route.allowed) {
		throw new Refusal(`${route.reason} ${route.remedy}`, exitStatus.blocked);
	}

	if (route.missing.length > 0) {
		throw new Refusal(
			t(
				'There is no patch archive for {missing} on the way from {from} to {to}:\n{way}\nGet it from the vendor, and name the file or its folder with --patch. One that is named after another version is found once it is copied as {missing2}.',
				{
					missing: list(route.missing),
					from: from.text,
					to: to.text,
					way: describeRoute(route).join('\n'),
					missing2: patchName(route.missing[0] ?? ''),
				},
			),
			exitStatus.blocked,
		);
	}

	const {sha256} = asked;
	return {route, hops: route.hops.map(hop => (sha256 ? {...hop, sha256} : hop))};
}

/** The archives of the files and folders that were named. */
export async function archivesOf({
	patches,
	sha256,
	to,
}: Pick<Asked, 'patches' | 'sha256' | 'to'>): Promise<readonly PatchArchive[]> {
	const found = await Promise.all(
		patches.map(async (path): Promise<readonly PatchArchive[]> => {
			const there = await stat(resolve(path)).catch(() => undefined);
			if (there?.isDirectory()) {
				return findPatches([resolve(path)]);
			}

			const file = await readablePatch(path);
			// Alone it leads to what was asked for: the vendor's archive for 1.2.0.0 was once named after 1.1.6.4.
			const version =
				patches.length === 1 && to !== undefined ? checkedVersion(to).text : versionFromName(basename(file));
			if (!version) {
				throw new Refusal(
					t('The name {file} does not say which version it brings. Name it yourself, for example --to 1.2.0.0.', {
						file: basename(file),
					}),
				);
			}

			return [{file, version}];
		}),
	);
	if (patches.length > 0 && found.flat().length === 0) {
		throw new Refusal(
			t('There is no patch archive in {patches}. Their names look like omflow_patch_1_2_0_0.tar.gz.', {
				patches: list(patches),
			}),
		);
	}

	if (sha256 !== undefined && found.flat().length !== 1) {
		throw new Refusal(
			t('--sha256 belongs to one archive, and {found} were found. Put FILE.sha256 beside each of them instead.', {
				found: found.flat().length,
			}),
		);
	}

	return found.flat();
}

/** The hops as a plan keeps them. */
export function planned(hops: readonly Hop[]): PlannedHop[] {
	return hops.map(({to, from, archive = '', needs, sha256}) => ({
		to,
		runbook: needs ? 'environment' : 'general',
		options: {
			from,
			archive,
			...(needs ? {needs} : {}),
			...(sha256 ? {sha256} : {}),
		} satisfies HopOptions,
	}));
}

function target(archives: readonly PatchArchive[], asked: Pick<Asked, 'to'>): Version {
	const wanted = targetOf(archives, asked);
	if (!wanted) {
		throw new Refusal(
			t('Which patch archive? Name it, or the folder with all of them: omflow-tui upgrade --patch FILE.'),
		);
	}

	return wanted;
}

/** The version that was asked for, else the newest there is an archive for; undefined when there is neither. */
export function targetOf(archives: readonly PatchArchive[], {to}: Pick<Asked, 'to'>): Version | undefined {
	return to === undefined
		? archives
				.map(({version}) => parseVersion(version))
				.sort(compareVersions)
				.at(-1)
		: checkedVersion(to);
}

/** A version of the command line. Refuses what is none. */
export function checkedVersion(asked: string): Version {
	try {
		return parseVersion(asked);
	} catch {
		throw new Refusal(t('A version looks like 1.2.0.0, and “{asked}” does not.', {asked}));
	}
}

function refuse(error: Error): never {
	throw new Refusal(error.message, exitStatus.blocked);
}
