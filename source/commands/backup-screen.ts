import type {BackupEntry, LeftBackups} from '../console/screens/backups.js';
import type {TerminalOptions} from '../console/session.js';
import {freeBytes} from '../host/files.js';
import {t} from '../locales/index.js';
import {type KeptBackup, keptBackups} from '../runbook/backup/kept.js';
import {readThrough, removeAlone} from './backups.js';
import {prepareState} from './runs.js';
import type {Arguments} from './usage.js';

/** Shows the backups of this host, and what can be done with each. Returns the one that is to be put back, if any. */
export async function showBackups(given: Arguments, terminal: TerminalOptions): Promise<LeftBackups> {
	const {runBackups} = await import('../console/main.js');
	let kept: readonly KeptBackup[] = [];
	const named = (id: string) => kept.filter(backup => backup.id === id);
	return runBackups({
		...terminal,
		async load() {
			await prepareState(given.state);
			kept = await keptBackups(given.state);
			return {backups: kept.map(entryOf), freeBytes: await freeBytes(given.state)};
		},
		async check(id, signal) {
			const [backup] = named(id);
			return backup ? readThrough(backup, signal) : [];
		},
		async remove(id) {
			for (const backup of named(id)) {
				await removeAlone(backup, given);
			}
		},
	});
}

function entryOf({bytes, checked, directory, id, record, unreadable}: KeptBackup): BackupEntry {
	return {
		id,
		bytes,
		...(record ? {version: record.from, sealedAt: record.sealedAt} : {}),
		...(checked ? {checked} : {}),
		...(record ? {} : {problem: unreadable ?? t('It was never completed, and cannot be restored.')}),
		facts: [
			[t('Backup'), id],
			...(record
				? ([
						[t('Version'), record.from],
						[t('Made before'), record.to],
						[t('Host'), record.host],
						[t('Made of'), record.base],
						[t('Files'), String(record.files)],
						[t('Databases'), databasesOf(record)],
					] as const)
				: []),
			[t('In'), directory],
		],
	};
}

function databasesOf({dumps, installation}: NonNullable<KeptBackup['record']>): string {
	const {database} = installation;
	return dumps.length === 0
		? t('{kind}, among the files', {kind: database.kind})
		: t('{kind}, {count} dumps', {kind: database.kind, count: dumps.length});
}
