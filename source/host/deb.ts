import {open, readdir, stat} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {t} from '../locales/index.js';
import {sha256Of} from './checksum.js';
import {CommandError, type Runner} from './process.js';

/** Control fields of a package file, as text. Throws an Error that names a file which is none, or not all of one. */
export async function debControl(runner: Runner, file: string): Promise<string> {
	try {
		const [{stdout}, isWhole] = await Promise.all([
			runner.capture(['dpkg-deb', '--field', file], {timeout: 300_000}),
			isWholeDeb(file),
		]);
		if (isWhole) {
			return stdout.trimEnd();
		}
	} catch (error) {
		if (!(error instanceof CommandError)) {
			throw error;
		}

		throw new Error(damaged(file), {cause: error});
	}

	throw new Error(damaged(file));
}

function damaged(file: string): string {
	return t('{file} is no Debian package, or was not copied whole. Copy it again, or take it away.', {file});
}

/** What dpkg writes and reads itself; see deb(5). An archive of `ar` with nothing behind its last member. */
const magic = '!<arch>\n';
const headerBytes = 60;
/** A package has three members, and in later versions of the format perhaps a few more. */
const mostMembers = 20;

/**
Whether a package reaches to its end. The control fields come first, so that dpkg-deb reads them of half a file as well,
and the other half would be missed in the middle of an installation.
*/
async function isWholeDeb(path: string): Promise<boolean> {
	const file = await open(path, 'r');
	try {
		const {size} = await file.stat();
		const header = Buffer.alloc(headerBytes);
		const names: string[] = [];
		let at = magic.length;
		while (at < size && names.length < mostMembers) {
			const {bytesRead} = await file.read(header, 0, headerBytes, at);
			const text = header.toString('latin1', 0, bytesRead);
			const [, name = '', bytes] = /^(.{16}).{32}(\d{1,10}) *`\n$/.exec(text) ?? [];
			if (bytes === undefined) {
				return false;
			}

			names.push(name.trim().replace(/\/$/, ''));
			at += headerBytes + Number(bytes);
			// Members begin at even places; the last one needs nothing behind it.
			at += at < size ? at % 2 : 0;
		}

		return at === size && names.some(name => name.startsWith('data.tar'));
	} finally {
		await file.close();
	}
}

/** Fields that an index has of its files. Of those in a package itself, apt would go by one that the index has not. */
const ofIndex = /^(?:Filename|Size|MD5sum|SHA1|SHA256|SHA512):.*\n?(?:[ \t].*\n?)*/gim;

/**
Text of an index of the packages in a folder, as apt reads it from `Packages`, in the order of the files' names.
`digests` are SHA-256 by name, as far as known. Throws an Error that names a file which is no package.
*/
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
			const fields = control.replaceAll(ofIndex, '').trimEnd();
			stanzas.set(name, `${fields}\nFilename: ./${name}\nSize: ${size}\nSHA256: ${digest}\n`);
		}
	};
	await Promise.all(Array.from({length: availableParallelism() * 2}, describe));
	return files.map(name => stanzas.get(name) ?? '').join('\n');
}
