import {freeBytes} from '../host/files.js';
import {t} from '../locales/index.js';
import {type KeptBackup, keepChecked, keptBackups, removeBackup} from '../runbook/backup/kept.js';
import type {BackupRecord} from '../runbook/backup/record.js';
import {verifyBackup} from '../runbook/backup/verify.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {alone, refuseWhenLocked, unfinishedRun} from './runs.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/** Prints every backup with version, time, size and state, and what they take together. */
export async function listBackups(given: Arguments): Promise<number> {
	const kept = await keptBackups(given.state);
	const free = await freeBytes(given.state);
	if (given.json) {
		const backups = kept.map(({record, ...backup}) => ({
			...backup,
			...(record ? {version: record.from, host: record.host, base: record.base, sealedAt: record.sealedAt} : {}),
			state: stateOf({...backup, ...(record ? {record} : {})}),
		}));
		process.stdout.write(`${JSON.stringify({schema: 1, backups, freeBytes: free})}\n`);
		return 0;
	}

	if (kept.length === 0) {
		process.stdout.write(`${t('No backup is kept in {state}.', {state: given.state})}\n`);
		return 0;
	}

	const width = Math.max(...kept.map(({id}) => id.length));
	const total = kept.reduce((sum, {bytes}) => sum + bytes, 0);
	const lines = [
		...kept.map(backup => `${backup.id.padEnd(width)}  ${describeBackup(backup)}`),
		'',
		t('They take {total}; {free} are free. None goes by itself: omflow-tui restore --remove BACKUP', {
			total: megabytes(total),
			free: megabytes(free),
		}),
	];
	process.stdout.write(`${lines.join('\n')}\n`);
	return 0;
}

/** Reads a backup through against its manifest and says what is wrong with it. Ends with 0, or 3 for a damaged one. */
export async function checkBackup(backup: KeptBackup, given: Arguments): Promise<number> {
	const {directory, id} = backup;
	const record = completeRecord(backup);
	const damaged = await readThrough(backup);
	const sound = damaged.length === 0;
	process.stdout.write(
		given.json
			? `${JSON.stringify({schema: 1, id, directory, damaged})}\n`
			: sound
				? `${t('The backup {id} is sound: {files} files read and compared with its manifest.', {id, files: record.files})}\n`
				: `${t('The backup {id} is damaged:\n{damaged}\nUse another one.', {id, damaged: damaged.map(path => `  ${path}`).join('\n')})}\n`,
	);
	return sound ? 0 : exitStatus.blocked;
}

/** Reads it through and keeps what that has shown: the paths that are damaged. */
export async function readThrough(
	{directory}: Pick<KeptBackup, 'directory'>,
	signal?: AbortSignal,
): Promise<readonly string[]> {
	const damaged = await verifyBackup(directory, signal);
	await keepChecked(directory, damaged);
	return damaged;
}

/** Its record; refuses for a backup that is no use. */
export function completeRecord({id, record, unreadable}: KeptBackup): BackupRecord {
	if (!record) {
		const why = unreadable ?? t('It was never completed.');
		throw new Refusal(t('The backup {id} can be neither checked nor restored. {why}', {id, why}), exitStatus.blocked);
	}

	return record;
}

/** Removes a backup, once somebody has said so. */
export async function removeKept(backup: KeptBackup, given: Arguments): Promise<number> {
	if (!(given.yes || (await isConfirmed(backup, given)))) {
		process.stdout.write(`${t('Nothing was removed.')}\n`);
		return 0;
	}

	await removeAlone(backup, given);
	process.stdout.write(
		`${t('The backup {id} is removed; {bytes} are free again.', {id: backup.id, bytes: megabytes(backup.bytes)})}\n`,
	);
	return 0;
}

/** Removes a backup that no unfinished run may still need. */
export async function removeAlone(backup: KeptBackup, given: Arguments): Promise<void> {
	await alone(given.state, async () => {
		const unfinished = await unfinishedRun(given.state);
		if (unfinished) {
			throw new Refusal(
				t('The run {id} is not over, and may need a backup. End it first: start omflow-tui.', {id: unfinished.id}),
				exitStatus.blocked,
			);
		}

		await refuseWhenLocked(given.state);
		await removeBackup(backup);
	});
}

async function isConfirmed(backup: KeptBackup, given: Arguments): Promise<boolean> {
	if (!wantsConsole(given)) {
		throw new Refusal(
			t('There is no terminal to ask on. To remove {id} add --yes.', {id: backup.id}),
			exitStatus.blocked,
		);
	}

	const {runHome} = await import('../console/main.js');
	const chosen = await runHome({
		title: t('Remove the backup {id}?', {id: backup.id}),
		facts: [
			[t('It is'), describeBackup(backup)],
			[t('In'), backup.directory],
		],
		choices: [
			{value: 'leave', label: t('Leave it'), explanation: t('Nothing is changed.')},
			{
				value: 'remove',
				label: t('Remove it'),
				explanation: t('This server can then not be taken back to it any more.'),
			},
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	return chosen === 'remove';
}

/** One line: version, time, size, and whether it can be relied upon. */
export function describeBackup(backup: KeptBackup): string {
	const {bytes, record} = backup;
	const when = record
		? new Date(record.sealedAt).toLocaleString('sv')
		: backup.unreadable
			? t('unreadable')
			: t('never completed');
	return `${(record?.from ?? '?').padEnd(9)}  ${when}  ${megabytes(bytes).padStart(9)}  ${words(backup)}`;
}

function stateOf({
	checked,
	record,
	unreadable,
}: Omit<KeptBackup, 'directory'>): 'sound' | 'damaged' | 'incomplete' | 'unreadable' {
	if (!record) {
		return unreadable ? 'unreadable' : 'incomplete';
	}

	return (checked?.damaged.length ?? 0) > 0 ? 'damaged' : 'sound';
}

function words(backup: KeptBackup): string {
	const checked = backup.checked ? new Date(backup.checked.at).toLocaleString('sv') : '';
	const state = stateOf(backup);
	return backup.record
		? state === 'damaged'
			? t('damaged when read at {checked}', {checked})
			: t('sound when read at {checked}', {checked})
		: (backup.unreadable ?? t('incomplete, cannot be restored'));
}

function megabytes(bytes: number): string {
	return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
