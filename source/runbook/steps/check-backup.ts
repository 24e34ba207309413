import {access, constants, mkdir} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {UnreadableFile} from '../../engine/kept-file.js';
import {milestones} from '../../engine/stage.js';
import type {Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {findApache} from '../../host/apache.js';
import {sizeOf} from '../../host/files.js';
import {CommandError} from '../../host/process.js';
import {mark, t} from '../../locales/index.js';
import {findInstallation, type Installation} from '../../omflow/installation.js';
import {parseVersion, readVersion} from '../../omflow/version.js';
import {ownPlace} from '../../preflight/own-place.js';
import {roomFindings} from '../../preflight/room.js';
import {ownFolder} from '../../preflight/scope.js';
import {keepChecked} from '../backup/kept.js';
import {type BackupRecord, readBackupRecord} from '../backup/record.js';
import {aboutOmflow} from '../backup/system-files.js';
import {verifyBackup} from '../backup/verify.js';
import {type Facts, recorded, type StepContext} from '../facts.js';

/** Reads the backup through and sees whether this host, which may have changed since, can take it. */
export const checkBackup: Step<Facts> = {
	id: 'check',
	title: mark('Check the backup'),
	phase: 'prepare',
	async look(context) {
		return context.recall(milestones.windowOpened) ? 'done' : 'todo';
	},
	async do(context) {
		const record = await recordOf(context);
		const {installation: wanted} = record;
		const now = await findInstallation(context, {base: context.facts.base}).catch((error: Error) => error);
		const installation = now instanceof Error ? await asFarAsThere(wanted) : now;
		await context.record(recorded.installation, installation);
		await context.record(recorded.wanted, wanted);
		// What is put back needs a place, also where everything was lost.
		await mkdir(context.facts.base, {recursive: true});
		context.found(installation.version.text, [
			[t('Backup'), backupOf(context)],
			[
				t('Made of'),
				t('OMFLOW {from} on {host}, {time}', {
					from: record.from,
					host: record.host,
					time: new Date(record.sealedAt).toLocaleString('sv'),
				}),
			],
			[t('Here now'), now instanceof Error ? t('no OMFLOW that can be understood') : `OMFLOW ${now.version.text}`],
		]);
		await context.record(recorded.systemFiles, await aboutOmflow([wanted, installation], backupOf(context)));
		const findings: Finding[] = [
			...(await soundness(context, record)),
			...(now instanceof Error ? [notUnderstood(now)] : []),
			...otherHost(record),
			...(await interpreter(context, wanted)),
			...(await apache(wanted)),
			...(await rsync()),
			...(await ownPlace({installation, state: context.facts.state, hops: [], releases: [], runner: context})),
			...(await room(context, record)),
		];
		await context.record('findings', findings);
		context.show({kind: 'findings', findings});
	},
	async verify(context) {
		return context.recall<Finding[]>('findings') ?? [];
	},
};

/** The directory of the backup that is put back. */
export function backupOf(context: StepContext): string {
	const {backup} = context.facts;
	if (!backup) {
		throw new Error(t('The plan names no backup. Start omflow-tui restore anew.'));
	}

	return backup;
}

/** Its header. Throws when it is gone or not complete: the run is then blocked. */
export async function recordOf(context: StepContext): Promise<BackupRecord> {
	const directory = backupOf(context);
	const record = await readBackupRecord(directory).catch((error: Error) => {
		throw error instanceof UnreadableFile ? StepError.blocked('backup', error.message) : error;
	});
	if (!record) {
		throw StepError.blocked(
			'backup',
			t('{directory} is no complete backup. Use another one: omflow-tui restore --list shows them.', {directory}),
		);
	}

	return record;
}

/** What cannot be looked at on a damaged server is taken to be where the backup has it. */
async function asFarAsThere(wanted: Installation): Promise<Installation> {
	const version = await readVersion(wanted.directory).catch(() => parseVersion('0.0.0.0'));
	return {...wanted, version};
}

async function soundness(context: StepContext, record: BackupRecord): Promise<Finding[]> {
	const directory = backupOf(context);
	const damaged = await verifyBackup(directory);
	await keepChecked(directory, damaged);
	return damaged.length === 0
		? [
				{
					severity: 'info',
					id: 'backup',
					sentence: t('All {files} files of the backup are what was sealed.', {files: record.files}),
				},
			]
		: [
				{
					severity: 'blocker',
					id: 'backup',
					sentence:
						damaged.length === 1
							? t('The backup is damaged: {damaged} path is not what was sealed.', {damaged: damaged.length})
							: t('The backup is damaged: {damaged} paths are not what was sealed.', {damaged: damaged.length}),
					evidence: damaged.slice(0, 10).join('\n'),
					remedy: t('Use another one: omflow-tui restore --list shows them.'),
				},
			];
}

function notUnderstood(error: Error): Finding {
	return {
		severity: 'warning',
		id: 'installation',
		sentence: t('What is installed now cannot be understood: {message}', {message: error.message}),
		remedy: t('It is copied as it is before the backup goes over it.'),
	};
}

function otherHost({host}: BackupRecord): Finding[] {
	return host === hostname()
		? []
		: [
				{
					severity: 'warning',
					id: 'host',
					sentence: t('The backup was made on {host}, and this is {hostname}.', {host, hostname: hostname()}),
					remedy: t('Addresses in settings.py and the Apache site are those of the other host.'),
				},
			];
}

/** The environment of the backup runs with a Python of the system, which may have been removed since. */
async function interpreter(context: StepContext, {environment, base}: Installation): Promise<Finding[]> {
	const python = join(backupOf(context), 'omflow', environment.path.slice(base.length + 1), 'bin', 'python');
	if (!environment.runs) {
		return [];
	}

	try {
		await context.capture([python, '-I', '-S', '-V'], {timeout: 15_000});
		return [];
	} catch (error) {
		if (!(error instanceof CommandError)) {
			throw error;
		}

		return [
			{
				severity: 'blocker',
				id: 'python',
				sentence: t('The environment of the backup needs Python {python}, which is not on this host any more.', {
					python: environment.python,
				}),
				evidence: error.lastOutput,
				remedy: t('Install python{environment} again, then start anew.', {
					environment: environment.python.split('.').slice(0, 2).join('.'),
				}),
			},
		];
	}
}

async function apache({apache}: Installation): Promise<Finding[]> {
	if (!apache) {
		return [];
	}

	return (await findApache(apache.root))
		? []
		: [
				{
					severity: 'blocker',
					id: 'apache',
					sentence: t('There is no Apache with its configuration in {root}, which the backup needs.', {
						root: apache.root,
					}),
					remedy: t('Install it again: apt-get install apache2'),
				},
			];
}

async function rsync(): Promise<Finding[]> {
	return access('/usr/bin/rsync', constants.X_OK).then(
		() => [],
		() => [
			{
				severity: 'blocker',
				id: 'rsync',
				sentence: t('rsync is not installed; files are copied and put back with it.'),
				remedy: t('Install it: apt-get install rsync'),
			} as const,
		],
	);
}

/** For the copy of what is there, and for what the backup has more of. */
async function room(context: StepContext, {bytes}: BackupRecord): Promise<Finding[]> {
	const {base, state} = context.facts;
	const [present, own] = await Promise.all([sizeOf(base, {exclude: [ownFolder]}), sizeOf(context.directory)]);
	const margin = 100_000_000;
	return roomFindings(
		[
			[base, Math.max(0, bytes - present) + margin],
			[state, Math.max(0, present - own) + margin],
		],
		state,
	);
}
