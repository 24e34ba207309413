import {hostname} from 'node:os';
import {Attached} from '../engine/attach.js';
import type {Finding} from '../engine/state.js';
import {networkEnvironment} from '../host/environment.js';
import {createRunner, plainEnvironment} from '../host/process.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {type Release, readReleases} from '../omflow/releases.js';
import {findRoute, type Hop} from '../omflow/route.js';
import {parseVersion} from '../omflow/version.js';
import {preflight} from '../preflight/preflight.js';
import {describeFinding, exitStatus} from './plain.js';
import {unfinishedRun} from './runs.js';
import type {Arguments} from './usage.js';
import {version} from './version.js';
import {archivesOf, findInstalled} from './way.js';

/** What `check --json` prints; `schemas/check.json` publishes it. */
export type CheckReport = {
	readonly schema: 1;
	readonly program: string;
	/** Milliseconds since the epoch. */
	readonly time: number;
	readonly host: string;
	/** Absent when none was found. */
	readonly installation?: Omit<Installation, 'findings'>;
	/** The way that was looked at; empty when nobody said where to. */
	readonly hops: readonly Hop[];
	readonly findings: readonly Finding[];
	readonly outcome: 'ready' | 'blocked';
};

/** Finds out what is installed and what would go wrong. Changes nothing; ends with 0, or 3 when something forbids it. */
export async function check(given: Arguments): Promise<number> {
	const report = await examine(given);
	process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : describe(report));
	return report.outcome === 'ready' ? 0 : exitStatus.blocked;
}

async function examine(given: Arguments): Promise<CheckReport> {
	const found = await look(given);
	const findings = [...(await underWay(given.state)), ...found.findings];
	const {findings: _, ...installation} = found.installation ?? {findings: []};
	return {
		schema: 1,
		program: version,
		time: Date.now(),
		host: hostname(),
		...(found.installation ? {installation: installation as Omit<Installation, 'findings'>} : {}),
		hops: found.hops,
		findings,
		outcome: findings.some(({severity}) => severity === 'blocker') ? 'blocked' : 'ready',
	};
}

type Found = {
	readonly installation?: Installation;
	readonly hops: readonly Hop[];
	readonly findings: readonly Finding[];
};

async function look(given: Arguments): Promise<Found> {
	// A command line that is wrong is no finding.
	const archives = await archivesOf(given);
	const runner = createRunner({
		log: '/dev/null',
		environment: plainEnvironment,
		networkEnvironment: await networkEnvironment(),
	});
	let installation: Installation;
	try {
		installation = await findInstallation(runner, {base: (await findInstalled(given)).base});
	} catch (error) {
		return {hops: [], findings: [{severity: 'blocker', id: 'installation', sentence: (error as Error).message}]};
	}

	const releases = await readReleases();
	const hops = hopsFor(given, installation, archives, releases);
	return {installation, hops, findings: await preflight({runner, installation, hops, releases, state: given.state})};
}

/** The way to what was asked for. One that is not allowed is still looked at: the check says why it is not. */
function hopsFor(
	{to, via, sha256}: Arguments,
	{version}: Installation,
	archives: Awaited<ReturnType<typeof archivesOf>>,
	releases: readonly Release[],
): readonly Hop[] {
	const newest = archives.map(archive => archive.version).sort((a, b) => a.localeCompare(b, 'en', {numeric: true}));
	const wanted = to ?? newest.at(-1);
	if (wanted === undefined) {
		return [];
	}

	const route = findRoute({from: version, to: parseVersion(wanted), archives, releases, via});
	return route.allowed
		? route.hops.map(hop => (sha256 ? {...hop, sha256} : hop))
		: [{from: version.text, to: wanted, ...(archives[0] ? {archive: archives[0].file} : {})}];
}

async function underWay(state: string): Promise<Finding[]> {
	const living = await Attached.to(state);
	living?.close();
	const id = living?.state().id ?? (await unfinishedRun(state))?.id;
	return id === undefined
		? []
		: [
				{
					severity: 'blocker',
					id: 'run-in-progress',
					sentence: `The run ${id} is ${living ? 'under way' : 'not over'} on this host.`,
					remedy: 'Start omflow-tui to see it and to go on with it.',
				},
			];
}

function describe({findings, hops, host, installation, outcome}: CheckReport): string {
	const blockers = findings.filter(({severity}) => severity === 'blocker').length;
	const lines = [
		installation
			? `OMFLOW ${installation.version.text} in ${installation.base} on ${host}: ${installation.roles.join(', ')}`
			: `No OMFLOW on ${host}`,
		...hops.map(
			({archive, from, needs, to}) =>
				`${from} → ${to}: ${archive ?? 'no archive'}${needs ? `, changes Python to ${needs.python}` : ''}`,
		),
		...(hops.length === 0
			? ['Only the host was looked at. Name an archive with --patch, or a version with --to.']
			: []),
		'',
		...findings.map(describeFinding),
		'',
		outcome === 'ready'
			? 'Nothing stands in the way.'
			: `${blockers} ${blockers === 1 ? 'finding stands' : 'findings stand'} in the way.`,
	];
	return `${lines.join('\n')}\n`;
}
