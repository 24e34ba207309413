import {chmod, cp, mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Context} from '../engine/step.js';
import {place} from './sample-place.js';
import type {SampleRole} from './sample-shape.js';

/**
Beside this file in the source, and beside the bundle that holds it: `server` is 1.1.6.1, and each update holds
only what it changes, so that a later version is the older one with the updates up to it laid over.
*/
const files = fileURLToPath(new URL('./sample/', import.meta.url));

/** Oldest first. As the vendor ships them, the folder inside has another name than the archive. */
const updates = [
	{version: '1.1.6.3', folder: 'patch_1_1_6_3', inside: 'omflow_patch_1_1_6_3_upgrade2'},
	{version: '1.2.0.0', folder: 'patch_1_2_0_0', inside: 'omflow_patch_1_2_0_0_upgrade4'},
] as const;

type Update = (typeof updates)[number];

/** What a collector has from the server's code; the rest is its own. */
const common = ['manage.py', 'omflow', 'ommission', 'templates'];
const notCommon = ['settings.py', 'urls.py', 'wsgi.py'];

const programs: Readonly<Record<SampleRole, readonly string[]>> = {
	server: ['manage.py', 'omflow_server', 'omflow_config.sh'],
	collector: ['manage.py', 'omflow_collector'],
};

const emptyFolders: Readonly<Record<SampleRole, readonly string[]>> = {
	server: ['logs', 'uploads', 'staticfiles', 'locale'],
	collector: ['logs'],
};

/** Puts the files of a role in their place, as a fresh installation of that version has them, without a database. */
export async function makeTree(role: SampleRole, version: string): Promise<void> {
	const target = place[role];
	await rm(target, {recursive: true, force: true});
	await lay('server', role, target);
	for (const {folder} of updatesTo(version)) {
		await lay(`${folder}/server`, role, target);
	}

	if (role === 'collector') {
		await cp(join(files, 'collector'), target, {recursive: true});
	}

	for (const name of programs[role]) {
		await chmod(join(target, name), 0o755);
	}

	for (const name of emptyFolders[role]) {
		await mkdir(join(target, name), {recursive: true});
	}

	const number = version.split('.').map(part => part.padStart(3, '0'));
	await writeFile(join(target, 'omflow/syscom/version.bin'), `version=${version}\nversion_num=${number.join('')}\n`);
}

/**
The vendor's archives as they are made in a folder, oldest first. Each is complete: it brings what the updates before
it brought.
*/
export function archivesIn(folder: string): string[] {
	return updates.map(update => archiveOf(update, folder));
}

/** Makes the archives, and beside each its sum as `sha256sum` writes it. */
export async function makeArchives<Facts>(context: Context<Facts>, folder: string): Promise<void> {
	await mkdir(folder, {recursive: true});
	const stage = join(place.marks, 'patch');
	for (const [index, update] of updates.entries()) {
		await rm(stage, {recursive: true, force: true});
		await cp(join(files, update.folder), stage, {recursive: true});
		await chmod(join(stage, 'patch.sh'), 0o755);
		for (const each of updates.slice(0, index + 1)) {
			await lay(`${each.folder}/server`, 'server', join(stage, 'server'));
			await lay(`${each.folder}/server`, 'collector', join(stage, 'collector'));
		}

		const archive = archiveOf(update, folder);
		const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w', '--sort=name'];
		const names = ['--transform', `s,^\\.,${update.inside},`, '-C', stage, '.'];
		await context.run(['tar', '-czf', `${archive}.new`, ...owner, ...names]);
		await chmod(`${archive}.new`, 0o644);
		await rename(`${archive}.new`, archive);
		const {stdout} = await context.capture(['sha256sum', basename(archive)], {cwd: folder});
		await writeFile(`${archive}.sha256`, stdout, {mode: 0o644});
	}

	await rm(stage, {recursive: true, force: true});
}

function archiveOf({folder}: Update, where: string): string {
	return join(where, `omflow_${folder}.tar.gz`);
}

function updatesTo(version: string): readonly Update[] {
	return updates.slice(0, updates.findIndex(update => update.version === version) + 1);
}

/** Lays a folder of the server's code over what a role has already: all of it, or what a collector shares. */
async function lay(folder: string, role: SampleRole, target: string): Promise<void> {
	const source = join(files, folder);
	await cp(source, target, {
		recursive: true,
		filter(path) {
			const [top = '', ...rest] = path.slice(source.length + 1).split('/');
			return role === 'server' || top === '' || (common.includes(top) && !notCommon.includes(rest.at(-1) ?? ''));
		},
	});
}
