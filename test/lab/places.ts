import {createHash} from 'node:crypto';
import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

/** The checkout. */
export const project = fileURLToPath(new URL('../..', import.meta.url));

/** Everything the lab keeps; may be deleted at any time when no server runs. */
export const cache = path.join(project, 'node_modules/.cache/omflow-tui-lab');

/** Running servers, a folder each. On the disk with the layers: a temporary folder may be memory, too small for a server. */
export const servers = path.join(cache, 'servers');

/** The Node binary the lab puts into servers: the one the tests run with. */
export const node = process.execPath;

export function digest(...parts: readonly string[]): string {
	const hash = createHash('sha256');
	for (const part of parts) {
		hash.update(`${part.length}:`).update(part);
	}

	return hash.digest('hex').slice(0, 16);
}

/** A digest of files and of whole folders, names and contents. Missing ones count as empty. */
export async function digestFiles(paths: readonly string[]): Promise<string> {
	const parts: string[] = [];
	for (const start of [...paths].sort()) {
		for (const file of await filesBelow(start)) {
			parts.push(path.relative(project, file), digest(await readFile(file, 'latin1')));
		}
	}

	return digest(...parts);
}

async function filesBelow(start: string): Promise<string[]> {
	try {
		if (!(await stat(start)).isDirectory()) {
			return [start];
		}
	} catch {
		return [];
	}

	const entries = await readdir(start, {recursive: true, withFileTypes: true});
	return entries
		.filter(entry => entry.isFile())
		.map(entry => path.join(entry.parentPath, entry.name))
		.sort();
}
