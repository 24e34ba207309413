import {constants} from 'node:fs';
import {copyFile, lstat, mkdir, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {writeDurably} from '../host/files.js';
import type {Runner} from '../host/process.js';
import {parseSourceName, parseWheelName} from '../host/wheel.js';
import {type KitFile, type KitManifest, kitFiles} from './manifest.js';
import {sealKit} from './seal.js';

export type ByHandOptions = Omit<KitManifest, 'createdAt' | 'files' | 'kind' | 'request' | 'schema' | 'toBuild'> & {
	/** Empty and private. */
	readonly directory: string;
	/** Folders with packages, and with wheels and sources of Python packages. */
	readonly debs?: string;
	readonly wheels?: string;
	readonly patches: readonly string[];
	/** Lines for pip. */
	readonly requirements: readonly string[];
};

/**
Makes a kit of what somebody has fetched by hand, so that it is checked and used as any other. Throws an Error that names
the file which is none of these, or two versions of one package.
*/
export async function makeKitByHand(runner: Runner, options: ByHandOptions): Promise<KitManifest> {
	const {debs, directory, patches, requirements, wheels, ...head} = options;
	const origins = new Map<string, Pick<KitFile, 'origin'>>();
	const take = async (folder: string, files: readonly string[]) => {
		await mkdir(join(directory, folder), {mode: 0o700});
		for (const file of files) {
			if (!(await lstat(file)).isFile()) {
				throw new Error(`${file} is not a plain file. Put the file itself there.`);
			}

			await copyFile(file, join(directory, folder, basename(file)), constants.COPYFILE_EXCL);
			origins.set(`${folder}/${basename(file)}`, {origin: 'by hand'});
		}
	};
	const python = await filesIn(wheels, name => (parseWheelName(name) ?? parseSourceName(name)) !== undefined);
	await take('debs', await filesIn(debs, name => name.endsWith('.deb')));
	await take('wheels', python);
	await take('patches', patches);
	const versions = versionsOf(python.map(path => basename(path)));
	await writeDurably(join(directory, kitFiles.requirements), requirements.map(line => `${line}\n`).join(''));
	await writeDurably(
		join(directory, kitFiles.lock),
		[...versions].map(([name, {version}]) => `${name}==${version}\n`).join(''),
	);
	const toBuild = [...versions].flatMap(([name, {isBuilt}]) => (isBuilt ? [] : [name]));
	return sealKit(runner, directory, {...head, createdAt: Date.now(), toBuild}, origins);
}

/** What lies in a folder beside packages, such as a list of checksums, is left there. */
async function filesIn(folder: string | undefined, isMeant: (name: string) => boolean): Promise<string[]> {
	if (folder === undefined) {
		return [];
	}

	const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		throw new Error(`${folder} cannot be read (${error.code}). Name the folder with the files.`);
	});
	return names
		.filter(isMeant)
		.sort()
		.map(name => join(folder, name));
}

function versionsOf(names: readonly string[]): Map<string, {readonly version: string; readonly isBuilt: boolean}> {
	const versions = new Map<string, {version: string; isBuilt: boolean; file: string}>();
	for (const file of names) {
		const wheel = parseWheelName(file);
		const {name, version} = wheel ?? parseSourceName(file) ?? {name: '', version: ''};
		const other = versions.get(name);
		if (other && other.version !== version) {
			throw new Error(`${other.file} and ${file} are two versions of one package. Take one of them away.`);
		}

		versions.set(name, {version, file, isBuilt: wheel !== undefined || other?.isBuilt === true});
	}

	return versions;
}
