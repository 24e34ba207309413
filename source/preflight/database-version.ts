import path from 'node:path';
import type {Finding} from '../engine/state.js';
import {databaseFindings, databaseServer} from '../omflow/database-server.js';
import {partsOf} from '../omflow/installation.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** Whether the database is new enough for the Django that a hop brings. Asks it through the environment's own driver. */
export async function databaseVersion(subject: Subject): Promise<readonly Finding[]> {
	const {installation, runner} = subject;
	const {environment} = installation;
	if (!needsOnTheWay(subject) || !environment.runs) {
		return [];
	}

	const python = path.join(environment.path, 'bin', 'python');
	const servers = partsOf(installation).filter(({database}) => !['sqlite', 'unknown'].includes(database.kind));
	const findings = servers.map(async ({directory}) =>
		databaseFindings(await databaseServer(runner, python, path.join(directory, 'omflow', 'settings.py'))),
	);
	return (await Promise.all(findings)).flat();
}
