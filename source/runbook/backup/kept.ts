import {readdir, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {UnreadableFile} from '../../engine/kept-file.js';
import {listRuns, places, runPlaces} from '../../engine/places.js';
import {removeTree, sizeOf, writeDurably} from '../../host/files.js';
import {type BackupRecord, readBackupRecord, recordFile} from './record.js';

/** A backup as it lies in the folder of a run. */
export type KeptBackup = {
	/** What people call it: the run, with `@VERSION` where a run has several hops. */
	readonly id: string;
	readonly directory: string;
	/** Absent when it was never completed, or cannot be read: such a one cannot be restored. */
	readonly record?: BackupRecord;
	/** Why its record cannot be read. */
	readonly unreadable?: string;
	/** What it takes on the disk. */
	readonly bytes: number;
	/** When it was last read through, and what was wrong then; absent for one that cannot be restored. */
	readonly checked?: Checked;
};

export type Checked = {
	/** Milliseconds since the epoch. */
	readonly at: number;
	/** Paths that were damaged, missing or foreign; empty for a sound one. */
	readonly damaged: readonly string[];
};

/** All backups below a state directory, newest first. */
export async function keptBackups(state: string): Promise<KeptBackup[]> {
	const found: KeptBackup[] = [];
	for (const run of await listRuns(state)) {
		const directory = places.run(state, run);
		const hops = (await readdir(directory).catch(() => []))
			.filter(name => name.startsWith('hop@'))
			.sort()
			.reverse();
		const suffixes = ['', ...hops.map(name => name.slice('hop'.length))];
		for (const suffix of suffixes) {
			const backup = await keptBackup(`${run}${suffix}`, runPlaces.hop(directory, suffix));
			if (backup) {
				found.push(backup);
			}
		}
	}

	return found;
}

async function keptBackup(id: string, hop: string): Promise<KeptBackup | undefined> {
	const directory = join(hop, 'backup');
	if (!(await isDirectory(directory))) {
		return undefined;
	}

	const [record, bytes] = await Promise.all([readBackupRecord(directory).catch(unreadableFile), sizeOf(directory)]);
	if (!record || record instanceof UnreadableFile) {
		return {id, directory, bytes, ...(record ? {unreadable: record.message} : {})};
	}

	const checked = (await readChecked(directory)) ?? {at: record.sealedAt, damaged: []};
	return {id, directory, record, bytes, checked};
}

function unreadableFile(error: unknown): UnreadableFile {
	if (error instanceof UnreadableFile) {
		return error;
	}

	throw error;
}

/** Beside the backup, which is not written to any more. */
function checkedFile(directory: string): string {
	return join(directory, '..', 'backup-checked.json');
}

async function readChecked(directory: string): Promise<Checked | undefined> {
	try {
		const checked = JSON.parse(await readFile(checkedFile(directory), 'utf8')) as Checked;
		return typeof checked.at === 'number' && Array.isArray(checked.damaged) ? checked : undefined;
	} catch {
		return undefined;
	}
}

/** Keeps what reading a backup through has shown. */
export async function keepChecked(directory: string, damaged: readonly string[]): Promise<void> {
	await writeDurably(checkedFile(directory), `${JSON.stringify({at: Date.now(), damaged} satisfies Checked)}\n`);
}

/** Removes a backup. What is cut in the middle is no complete backup any more. */
export async function removeBackup({directory}: Pick<KeptBackup, 'directory'>): Promise<void> {
	await rm(recordFile(directory), {force: true});
	await removeTree(directory);
	await rm(checkedFile(directory), {force: true});
}

async function isDirectory(path: string): Promise<boolean> {
	return stat(path).then(
		found => found.isDirectory(),
		() => false,
	);
}
