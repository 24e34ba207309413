import {stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {milestones} from '../../engine/stage.js';
import type {Fact, Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {apacheFindings} from '../../host/apache.js';
import {freeBytes, sizeOf} from '../../host/files.js';
import {listeners, nameListeners} from '../../host/listeners.js';
import {isRunning} from '../../host/service.js';
import {cannotStage} from '../../host/venv.js';
import {findInstallation, type Installation} from '../../omflow/installation.js';
import {judgeUpdate, parseVersion, warnUpdate} from '../../omflow/version.js';
import {type Facts, paths, recorded, type StepContext} from '../facts.js';
import {whereabouts} from '../whereabouts.js';
import {ownFolder} from './copy.js';

/** What packages, environment and pip's cache take beside a copy of the installation, measured with room to spare. */
const workingRoom = 1_500_000_000;

/** Finds the installation and whether this upgrade may be done to it. Changes nothing. */
export const check: Step<Facts> = {
	id: 'check',
	title: 'Check',
	phase: 'prepare',
	documented: 'check',
	async look(context) {
		// What was found when the run began may be days old when it goes on.
		return context.recall(milestones.windowOpened) ? 'done' : 'todo';
	},
	async do(context) {
		const installation = await findInstallation(context, {base: context.facts.base}).catch((error: Error) => {
			throw StepError.blocked('installation', error.message);
		});
		await context.record(recorded.installation, installation);
		context.found(installation.version.text, factsOf(installation));
		const findings = (
			await Promise.all([
				versions(context, installation),
				database(installation),
				service(context, installation),
				whereabouts(context, installation),
				staging(context),
				room(context),
				apacheFindings(installation.apache, {base: context.facts.base}),
				installation.findings,
			])
		).flat();
		await context.record('findings', findings);
		context.show({kind: 'findings', findings});
	},
	async verify(context) {
		return context.recall<Finding[]>('findings') ?? [];
	},
};

function factsOf(installation: Installation): Fact[] {
	return [
		['Version', installation.version.text],
		['Python', installation.environment.python],
		['Database', installation.database.kind],
		['Service', installation.service.unit ?? installation.service.start.join(' ')],
	];
}

async function versions({facts}: StepContext, {version}: Installation): Promise<Finding[]> {
	const judgement = judgeUpdate(version, parseVersion(facts.to));
	if (!judgement.allowed) {
		return [{severity: 'blocker', id: 'version', sentence: judgement.reason, remedy: judgement.remedy}];
	}

	return [
		{severity: 'info', id: 'version', sentence: `${version.text} may be taken to ${facts.to}.`},
		...warnUpdate(version, parseVersion(facts.to)),
	];
}

async function database({database}: Installation): Promise<Finding[]> {
	if (database.kind === 'sqlite') {
		return [
			{severity: 'info', id: 'database', sentence: `The database is SQLite, ${database.file ?? 'file unknown'}.`},
		];
	}

	return [
		{
			severity: 'blocker',
			id: 'database-engine',
			sentence: `The database is ${database.kind}; this version of omflow-tui can only back up SQLite.`,
			evidence: database.engine,
			remedy: 'Upgrade by the vendor’s page, or wait for the version that dumps this database.',
		},
	];
}

/** Who cannot be stopped by the service's own commands would only be found out with the service down. */
async function service(context: StepContext, {service, endpoint}: Installation): Promise<Finding[]> {
	if (await isRunning(context, service)) {
		return [];
	}

	const strangers = await listeners(endpoint.port);
	return strangers.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'port-taken',
					sentence:
						`${service.status.join(' ')} says that OMFLOW does not run, ` +
						`but its port ${endpoint.port} is taken by ${nameListeners(strangers)}.`,
					remedy: `If that is OMFLOW, stop it as it was started, then start it with “${service.start.join(' ')}”; else end it.`,
				},
			];
}

async function staging(context: StepContext): Promise<Finding[]> {
	const place = {staging: paths.staging(context.facts), final: paths.environment(context.facts)};
	const reason = await cannotStage(context, place);
	return reason
		? [
				{
					severity: 'blocker',
					id: 'staging',
					sentence: `The new environment cannot be built while OMFLOW runs: ${reason}`,
					remedy: 'Give the environment a folder of its own on a local filesystem.',
				},
			]
		: [];
}

/** Bytes still wanted below each path: what this run has taken there already is not wanted again. */
export async function roomWanted(context: StepContext): Promise<ReadonlyArray<readonly [path: string, bytes: number]>> {
	const {base} = context.facts;
	const [installed, aside, own] = await Promise.all([
		sizeOf(base, {exclude: [ownFolder]}),
		sizeOf(dirname(paths.staging(context.facts))),
		sizeOf(context.directory),
	]);
	// The step after the packages writes these.
	const hasPackages = (await sizeOf(paths.requirements(context))) > 0;
	return [
		['/usr', hasPackages ? 0 : workingRoom / 2],
		[base, Math.max(0, workingRoom / 4 - aside)],
		[context.directory, Math.max(0, installed * 2 + workingRoom / 4 - own)],
	];
}

/** Room on every filesystem that is written to, each asked once. */
async function room(context: StepContext): Promise<Finding[]> {
	const needs = new Map<number, {path: string; bytes: number}>();
	for (const [path, bytes] of await roomWanted(context)) {
		const {dev} = await stat(path);
		needs.set(dev, {path: needs.get(dev)?.path ?? path, bytes: (needs.get(dev)?.bytes ?? 0) + bytes});
	}

	const findings: Finding[] = [];
	for (const {path, bytes} of needs.values()) {
		const free = await freeBytes(path);
		const [has, wants] = [free, bytes].map(value => `${(value / 1e9).toFixed(1)} GB`);
		findings.push(
			free < bytes
				? {
						severity: 'blocker',
						id: 'disk',
						sentence: `The filesystem of ${path} has ${has} free; the upgrade needs ${wants}.`,
						remedy: `Make room, for example in ${dirname(path) === '/' ? '/var/cache/apt' : path}.`,
					}
				: {severity: 'info', id: 'disk', sentence: `${has} are free for ${path}; ${wants} are needed at most.`},
		);
	}

	return findings;
}
