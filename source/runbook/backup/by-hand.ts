import {join} from 'node:path';
import {restoreCommand} from '../../host/backup.js';
import {showCommand} from '../../host/process.js';
import {readDatabaseCommands} from '../../omflow/database-command.js';
import type {Dump} from '../../omflow/dump.js';
import {type Installation, partsOf} from '../../omflow/installation.js';
import {excludedFrom} from '../../preflight/scope.js';
import {paths, type StepContext} from '../facts.js';
import {copyOf, readBackupRecord} from './record.js';

/** Commands that put files and database of the installation back to what this run has sealed. */
export async function putBackByHand(context: StepContext): Promise<readonly string[]> {
	const {base} = context.facts;
	const directory = paths.backup(context);
	const exclude = excludedFrom(context.facts);
	const record = await readBackupRecord(directory);
	const loads = (record?.dumps ?? []).map(dump => loadByHand(dump, directory, record?.installation));
	return [
		showCommand(restoreCommand(copyOf(context, 'installation'), base, {exclude})),
		...(await Promise.all(loads)).flat(),
	];
}

/** The same for a database that is not in a file of the installation. Nobody's password is in it. */
async function loadByHand(dump: Dump, directory: string, installation: Installation | undefined): Promise<string[]> {
	const part = installation && partsOf(installation).find(({role}) => role === dump.role);
	const file = join(directory, dump.file);
	if (dump.by === 'command') {
		const commands = await readDatabaseCommands().catch(() => undefined);
		const settings = join(part?.directory ?? '', 'omflow', 'settings.py');
		const names = [`OMFLOW_TUI_DUMP=${file}`, `OMFLOW_TUI_PART=${dump.role}`, `OMFLOW_TUI_SETTINGS=${settings}`];
		return commands
			? [showCommand(['env', ...names, ...commands.load])]
			: [`# Load the database of the ${dump.role} from ${file}`];
	}

	if (dump.by === 'person') {
		return [`# Put the database of the ${dump.role} back from your own backup of before the window.`];
	}

	const {host, name = '', port, reach} = part?.database ?? {};
	const where = reach === 'remote' ? [...(host ? [`--host=${host}`] : []), ...(port ? [`--port=${port}`] : [])] : [];
	const note =
		'# As an administrator of the database. Tables that the patch has added stay; drop them before another try.';
	if (dump.kind === 'mysql') {
		return [note, `${showCommand(['mysql', ...where, name])} < ${showCommand([file])}`];
	}

	const restore = ['pg_restore', ...where, '--clean', '--if-exists', '--single-transaction', `--dbname=${name}`];
	const argv = reach === 'remote' ? restore : ['runuser', '--user=postgres', '--', ...restore];
	return [note, `${showCommand(argv)} < ${showCommand([file])}`];
}
