import {join} from 'node:path';
import {foreign, isObject, readKeptObject, UnreadableFile} from '../../engine/kept-file.js';
import type {LinkState} from '../../host/alternatives.js';
import {t} from '../../locales/index.js';
import type {Dump} from '../../omflow/dump.js';
import type {Installation} from '../../omflow/installation.js';
import {paths, type StepContext} from '../facts.js';

/** The header of a backup, written last: a backup without one was never completed. Holds no password. */
export type BackupRecord = {
	readonly schema: 1;
	/** The run that made it. */
	readonly run: string;
	readonly host: string;
	/** Where the installation was, for example `/opt/omflow`. */
	readonly base: string;
	/** Version that is in the backup, and the one the run was to lead to. */
	readonly from: string;
	readonly to: string;
	/** Milliseconds since the epoch. */
	readonly sealedAt: number;
	readonly files: number;
	readonly bytes: number;
	/** SHA-256 of the manifest. */
	readonly manifest: string;
	readonly installation: Installation;
	/** Databases that are not in a file of the installation. */
	readonly dumps: readonly Dump[];
	/** `/usr/bin/python3` at that time; absent when there was none. */
	readonly python3?: LinkState;
};

/** What lies in the directory of a backup. Everything but the last two is in the manifest. */
export const parts = {
	/** The installation, whole. */
	installation: 'omflow',
	/** Apache's configuration. */
	apache: 'apache',
	/** Files of units and services below their absolute paths. */
	system: 'system',
	/** Dumps of databases that are not in a file of the installation. */
	databases: 'database',
	/** The packages of the host, one a line. */
	packages: 'packages.txt',
	manifest: 'manifest.ndjson',
	record: 'backup.json',
} as const;

/** What of the installation or of Apache is in the backup of this run. */
export function copyOf(context: StepContext, what: 'installation' | 'apache'): string {
	return join(paths.backup(context), parts[what]);
}

export function recordFile(directory: string): string {
	return join(directory, parts.record);
}

export function manifestFile(directory: string): string {
	return join(directory, parts.manifest);
}

/** Reads the header of a backup; undefined when it was never completed. Throws an UnreadableFile for one that is no use. */
export async function readBackupRecord(directory: string): Promise<BackupRecord | undefined> {
	const path = recordFile(directory);
	const record = readKeptObject(path, 1) as BackupRecord | undefined;
	if (record && !isRecord(record)) {
		throw new UnreadableFile(path, t(foreign));
	}

	return record;
}

function isRecord({base, dumps, files, from, host, installation, manifest, run, sealedAt}: BackupRecord): boolean {
	return (
		[base, from, host, manifest, run].every(value => typeof value === 'string') &&
		[files, sealedAt].every(value => typeof value === 'number') &&
		isObject(installation) &&
		Array.isArray(dumps)
	);
}
