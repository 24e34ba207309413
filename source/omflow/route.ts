import path from 'node:path';
import {t} from '../locales/index.js';
import {compareVersions, numbersOf, parseVersion, type Version} from './numbering.js';
import type {PatchArchive} from './patches.js';
import {changesEnvironment, type Needs, type Release, releases} from './releases.js';
import {judgeUpdate, warnUpdate} from './version.js';

/** One update on the way: a patch archive applied to a version. Plain data, so that a plan can keep it. */
export type Hop = {
	/** Version before, as it is written. */
	readonly from: string;
	/** Version after: four numbers. */
	readonly to: string;
	/** Absolute path of the patch archive; absent when none was found. */
	readonly archive?: string;
	/** SHA-256 the archive must have, if the administrator said one. */
	readonly sha256?: string;
	/** Present when Python and Django change with this hop, so that it takes the environment runbook. */
	readonly needs?: Needs;
};

export type Route =
	| {
			readonly allowed: true;
			/** At least one. */
			readonly hops: readonly Hop[];
			/** Versions of these hops for which no archive was found. */
			readonly missing: readonly string[];
			/** Another way with fewer hops outside of the vendor's ranges, where there is one. */
			readonly safer?: readonly Hop[];
	  }
	| {
			readonly allowed: false;
			/** Why not, one sentence. */
			readonly reason: string;
			/** What to do, one sentence. */
			readonly remedy: string;
	  };

export type RouteRequest = {
	readonly from: Version;
	readonly to: Version;
	readonly archives: readonly PatchArchive[];
	/** Default: the shipped table. */
	readonly releases?: readonly Release[];
	/** Versions the route must pass, oldest first. */
	readonly via?: readonly string[];
};

/** What all hops of a route have in common. */
type Terrain = {
	readonly from: Version;
	readonly table: readonly Release[];
	/** Archives by the version to which they update. */
	readonly atHand: ReadonlyMap<string, string>;
};

type Way = {
	readonly hops: readonly Hop[];
	/** Where the hops lead to, the same as their `to`. */
	readonly versions: readonly Version[];
	readonly missing: number;
	/** Hops outside of the vendor's ranges. */
	readonly warnings: number;
};

/**
The shortest way from one version to another, each step of which `judgeUpdate` allows on Linux. There is just
one: where the rule refuses a step it names the version before, which no way can avoid. So what is missing on
the shortest way is missing on every other. The same version twice is one hop, which applies its patch again.
Throws as `parseVersion` does for a version in `via`, `archives` or `releases` that is none.
*/
export function findRoute({from, to, archives, releases: table = releases, via = []}: RouteRequest): Route {
	const whole = judgeUpdate(from, to, {releases: table});
	if (!whole.allowed && whole.via === undefined) {
		return {allowed: false, reason: whole.reason, remedy: whole.remedy};
	}

	const stops = via.map(parseVersion);
	const ends = [from, ...stops, to];
	if (ends.some((version, index) => compareVersions(version, ends[index + 1] ?? to) > 0)) {
		return {
			allowed: false,
			reason: t('A way from {from} to {to} cannot pass {stops}.', {
				from: from.text,
				to: to.text,
				stops: stops.map(({text}) => text).join(' → '),
			}),
			remedy: t('Name versions between the two, the older ones first.'),
		};
	}

	const terrain: Terrain = {from, table, atHand: choose(archives)};
	let way = nowhere;
	do {
		const before = way.versions.at(-1) ?? from;
		const goal = stops.find(stop => compareVersions(before, stop) < 0) ?? to;
		const judgement = judgeUpdate(before, goal, {releases: table});
		// Only an unknown version and a way back are refused without a version before; both are dealt with above.
		way = extend(terrain, way, judgement.allowed ? goal : parseVersion(judgement.via ?? ''));
	} while (compareVersions(way.versions.at(-1) ?? from, to) < 0);

	const safest = way.warnings > 0 ? findSafest(terrain, way.versions, stops) : undefined;
	return {
		allowed: true,
		hops: way.hops,
		missing: way.hops.filter(({archive}) => archive === undefined).map(hop => hop.to),
		...(safest && safest.warnings < way.warnings ? {safer: safest.hops} : {}),
	};
}

/**
One line a hop, for people, such as `1.1.6.3 → 1.2.0.0  omflow_patch_1_2_0_0.tar.gz  changes Python to 3.11`.
For a route that is refused the reason, then the remedy.
*/
export function describeRoute(route: Route): string[] {
	if (!route.allowed) {
		return [route.reason, route.remedy];
	}

	const updates = route.hops.map(({from, to}) => `${from} → ${to}`);
	const width = Math.max(...updates.map(update => update.length));
	return route.hops.map(({archive, needs}, index) =>
		[
			updates[index]?.padEnd(width),
			archive === undefined ? t('no archive found') : path.basename(archive),
			...(needs ? [t('changes Python to {python}', {python: needs.python})] : []),
		].join('  '),
	);
}

const nowhere: Way = {hops: [], versions: [], missing: 0, warnings: 0};

function extend({from, table, atHand}: Terrain, way: Way, after: Version): Way {
	const before = way.versions.at(-1) ?? from;
	const archive = atHand.get(numbersOf(after));
	const needs = changesEnvironment(before, after, table);
	const hop: Hop = {
		from: before === from ? from.text : numbersOf(before),
		to: numbersOf(after),
		...(archive === undefined ? {} : {archive}),
		...(needs === undefined ? {} : {needs}),
	};
	return {
		hops: [...way.hops, hop],
		versions: [...way.versions, after],
		missing: way.missing + (archive === undefined ? 1 : 0),
		warnings: way.warnings + warnUpdate(before, after, {releases: table}).length,
	};
}

/**
The way with the fewest hops outside of the vendor's ranges, to where `shortest` leads. Versions only grow on a
way, so the best one to each version follows from the best ones to those before it.
*/
function findSafest(terrain: Terrain, shortest: readonly Version[], stops: readonly Version[]): Way | undefined {
	const {from, table, atHand} = terrain;
	const to = shortest.at(-1) ?? from;
	const known = [...[...table.map(({version}) => version), ...atHand.keys()].map(parseVersion), ...shortest].filter(
		version => compareVersions(from, version) < 0 && compareVersions(version, to) <= 0,
	);
	const places = new Map(known.map(version => [numbersOf(version), version]));
	const best = [nowhere];
	for (const place of [...places.values()].sort(compareVersions)) {
		const [way] = best
			.filter(({versions}) => {
				const before = versions.at(-1) ?? from;
				const passedOver = stops.some(stop => compareVersions(before, stop) < 0 && compareVersions(stop, place) < 0);
				return !passedOver && judgeUpdate(before, place, {releases: table}).allowed;
			})
			.map(way => extend(terrain, way, place))
			.sort(compareWays);
		if (way) {
			best.push(way);
		}
	}

	return best.find(({versions}) => versions.at(-1) === to);
}

/** Fewer warnings, then fewer archives missing, then shorter, then over newer versions: negative when `a` is better. */
function compareWays(a: Way, b: Way): number {
	const newer = b.versions.map((version, index) => compareVersions(version, a.versions[index] ?? version));
	return (
		[a.warnings - b.warnings, a.missing - b.missing, a.hops.length - b.hops.length, ...newer].find(
			difference => difference !== 0,
		) ?? 0
	);
}

/** Archives by version; of several for one version that which is named last, `_upgrade4` over `_upgrade3`. */
function choose(archives: readonly PatchArchive[]): ReadonlyMap<string, string> {
	const name = ({file}: PatchArchive) => path.basename(file).replace(/\.(?:tar\.gz|tgz)$/i, '');
	const sorted = archives.toSorted(
		(a, b) => name(a).localeCompare(name(b), 'en', {numeric: true}) || (a.file < b.file ? -1 : 1),
	);
	return new Map(sorted.map(({version, file}) => [numbersOf(parseVersion(version)), file]));
}
