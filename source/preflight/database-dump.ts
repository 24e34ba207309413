import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {readDatabaseCommands} from '../omflow/database-command.js';
import {toolsFor} from '../omflow/database-programs.js';
import {type DatabaseServer, databaseServer} from '../omflow/database-server.js';
import {askTool, findPython, type Reached} from '../omflow/database-tool.js';
import type {Part} from '../omflow/installation.js';
import type {Subject} from './subject.js';

/** Whether a database that is not in a file can be dumped: by the administrator's commands, or by its own tools. */
export async function serverDatabase(subject: Subject, part: Part, commandsFile: string): Promise<Finding[]> {
	const {kind} = part.database;
	const commands = await readDatabaseCommands(commandsFile).catch((error: Error) => error);
	if (commands instanceof Error) {
		return [{severity: 'blocker', id: 'database-command', sentence: commands.message}];
	}

	if (commands) {
		const [program = ''] = commands.dump;
		const sentence = t('The database of the {role} is dumped by {program}, as {commandsFile} says.', {
			role: part.role,
			program,
			commandsFile,
		});
		return [{severity: 'info', id: 'database-command', sentence}];
	}

	return kind === 'postgresql' || kind === 'mysql'
		? byTools(subject, part, kind, commandsFile)
		: [byPerson(part, commandsFile)];
}

/** The first copy asks; without a person it ends there. */
function byPerson({database, directory, role}: Part, commandsFile: string): Finding {
	const settings = join(directory, 'omflow', 'settings.py');
	const what =
		database.kind === 'unknown'
			? t('Which database the {role} uses cannot be told from {settings}', {role, settings})
			: t('The database of the {role} is {kind}, which omflow-tui cannot dump itself', {role, kind: database.kind});
	return {
		severity: 'warning',
		id: 'database-command',
		sentence: t('{what}, and there is no {commandsFile}.', {what, commandsFile}),
		...(database.engine ? {evidence: database.engine} : {}),
		remedy: t(
			'Name commands there that dump and load it: the readme shows how. Else the first copy asks whether you back it up yourself, and with --yes ends there.',
		),
	};
}

async function byTools(
	{installation, runner}: Subject,
	{directory, role}: Part,
	kind: Reached['kind'],
	commandsFile: string,
): Promise<Finding[]> {
	const {environment} = installation;
	const settings = join(directory, 'omflow', 'settings.py');
	const tools = await toolsFor(kind).catch((error: Error) => error);
	if (tools instanceof Error) {
		return [{severity: 'blocker', id: 'database-tool', sentence: tools.message}];
	}

	if (!environment.runs) {
		return [];
	}

	const server = await databaseServer(runner, join(environment.path, 'bin', 'python'), settings);
	if ('cannotTell' in server) {
		return [outOfReach(server, role, settings, commandsFile)];
	}

	const told = kind === 'postgresql' ? await dumpVersion(runner, {kind, settings}, tools.dump, environment.path) : '';
	const [own = 0, theirs = 0] = [told, server.version].map(version => Number.parseInt(version, 10));
	return own < theirs && kind === 'postgresql'
		? [
				{
					severity: 'blocker',
					id: 'database-tool',
					sentence: t('{dump} is of PostgreSQL {told} and dumps no newer server; the {role}’s is {version}.', {
						dump: tools.dump,
						told,
						role,
						version: server.version,
					}),
					remedy: t('Install its own: apt-get install postgresql-client-{theirs}', {theirs}),
				},
			]
		: [
				{
					severity: 'info',
					id: 'database',
					sentence: t('The database of the {role} is {name} {version}; {dump} dumps it.', {
						role,
						name: server.name,
						version: server.version,
						dump: tools.dump,
					}),
				},
			];
}

/** A driver that is missing, or says what nobody understands, says nothing of the database's own tools. */
function outOfReach(
	{cannotTell, reason = 'other'}: Extract<DatabaseServer, {readonly cannotTell: string}>,
	role: Part['role'],
	settings: string,
	commandsFile: string,
): Finding {
	const remedy = ['settings', 'engine'].includes(reason)
		? t('Write plain values into {settings}, or name commands that dump and load it in {commandsFile}.', {
				settings,
				commandsFile,
			})
		: t('See that the database server runs and that {settings} names it rightly, then check again.', {settings});
	return ['driver', 'other'].includes(reason)
		? {
				severity: 'warning',
				id: 'database-reach',
				sentence: t('Whether the database of the {role} can be dumped shows with the first copy only: {cannotTell}.', {
					role,
					cannotTell,
				}),
				remedy,
			}
		: {
				severity: 'blocker',
				id: 'database-reach',
				sentence: t('The database of the {role} cannot be dumped: {cannotTell}.', {role, cannotTell}),
				remedy,
			};
}

/** As it is for that server: Debian has one of each version behind the same name. */
async function dumpVersion(
	runner: Subject['runner'],
	reached: Omit<Reached, 'python'>,
	dump: string,
	environment: string,
): Promise<string> {
	const python = await findPython(runner, environment);
	const said = await askTool(runner, {...reached, python}, [dump, '--version']);
	return /\d+(?:\.\d+)*/.exec(said)?.[0] ?? '';
}
