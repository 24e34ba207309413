import {lstat, readFile} from 'node:fs/promises';
import {isAbsolute} from 'node:path';
import {t} from '../locales/index.js';

/** The administrator's own commands for a database this program has no tools for, or instead of those. */
export type DatabaseCommands = {
	/** Writes a dump to the file that the environment variable OMFLOW_TUI_DUMP names. */
	readonly dump: readonly string[];
	/** Makes the database what the dump in that file holds. */
	readonly load: readonly string[];
};

export const databaseCommandsFile = '/etc/omflow-tui/database.json';

/**
Reads them; undefined when there is no such file. Throws an Error that says what to do when it cannot be used: it makes
root run programs, so only root may have written it and them.
*/
export async function readDatabaseCommands(file = databaseCommandsFile): Promise<DatabaseCommands | undefined> {
	const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') {
			throw error;
		}
	});
	if (text === undefined) {
		return undefined;
	}

	let commands: Partial<DatabaseCommands>;
	try {
		commands = JSON.parse(text) as Partial<DatabaseCommands>;
	} catch (error) {
		throw new Error(
			t('{file} cannot be read: {message}. Correct it, or move it away.', {file, message: (error as Error).message}),
		);
	}

	const {dump, load} = commands ?? {};
	if (!isCommand(dump) || !isCommand(load)) {
		throw new Error(
			t('{file} wants {example}, with full paths. Correct it.', {
				file,
				example: '{"dump": ["/path", …], "load": ["/path", …]}',
			}),
		);
	}

	for (const path of [file, dump[0] ?? '', load[0] ?? '']) {
		const found = await lstat(path).catch(() => undefined);
		if (!found?.isFile()) {
			throw new Error(t('{path}, which {file} names, is not there. Correct it.', {path, file}));
		}

		if (found.uid !== 0 || (found.mode & 0o022) !== 0) {
			throw new Error(
				t('{path} belongs to others than root, or they may write it. Put right: chown root, chmod go-w.', {path}),
			);
		}
	}

	return {dump, load};
}

function isCommand(words: unknown): words is readonly string[] {
	return Array.isArray(words) && words.every(word => typeof word === 'string') && isAbsolute(words[0] ?? '');
}
