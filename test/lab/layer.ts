import {mkdir, readdir, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {withLock} from './commands.js';
import {cache, servers} from './places.js';

/** A finished layer of a server, below others or a running one. Never written to again. */
export type Layer = {readonly key: string; readonly root: string};

/**
Makes a layer if it is not there yet. Built aside and renamed when finished: one that was cut is never
taken for a whole one.
*/
export async function makeLayer(name: string, key: string, build: (root: string) => Promise<void>): Promise<Layer> {
	const root = path.join(cache, key, name);
	return withLock(path.join(cache, `${name}.lock`), async () => {
		if (await exists(root)) {
			return {key, root};
		}

		const aside = path.join(cache, key, `${name}.unfinished`);
		await rm(aside, {recursive: true, force: true});
		await mkdir(aside, {recursive: true});
		const started = Date.now();
		await build(aside);
		await rename(aside, root);
		console.log(`The lab made its ${name} layer in ${Math.round((Date.now() - started) / 1000)} s.`);
		await removeOlder(name, key);
		return {key, root};
	});
}

/** Layers of earlier recipes are only a waste of disk; but a running server may stand on one. */
async function removeOlder(name: string, key: string): Promise<void> {
	if ((await readdir(servers).catch(() => [])).length > 0) {
		return;
	}

	for (const other of await readdir(cache)) {
		const places = [name, `${name}.unfinished`].map(each => exists(path.join(cache, other, each)));
		if (other !== key && (await Promise.all(places)).includes(true)) {
			await rm(path.join(cache, other), {recursive: true, force: true});
		}
	}
}

async function exists(file: string): Promise<boolean> {
	return stat(file).then(
		() => true,
		() => false,
	);
}
