import {constants} from 'node:fs';
import {copyFile, lstat, mkdir, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {writeDurably} from '../host/files.js';
import type {Runner} from '../host/process.js';
import {parseSourceName, parseWheelName} from '../host/wheel.js';
import {wheelMetadata} from '../host/wheel-metadata.js';
import {mark, t} from '../locales/index.js';
import {isKitPath, type KitFile, type KitManifest, kitFiles} from './manifest.js';
import {sealKit} from './seal.js';

export type ByHandOptions = Omit<KitManifest, 'createdAt' | 'files' | 'kind' | 'request' | 'schema' | 'toBuild'> & {
	/** Empty and private. */
	readonly directory: string;
	/** Folders with packages, and with wheels and sources of Python packages. */
	readonly debs?: string;
	readonly wheels?: string;
	/** Lines for pip. */
	readonly requirements: readonly string[];
};

/**
Makes a kit of what somebody has fetched by hand, so that it is checked and used as any other. Throws an Error that names
the file which is none of these, has a name that no kit can have or was not copied whole, or two versions of one package.
*/
export async function makeKitByHand(runner: Runner, options: ByHandOptions): Promise<KitManifest> {
	const {debs, directory, requirements, wheels, ...head} = options;
	const origins = new Map<string, Pick<KitFile, 'licence' | 'origin'>>();
	const take = async (folder: string, files: readonly string[]) => {
		await mkdir(join(directory, folder), {mode: 0o700});
		for (const file of files) {
			if (!(await lstat(file)).isFile()) {
				throw new Error(t('{file} is not a plain file. Put the file itself there.', {file}));
			}

			const path = `${folder}/${basename(file)}`;
			if (!isKitPath(path)) {
				throw new Error(t('{file} has a name that no file of a kit has. {rename}', {file, rename: t(rename)}));
			}

			await copyFile(file, join(directory, path), constants.COPYFILE_EXCL);
			origins.set(path, {origin: 'by hand'});
		}
	};
	const python = await filesIn(wheels, name => isWheel(name) || parseSourceName(name) !== undefined);
	const misnamed = python.filter(isWheel).find(path => !parseWheelName(basename(path)));
	if (misnamed) {
		throw new Error(t('{misnamed} has a name that no wheel has. {rename}', {misnamed, rename: t(rename)}));
	}

	const versions = versionsOf(python.map(path => basename(path)));
	await take('debs', await filesIn(debs, name => name.endsWith('.deb')));
	await take('wheels', python);
	for (const path of python.filter(isWheel)) {
		const licence = await licenceIn(path);
		origins.set(`wheels/${basename(path)}`, {origin: 'by hand', ...(licence ? {licence} : {})});
	}

	await writeDurably(join(directory, kitFiles.requirements), requirements.map(line => `${line}\n`).join(''));
	await writeDurably(
		join(directory, kitFiles.lock),
		[...versions]
			.map(([name, {version}]) => `${name}==${version}\n`)
			.sort()
			.join(''),
	);
	const toBuild = [...versions].flatMap(([name, {isBuilt}]) => (isBuilt ? [] : [name]));
	return sealKit(runner, directory, {...head, createdAt: Date.now(), toBuild}, origins).catch((error: Error) => {
		// The copy goes when this fails; it is the original that has to be copied again.
		error.message = error.message.replaceAll(`${join(directory, 'debs')}/`, `${debs}/`);
		throw error;
	});
}

/** A browser that fetched a file twice makes up a name, as does who shortens it; pip goes by the name alone. */
const rename = mark('Give it the name under which it was offered.');

function isWheel(path: string): boolean {
	return path.endsWith('.whl');
}

/** The licence that a wheel names, if any; throws when it is not all there or another than its name says. */
async function licenceIn(path: string): Promise<string | undefined> {
	const {licence, name, version} = await wheelMetadata(path);
	if (name !== parseWheelName(basename(path))?.name) {
		throw new Error(
			t('{path} holds another package, {name} {version}. {rename}', {path, name, version, rename: t(rename)}),
		);
	}

	return licence;
}

/** What lies in a folder beside packages, such as a list of checksums, is left there. */
async function filesIn(folder: string | undefined, isMeant: (name: string) => boolean): Promise<string[]> {
	if (folder === undefined) {
		return [];
	}

	const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		throw new Error(t('{folder} cannot be read ({code}). Name the folder with the files.', {folder, code: error.code}));
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
			throw new Error(
				t('{one} and {other} are two versions of one package. Take one of them away.', {
					one: other.file,
					other: file,
				}),
			);
		}

		versions.set(name, {version, file, isBuilt: wheel !== undefined || other?.isBuilt === true});
	}

	return versions;
}
