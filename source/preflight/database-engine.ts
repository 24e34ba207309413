import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {shownLine} from './show.js';
import type {Subject} from './subject.js';

/**
Whether settings.py names a driver of SQL Server that does not work with Django 4.2. `mssql-django`, which takes their
place (`requirement-rules.ts`), is called `mssql` there.
*/
export async function databaseEngine({installation, hops}: Subject): Promise<readonly Finding[]> {
	if (!hops.some(({needs}) => needs)) {
		return [];
	}

	return [installation, ...installation.beside].flatMap(({role, directory, database: {engine, kind}}) =>
		kind !== 'mssql' || engine === 'mssql'
			? []
			: [
					{
						severity: 'warning' as const,
						id: 'mssql-engine',
						sentence: t(
							'The {role}’s driver for SQL Server does not work with Django 4.2; mssql-django below 2 takes its place.',
							{role},
						),
						evidence: `${join(directory, 'omflow/settings.py')}: ENGINE is '${shownLine(engine)}'`,
						remedy: t(
							"Write 'ENGINE': 'mssql' there, at the time of the upgrade and before OMFLOW starts again, and see that the list of Python packages has mssql-django>=1.3,<2.",
						),
					},
				],
	);
}
