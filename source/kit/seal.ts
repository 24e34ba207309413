import {mkdir, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {sha256Of} from '../host/checksum.js';
import {packagesIndex} from '../host/deb.js';
import {writeDurably} from '../host/files.js';
import type {Runner} from '../host/process.js';
import {digestOf, type KitFile, type KitManifest, kitFiles} from './manifest.js';

/**
Makes a kit of a folder that has `debs/`, `wheels/`, `patches/`, the requirements and the lock: writes the index of the
packages and the manifest of everything. `origins` is by path; what is not in it was made here.
*/
export async function sealKit(
	runner: Runner,
	directory: string,
	head: Omit<KitManifest, 'files' | 'kind' | 'schema'>,
	origins: ReadonlyMap<string, Pick<KitFile, 'licence' | 'origin'>>,
): Promise<KitManifest> {
	const digests = new Map<string, string>();
	const files: KitFile[] = [];
	const add = async (path: string) => {
		const file = join(directory, path);
		const sha256 = await sha256Of(file);
		digests.set(path, sha256);
		const {licence, origin} = origins.get(path) ?? {origin: 'made for this kit'};
		files.push({path, bytes: (await stat(file)).size, sha256, origin, ...(licence ? {licence} : {})});
	};
	for (const folder of ['debs', 'wheels', 'patches']) {
		await mkdir(join(directory, folder), {recursive: true, mode: 0o700});
		for (const name of (await readdir(join(directory, folder))).sort()) {
			if (`${folder}/${name}` !== kitFiles.packages) {
				await add(`${folder}/${name}`);
			}
		}
	}

	const known = new Map([...digests].map(([path, digest]) => [path.replace(/^debs\//, ''), digest]));
	await writeDurably(join(directory, kitFiles.packages), await packagesIndex(runner, join(directory, 'debs'), known));
	for (const path of [kitFiles.packages, kitFiles.requirements, kitFiles.lock]) {
		await add(path);
	}

	const manifest: KitManifest = {schema: 1, kind: 'omflow-kit', ...head, files};
	const text = `${JSON.stringify(manifest, null, '\t')}\n`;
	await writeDurably(join(directory, kitFiles.manifest), text);
	await writeDurably(join(directory, kitFiles.digest), digestOf(text));
	return manifest;
}
