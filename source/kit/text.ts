import {readFile} from 'node:fs/promises';

/** Lines of a text file without the empty ones. */
export async function linesOf(path: string): Promise<string[]> {
	return (await readFile(path, 'utf8')).split('\n').filter(line => line.trim() !== '');
}
