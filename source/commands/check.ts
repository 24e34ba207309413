import {hostname} from 'node:os';
import {Attached} from '../engine/attach.js';
import type {Finding} from '../engine/state.js';
import {networkEnvironment} from '../host/environment.js';
import {createRunner, plainEnvironment} from '../host/process.js';
import {t} from '../locales/index.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {readReleases} from '../omflow/releases.js';
import {findRoute, type Hop} from '../omflow/route.js';
import type {Subject} from '../preflight/subject.js';
import {examine, examineAgain} from '../runbook/examine.js';
import {aside, kitFor, type Supplied, supplied} from './kit-source.js';
import {describeFinding, exitStatus} from './plain.js';
import {requireRoot} from './refusal.js';
import {isUnfinished, readRuns} from './runs.js';
import {describeUnreadable} from './unreadable.js';
import type {Arguments} from './usage.js';
import {version} from './version.js';
import {archivesOf, checkedVersion, findInstalled, targetOf} from './way.js';

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
	const report = await reportOn(given);
	process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : describe(report));
	return report.outcome === 'ready' ? 0 : exitStatus.blocked;
}

async function reportOn(given: Arguments): Promise<CheckReport> {
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

/**
Looks for everything on the way, as a screen asks for it, or for what is still so of one name. `run` is the one this is
for, if it has begun: that is then nothing that stands in the way.
*/
export function findingsOn(given: Arguments, run?: Subject['run']): (id?: string) => Promise<readonly Finding[]> {
	let known: readonly Finding[] = [];
	return async id => {
		const again = id === undefined ? undefined : {id, earlier: known.filter(finding => finding.id === id)};
		const other = run ? [] : await underWay(given.state);
		const found = [...other, ...(await look(given, {again, run})).findings];
		const told = again ? found.filter(finding => finding.id === id || finding.id === 'check-failed') : found;
		known = [...(again ? known.filter(finding => finding.id !== id) : []), ...told];
		return told;
	};
}

type Asked = {
	/** What is asked about, where that is not everything. */
	readonly again?: {readonly id: string; readonly earlier: readonly Finding[]} | undefined;
	readonly run?: Subject['run'] | undefined;
};

async function look(given: Arguments, asked: Asked = {}): Promise<Found> {
	if ((given.kit ?? given.debs ?? given.wheels) === undefined) {
		return lookWith({given}, given.state, asked);
	}

	requireRoot();
	return aside(given.state, async state => lookWith(await supplied(given, state), state, asked));
}

/** `kits` is where hand-made ones are put together. */
async function lookWith(supply: Supplied, kits: string, {again, run}: Asked): Promise<Found> {
	// A command line that is wrong is no finding.
	const {given} = supply;
	const archives = await archivesOf(given);
	targetOf(archives, given);
	given.via.map(checkedVersion);
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

	const releases = await readReleases().catch((error: Error) => error);
	if (releases instanceof Error) {
		return {installation, hops: [], findings: [{severity: 'blocker', id: 'releases', sentence: releases.message}]};
	}

	const wanted = targetOf(archives, given);
	const {sha256} = given;
	const via = given.via.map(text => checkedVersion(text).text);
	const route = wanted && findRoute({from: installation.version, to: wanted, archives, releases, via});
	const hops = route?.allowed ? route.hops.map(hop => (sha256 ? {...hop, sha256} : hop)) : [];
	const refused: Finding[] =
		route && !route.allowed ? [{severity: 'blocker', id: 'version', sentence: route.reason, remedy: route.remedy}] : [];
	const kit = await kitFor(supply, installation, kits);
	const subject = {runner, installation, hops, releases, state: given.state, ...(run ? {run} : {})};
	const findings = await (again ? examineAgain(subject, kit, again.id, again.earlier) : examine(subject, kit));
	return {installation, hops, findings: [...refused, ...findings]};
}

async function underWay(state: string): Promise<Finding[]> {
	const living = await Attached.to(state);
	living?.close();
	const {known, unreadable} = await readRuns(state);
	const blocker = {severity: 'blocker', id: 'run-in-progress'} as const;
	const id = living?.state().id ?? known.find(isUnfinished)?.id;
	if (id !== undefined && (living || unreadable.length === 0)) {
		const sentence = living
			? t('The run {id} is under way on this host.', {id})
			: t('The run {id} is not over on this host.', {id});
		return [{...blocker, sentence, remedy: t('Start omflow-tui to see it and to go on with it.')}];
	}

	return unreadable.map(run => ({...blocker, ...describeUnreadable(run)}));
}

function describe({findings, hops, host, installation, outcome}: CheckReport): string {
	const blockers = findings.filter(({severity}) => severity === 'blocker').length;
	const lines = [
		installation
			? t('OMFLOW {version} in {base} on {host}: {roles}', {
					version: installation.version.text,
					base: installation.base,
					host,
					roles: installation.roles.join(', '),
				})
			: t('No OMFLOW on {host}', {host}),
		...hops.map(
			({archive, from, needs, to}) =>
				`${from} → ${to}: ${archive ?? t('no archive')}${needs ? t(', changes Python to {python}', {python: needs.python}) : ''}`,
		),
		...(hops.length === 0
			? [t('Only the host was looked at. Name an archive with --patch, or a version with --to.')]
			: []),
		'',
		...findings.map(describeFinding),
		'',
		outcome === 'ready'
			? t('Nothing stands in the way.')
			: blockers === 1
				? t('{count} finding stands in the way.', {count: blockers})
				: t('{count} findings stand in the way.', {count: blockers}),
	];
	return `${lines.join('\n')}\n`;
}
