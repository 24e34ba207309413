import {stat} from 'node:fs/promises';
import {join} from 'node:path';
import {StepError} from '../../engine/step.js';
import {t} from '../../locales/index.js';
import {type DatabaseCommands, databaseCommandsFile, readDatabaseCommands} from '../../omflow/database-command.js';
import {thingsOfOthers} from '../../omflow/database-rights.js';
import {findPython, type Reached} from '../../omflow/database-tool.js';
import {type Dump, dumpDatabase, loadDump, prepareDumpFile} from '../../omflow/dump.js';
import {type Part, partsOf} from '../../omflow/installation.js';
import {installationWanted, paths, type StepContext} from '../facts.js';
import {showingDump} from './dump-pane.js';
import {type BackupRecord, parts} from './record.js';

/**
Dumps the databases that are not in a file of the installation into a backup, and reads the dumps back. For one that can
only be dumped by a command nobody gave, a person is asked to see to it.
*/
export async function dumpDatabases(context: StepContext, directory: string): Promise<Dump[]> {
	const dumps: Dump[] = [];
	for (const part of partsOf(installationWanted(context))) {
		if (part.database.kind !== 'sqlite') {
			dumps.push(await dumpOf(context, part, directory));
		}
	}

	return dumps;
}

/**
The settings.py that says how to reach the database of a part, now. In a restore it is that of the backup: what that leads
to is what will be overwritten, and the one in service may be damaged.
*/
function settingsNow({facts}: StepContext, part: Part): string {
	const file = settingsOf(part);
	return facts.backup ? join(facts.backup, parts.installation, file.slice(facts.base.length + 1)) : file;
}

/** Whether what is dumped can be put back, as far as that can be told beforehand. Throws when it cannot. */
export async function seeItCanGoBack(context: StepContext): Promise<void> {
	if (await readDatabaseCommands()) {
		return;
	}

	for (const {role} of partsOf(installationWanted(context))) {
		const reached = await reachedOf(context, role);
		const others = reached
			? await thingsOfOthers(context, reached).catch((error: Error) => {
					// What is damaged now is what a restore is for; the dump asks about it.
					if (context.facts.backup) {
						return [];
					}

					throw error;
				})
			: [];
		if (others.length > 0) {
			throw StepError.blocked(
				'database-owner',
				others.length > 3
					? t(
							'A dump of the database of the {role} cannot be put back by OMFLOW’s own user: {others} and {more} more belong to another one. Give them to it, or name commands of an administrator of the database in {databaseCommandsFile}.',
							{role, others: others.slice(0, 3).join(', '), more: others.length - 3, databaseCommandsFile},
						)
					: t(
							'A dump of the database of the {role} cannot be put back by OMFLOW’s own user: {others} belong to another one. Give them to it, or name commands of an administrator of the database in {databaseCommandsFile}.',
							{role, others: others.slice(0, 3).join(', '), databaseCommandsFile},
						),
			);
		}
	}
}

/** How the tools of a part's database reach it; undefined where there are none. */
export async function reachedOf(context: StepContext, role: Part['role']): Promise<Reached | undefined> {
	const part = partsOf(installationWanted(context)).find(each => each.role === role);
	const kind = part?.database.kind;
	return part && kind && isKnown(kind)
		? {kind, settings: settingsNow(context, part), python: await pythonFor(context)}
		: undefined;
}

async function dumpOf(context: StepContext, part: Part, directory: string): Promise<Dump> {
	const {role} = part;
	const {kind} = part.database;
	const file = join(parts.databases, `${role}.dump`);
	const path = join(directory, file);
	const {name} = part.database;
	const found = {
		...(name ? {name} : {}),
		...(context.facts.backup ? {settings: settingsNow(context, part)} : {}),
	};
	const commands = await readDatabaseCommands();
	if (commands) {
		const began = performance.now();
		await prepareDumpFile(path);
		const dump = async () => runCommand(context, commands.dump, part.role, settingsNow(context, part), path);
		await showingDump(context, part, path, dump);
		const bytes = await stat(path).then(
			({size}) => size,
			() => 0,
		);
		if (bytes === 0) {
			throw new StepError(
				t('{dump} ended well, but {path} is empty.', {dump: commands.dump[0], path}),
				t('It has to write a dump to the file that OMFLOW_TUI_DUMP names.'),
			);
		}

		return {role, kind, by: 'command', file, ...found, bytes, milliseconds: performance.now() - began};
	}

	const reached = await reachedOf(context, role);
	if (reached) {
		const dump = async () => dumpDatabase(context, reached, path);
		const dumped = await showingDump(context, part, path, dump, reached).catch((error: Error) => {
			if (context.facts.backup) {
				return error;
			}

			throw error;
		});
		if (!(dumped instanceof Error)) {
			return {role, kind, by: 'tools', file, ...found, ...dumped};
		}

		// What is damaged now is what a restore is for: a person may go on without a way back to it.
		await askForOwn(
			context,
			part,
			t('The present database of the {role} cannot be dumped: {message}', {role, message: dumped.message}),
		);
		return {role, kind, by: 'person', file: '', bytes: 0, milliseconds: 0};
	}

	const named = kind === 'unknown' ? t('of an unknown kind') : kind;
	await askForOwn(
		context,
		part,
		t('The database of the {role} is {named}, and no command in {databaseCommandsFile} dumps it.', {
			role,
			named,
			databaseCommandsFile,
		}),
	);
	return {role, kind, by: 'person', file: '', bytes: 0, milliseconds: 0};
}

/** Makes the databases what the dumps of a backup hold. May be cut and called again. */
export async function loadDatabases(
	context: StepContext,
	directory: string,
	{dumps, installation}: Pick<BackupRecord, 'dumps' | 'installation'>,
): Promise<void> {
	for (const dump of dumps) {
		const part = partsOf(installation).find(({role}) => role === dump.role);
		const file = join(directory, dump.file);
		if (!part) {
			throw new StepError(
				t('The backup says nothing of a {role}, whose database it has a dump of.', {role: dump.role}),
				t('Put it back by hand from {file}.', {file}),
			);
		}

		// As it was then: the one in service may have been changed, or be gone.
		const held = join(directory, parts.installation, settingsOf(part).slice(installation.base.length + 1));
		const settings = dump.settings ?? held;
		if (dump.by === 'command') {
			const commands = await commandsFor(file);
			await runCommand(context, commands.load, dump.role, settings, file);
		} else if (dump.by === 'tools' && isKnown(dump.kind)) {
			const reached = {kind: dump.kind, settings, python: await pythonFor(context)};
			const name = dump.name ?? part.database.name;
			if (dump.kind === 'mysql' && !name) {
				throw new StepError(
					t('The name of the database cannot be told from settings.py.'),
					t('Load {file} by hand.', {file}),
				);
			}

			await loadDump(context, reached, file, {
				database: name ?? '',
				scratch: join(context.directory, 'load'),
				...(dump.characters ? {characters: dump.characters} : {}),
			});
		} else {
			await askWhetherBack(context, part);
		}

		await context.say(t('The database of the {role} is what the backup holds.', {role: dump.role}));
	}
}

async function commandsFor(file: string): Promise<DatabaseCommands> {
	const commands = await readDatabaseCommands();
	if (!commands) {
		throw new StepError(
			t('The command that puts the database back is gone: there is no /etc/omflow-tui/database.json any more.'),
			t(
				'Put that file back, or load {file} by hand and put a “load” there that does nothing; then start omflow-tui again.',
				{file},
			),
		);
	}

	return commands;
}

async function runCommand(context: StepContext, argv: readonly string[], part: string, settings: string, file: string) {
	await context.run(argv, {
		env: {OMFLOW_TUI_DUMP: file, OMFLOW_TUI_PART: part, OMFLOW_TUI_SETTINGS: settings},
		shownAs: argv.join(' '),
	});
}

function settingsOf({directory}: Part): string {
	return join(directory, 'omflow', 'settings.py');
}

function isKnown(kind: Dump['kind']): kind is Reached['kind'] {
	return kind === 'postgresql' || kind === 'mysql';
}

async function pythonFor(context: StepContext): Promise<string> {
	return findPython(context, paths.environment(context.facts));
}

/** Asked once a run: before anything is stopped. */
async function askForOwn(context: StepContext, {role}: Part, why: string): Promise<void> {
	await context.ask(
		{
			id: `database/${role}`,
			kind: 'choice',
			prompt: t('{why} Without a dump nothing here can take it back.', {why}),
			choices: [
				{value: 'stop', label: t('Stop here'), explanation: t('Write the commands into that file, then start again.')},
				{
					value: 'own',
					label: t('I back it up myself'),
					explanation: t('Right before the window. You are asked to put it back if everything is taken back.'),
				},
			],
			initial: 'stop',
		},
		{kind: 'choice', value: 'stop'},
		async ({value}) => {
			if (value === 'stop') {
				throw StepError.blocked(
					'database-command',
					t(
						'{why} Put that right, write commands for it into {databaseCommandsFile}, or start omflow-tui in a terminal and decide.',
						{why, databaseCommandsFile},
					),
				);
			}

			return value === 'own' ? undefined : t('Choose one of the two.');
		},
	);
}

/** Files are never put back over a database that may be migrated without a word. */
async function askWhetherBack(context: StepContext, {role}: Part): Promise<void> {
	await context.ask(
		{
			id: `database-back/${role}`,
			always: true,
			kind: 'choice',
			prompt: t(
				'The files are back. Put the database of the {role} back now, from your own backup of before the window.',
				{role},
			),
			choices: [
				{
					value: 'later',
					label: t('Not yet'),
					explanation: t('The run ends here; OMFLOW stays stopped. Start omflow-tui to go on.'),
				},
				{value: 'back', label: t('It is back'), explanation: t('OMFLOW is started on it.')},
			],
			initial: 'later',
		},
		{kind: 'choice', value: 'later'},
		async ({value}) => {
			if (value === 'later') {
				throw new StepError(
					t('The database of the {role} has to be put back from your own backup first.', {role}),
					t('Do so, then start omflow-tui in a terminal and say that it is back.'),
				);
			}

			return value === 'back' ? undefined : t('Choose one of the two.');
		},
	);
}
