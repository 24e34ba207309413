import {realpath} from 'node:fs/promises';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {databaseCommandsFile} from '../omflow/database-command.js';
import {type Installation, type Part, partsOf} from '../omflow/installation.js';
import {serverDatabase} from './database-dump.js';
import {excludedFrom, placeInBackup} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** Whether every database can be backed up and put back together with the files. */
export async function databases(subject: Subject, commandsFile = databaseCommandsFile): Promise<Finding[]> {
	const {installation} = subject;
	const exclude = excludedFrom({needs: needsOnTheWay(subject)});
	const findings = partsOf(installation).map(async part => [
		...(part.database.kind === 'sqlite'
			? await fileDatabase(installation, part, exclude)
			: await serverDatabase(subject, part, commandsFile)),
		...others(installation, part),
	]);
	return (await Promise.all(findings)).flat();
}

/** What settings.py names beside the default database. */
function others({base}: Installation, {database, role}: Part): Finding[] {
	return database.others
		? [
				{
					severity: 'warning',
					id: 'database-others',
					sentence: t(
						'The {role}’s settings.py names further databases, which are not backed up unless they are files in {base}.',
						{role, base},
					),
					evidence: database.others.join(', '),
					remedy: t('Back them up yourself right before the window if the patch may change them.'),
				},
			]
		: [];
}

async function fileDatabase(installation: Installation, part: Part, exclude: readonly string[]): Promise<Finding[]> {
	const {base} = installation;
	const {directory, database} = part;
	const {file} = database;
	if (file && (await placeInBackup(base, file, exclude)) !== undefined) {
		return [{severity: 'info', id: 'database', sentence: t('The database is SQLite, {file}.', {file})}];
	}

	const real = file && (await realpath(file).catch(() => undefined));
	if (file && !real && part !== installation) {
		return [
			{
				severity: 'warning',
				id: 'database-place',
				sentence: t('The {role} has no database yet: {file} is not there.', {role: part.role, file}),
				remedy: t('If it should have one, put it back; else nothing is lost.'),
			},
		];
	}

	const sentence = real
		? t('The database is {real}, which a backup of {base} does not hold.', {real, base})
		: file
			? t('The database {file} is not there.', {file})
			: t('Where the database is cannot be told from settings.py, so nothing says that the backup holds it.');
	return [
		{
			severity: 'blocker',
			id: 'database-place',
			sentence,
			...(real && real !== file ? {evidence: t('{file} leads there.', {file})} : {}),
			remedy:
				file && !real
					? t('Put it back, or correct DATABASES in settings.py.')
					: t(
							'Put the file itself into {directory} and its plain path into settings.py, or upgrade by the vendor’s page.',
							{directory},
						),
		},
	];
}
