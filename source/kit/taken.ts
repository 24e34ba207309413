import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {updateLists} from '../host/apt.js';
import {setAside} from '../host/apt-aside.js';
import {isThere, removeTree, syncDirectory, syncFilesystem} from '../host/files.js';
import type {Runner} from '../host/process.js';
import {signedBy} from '../host/signature.js';
import {t} from '../locales/index.js';
import {takeKit} from './archive.js';
import {type KitManifest, kitFiles, readManifest} from './manifest.js';
import {KitRefused} from './taker.js';

/** A kit that was copied, compared with its manifest and unpacked where only root can change it. */
export type Kit = {
	/** Its folder below the state directory. */
	readonly id: string;
	readonly directory: string;
	readonly manifest: KitManifest;
	/** Who signed it, where this host asks for that. */
	readonly signedBy?: string;
};

/**
Whose signature a kit must have on this host, in the form of ssh-keygen's “allowed signers”. As long as this file is
there, no kit without is used.
*/
export const signersFile = '/etc/omflow-tui/kit-signers';

/** Where taken kits are. */
export function kitsIn(state: string): string {
	return join(state, 'kits');
}

/** Where one of them is. */
export function kitPlace(state: string, id: string): string {
	return join(kitsIn(state), id);
}

/** The kit of a run, from the name its plan has for it. */
export async function kitOf(state: string, id: string): Promise<Kit> {
	const directory = kitPlace(state, id);
	const text = await readFile(join(directory, kitFiles.manifest), 'utf8').catch(() => {
		throw new KitRefused(
			t(
				'The kit of this run is gone: there is no {directory}. Take the run back with omflow-tui rollback, and start anew with --kit.',
				{directory},
			),
		);
	});
	return {id, directory, manifest: readManifest(text)};
}

/**
Takes a kit, an archive or a folder, into a state directory; of the others there, only those in `kept` stay. Throws a
KitRefused that names the item when something of it is missing, damaged or not signed; nothing is left then.
*/
export async function takeInto(
	runner: Runner,
	source: string,
	state: string,
	options: {
		readonly kept?: readonly string[];
		readonly signers?: string;
		readonly onProgress?: (bytes: number, total: number) => void;
	} = {},
): Promise<Kit> {
	return place(runner, state, options, directory => takeKit(source, directory, options.onProgress));
}

/** The same for one that `make` puts together in an empty folder. */
export async function place(
	runner: Runner,
	state: string,
	{kept = [], signers = signersFile}: {readonly kept?: readonly string[]; readonly signers?: string},
	make: (directory: string) => Promise<KitManifest>,
): Promise<Kit> {
	const kits = kitsIn(state);
	const unfinished = join(kits, 'unfinished');
	await removeTree(unfinished);
	await mkdir(unfinished, {recursive: true, mode: 0o700});
	try {
		const manifest = await make(unfinished);
		const signer = await requireSignature(runner, unfinished, signers);
		// Nobody reads it when it is tried; the folder above is root's alone.
		await runner.capture(['chmod', '--recursive', 'u=rwX,go=rX', unfinished]);
		const text = await readFile(join(unfinished, kitFiles.manifest));
		const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
		for (const name of await readdir(kits)) {
			if (name !== 'unfinished' && !kept.includes(name)) {
				await removeTree(join(kits, name));
			}
		}

		const directory = kitPlace(state, id);
		if (kept.includes(id)) {
			// In use, and what is in use is not exchanged.
			await removeTree(unfinished);
		} else {
			await syncFilesystem(runner, unfinished);
			await rename(unfinished, directory);
			await syncDirectory(kits);
		}

		return {id, directory, manifest, ...(signer ? {signedBy: signer} : {})};
	} catch (error) {
		await rm(unfinished, {recursive: true, force: true});
		throw error;
	}
}

async function requireSignature(runner: Runner, directory: string, signers: string): Promise<string | undefined> {
	// Whatever else is there of that name, no kit passes unsigned.
	if (!(await isThere(signers))) {
		return undefined;
	}

	const manifest = join(directory, kitFiles.manifest);
	const signature = join(directory, kitFiles.signature);
	if (!(await isThere(signature))) {
		throw new KitRefused(
			t(
				'The kit is not signed, and this host uses only kits that somebody of {signers} has signed. Build it with “kit build --sign KEY”; folders that were filled by hand cannot be signed.',
				{signers},
			),
		);
	}

	return signedBy(runner, manifest, signature, signers).catch((error: Error) => {
		throw new KitRefused(t('The signature of the kit does not count here: {message}', {message: error.message}));
	});
}

/**
apt with nothing but the packages of a kit, on this very host. Fetches nothing; returns its configuration. Each process
has one of its own, since two may look at a kit at once.
*/
export async function aptFor(runner: Runner, {directory}: Kit): Promise<string> {
	const configuration = await setAside({
		directory: join(directory, `apt-${process.pid}`),
		setup: {
			// Each file was compared with the manifest, which is what there is to trust.
			sources: [{name: 'kit.list', lines: [`deb [trusted=yes] file:${directory}/debs ./`]}],
			preferences: [],
			keys: [],
		},
	});
	await updateLists(runner, () => {}, {configuration, offline: true});
	return configuration;
}
