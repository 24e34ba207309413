import {readdir, stat} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {sha256Of} from './checksum.js';
import {CommandError, type Runner} from './process.js';

/** Control fields of a package file, as text. Throws an Error that names a file which is none. */
export async function debControl(runner: Runner, file: string): Promise<string> {
	try {
		return (await runner.capture(['dpkg-deb', '--field', file], {timeout: 300_000})).stdout.trimEnd();
	} catch (error) {
		throw error instanceof CommandError
			? new Error(`${file} is no Debian package, or was not copied whole. Copy it again, or take it away.`, {
					cause: error,
				})
			: error;
	}
}

/** Text of an index of the packages in a folder, as apt reads it from `Packages`. */
export async function packagesIndex(
	runner: Runner,
	directory: string,
	digests: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
	const files = (await readdir(directory)).filter(name => name.endsWith('.deb')).sort();
	const left = [...files];
	const stanzas = new Map<string, string>();
	const describe = async () => {
		for (let name = left.shift(); name !== undefined; name = left.shift()) {
			const file = join(directory, name);
			const [control, {size}, digest] = await Promise.all([
				debControl(runner, file),
				stat(file),
				digests.get(name) ?? sha256Of(file),
			]);
			stanzas.set(name, `${control}\nFilename: ./${name}\nSize: ${size}\nSHA256: ${digest}\n`);
		}
	};
	await Promise.all(Array.from({length: availableParallelism() * 2}, describe));
	return files.map(name => stanzas.get(name) ?? '').join('\n');
}
