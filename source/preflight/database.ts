import {realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {type Installation, type Part, partsOf} from '../omflow/installation.js';
import {excludedFrom, placeInBackup} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** Whether every database can be backed up and put back together with the files. */
export async function databases(subject: Subject): Promise<Finding[]> {
	const {installation} = subject;
	const exclude = excludedFrom({needs: needsOnTheWay(subject)});
	return (await Promise.all(partsOf(installation).map(part => database(installation, part, exclude)))).flat();
}

async function database(installation: Installation, part: Part, exclude: readonly string[]): Promise<Finding[]> {
	const {base} = installation;
	const {directory, database} = part;
	if (database.kind !== 'sqlite') {
		return [
			{
				severity: 'blocker',
				id: 'database-engine',
				sentence:
					database.kind === 'unknown'
						? `Which database ${directory} uses cannot be told, so it cannot be backed up.`
						: `The database is ${database.kind}; this version of omflow-tui can only back up SQLite.`,
				...(database.engine ? {evidence: database.engine} : {}),
				remedy:
					database.kind === 'unknown'
						? `Check DATABASES in ${join(directory, 'omflow', 'settings.py')}.`
						: 'Upgrade by the vendor’s page, or wait for the version that dumps this database.',
			},
		];
	}

	const {file} = database;
	if (file && (await placeInBackup(base, file, exclude)) !== undefined) {
		return [{severity: 'info', id: 'database', sentence: `The database is SQLite, ${file}.`}];
	}

	const real = file && (await realpath(file).catch(() => undefined));
	if (file && !real && part !== installation) {
		return [
			{
				severity: 'warning',
				id: 'database-place',
				sentence: `The ${part.role} has no database yet: ${file} is not there.`,
				remedy: `If it should have one, put it back; else nothing is lost.`,
			},
		];
	}

	const sentence = real
		? `The database is ${real}, which a backup of ${base} does not hold.`
		: file
			? `The database ${file} is not there.`
			: 'Where the database is cannot be told from settings.py, so nothing says that the backup holds it.';
	return [
		{
			severity: 'blocker',
			id: 'database-place',
			sentence,
			...(real && real !== file ? {evidence: `${file} leads there.`} : {}),
			remedy:
				file && !real
					? 'Put it back, or correct DATABASES in settings.py.'
					: `Put the file itself into ${directory} and its plain path into settings.py, or upgrade by the vendor’s page.`,
		},
	];
}
