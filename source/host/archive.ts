import {constants} from 'node:fs';
import {lstat, open, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {t} from '../locales/index.js';
import {listMembers, type Member, refuseUnsafe} from './archive-members.js';
import {ArchiveRefused, quoted} from './archive-refused.js';
import {type ArchiveLimits, defaultLimits, scanArchive} from './archive-scan.js';
import {freeBytes, syncDirectory} from './files.js';
import type {Runner} from './process.js';

export type {Member} from './archive-members.js';
export {ArchiveRefused} from './archive-refused.js';
export type {ArchiveLimits} from './archive-scan.js';

export type Archive = {
	/** Folder with `patch.sh`, relative to where the archive is unpacked; `.` when it lies on top. */
	readonly folder: string;
	/** `patch.sh` with that folder, for example `omflow_patch_1_1_6_4_upgrade4/patch.sh`. */
	readonly script: string;
	readonly members: readonly Member[];
	/** Unpacked size of all files together. */
	readonly expandedBytes: number;
};

export type TakenArchive = {
	/** The copy. */
	readonly file: string;
	/** 64 hexadecimal digits, of the copy. */
	readonly sha256: string;
	readonly bytes: number;
};

/** Room that a filesystem must have beyond what is unpacked. */
const margin = 16 * 1024 ** 2;
/** What a file takes at most beyond its size, and a directory or link altogether. */
const perMember = 4096;

/**
Copies an archive into an existing private directory (mode 0700) and computes its SHA-256 on the way. What lies in
/tmp or in a home can change at any moment: look into the copy, and unpack the copy. The copy has the archive's name
with every unusual character replaced; one that is there already is replaced. A link is followed.
Throws an Error when it is no file or too large, and the system's own (such as ENOSPC) when copying fails; then
nothing is left of the copy.
*/
export async function takeArchive(file: string, directory: string): Promise<TakenArchive> {
	await requirePrivate(directory);
	const {createHash} = await import('node:crypto');
	const hash = createHash('sha256');
	const copy = path.join(directory, harmlessName(file));
	const unfinished = `${copy}.unfinished`;
	// Not to wait for somebody who would write into a pipe of that name.
	const source = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		const found = await source.stat();
		if (!found.isFile()) {
			throw new Error(t("{file} is not a file. Give the vendor's archive itself, not the unpacked folder.", {file}));
		}

		await rm(unfinished, {force: true});
		const target = await open(unfinished, 'wx', 0o600);
		let bytes = 0;
		try {
			for await (const part of source.createReadStream({autoClose: false, highWaterMark: 256 * 1024})) {
				bytes += (part as Buffer).length;
				if (bytes > defaultLimits.expandedBytes) {
					throw new ArchiveRefused(
						file,
						t('it has more than {expandedBytes} bytes', {expandedBytes: defaultLimits.expandedBytes}),
					);
				}

				hash.update(part as Buffer);
				await target.writeFile(part as Buffer);
			}

			await target.sync();
		} finally {
			await target.close();
		}

		await rename(unfinished, copy);
		await syncDirectory(directory);
		return {file: copy, sha256: hash.digest('hex'), bytes};
	} catch (error) {
		await rm(unfinished, {force: true});
		throw error;
	} finally {
		await source.close();
	}
}

/** Letters of ASCII, digits, `.`, `_` and `-`; no dot or dash first. Room for `.unfinished` stays. */
function harmlessName(file: string): string {
	const name = path.basename(file).replaceAll(/[^\w.-]/g, '_');
	return name.replace(/^[.-]+/, '').slice(-200) || 'patch';
}

/**
Lists a patch archive and refuses what could write outside of its folder, what hides something from the listing, and
what is no OMFLOW patch. Reads the whole archive twice, in bounded memory. Throws `ArchiveRefused`, which names the
member and says what to do.
*/
export async function inspectArchive(
	runner: Runner,
	file: string,
	limits: Partial<ArchiveLimits> = {},
): Promise<Archive> {
	const scan = await scanArchive(file, {...defaultLimits, ...limits});
	const members = await listMembers(runner, file);
	const bytes = members.reduce((sum, member) => sum + (member.kind === 'file' ? member.bytes : 0), 0);
	refuseUnsafe(file, members);
	// Both went through the same bytes. If they found different things, nobody knows what would be unpacked.
	if (members.length !== scan.members || bytes !== scan.expandedBytes) {
		throw new ArchiveRefused(file, t('it can be read in more than one way'));
	}

	const scripts = new Set(members.flatMap(member => scriptIn(member.name) ?? []));
	const [name, ...more] = scripts;
	if (name === undefined) {
		throw new ArchiveRefused(file, t('there is no patch.sh in it'));
	}

	if (more.length > 0) {
		const names = [...scripts].slice(0, 3).map(quoted).join(', ');
		throw new ArchiveRefused(file, t('there are {size} patch.sh in it: {names}', {size: scripts.size, names}));
	}

	// Of two names for one file, tar calls the later one a link.
	const kind = members.find(member => member.name === name)?.kind;
	if (kind !== 'file' && kind !== 'hardLink') {
		throw new ArchiveRefused(file, t('its member {name} is no file', {name: quoted(name)}));
	}

	return {folder: path.posix.dirname(name), script: name, members, expandedBytes: scan.expandedBytes};
}

/** The path of a patch.sh that a member is, or lies in. */
function scriptIn(name: string): string | undefined {
	const parts = name.split('/');
	const at = parts.indexOf('patch.sh');
	return at === -1 ? undefined : parts.slice(0, at + 1).join('/');
}

/**
Inspects an archive and unpacks it into an existing, empty, private directory (mode 0700). Files belong to whoever
runs this and keep their permission bits, since patch.sh may copy them with these. Returns what was unpacked.
Throws `ArchiveRefused`, and an Error when the directory is not private or empty, has too little room, or tar fails.
*/
export async function unpackArchive(runner: Runner, file: string, directory: string): Promise<Archive> {
	await requirePrivate(directory);
	if ((await readdir(directory)).length > 0) {
		throw new Error(
			t('{directory} must be empty, for only the archive to lie in it afterwards. Empty it.', {directory}),
		);
	}

	const archive = await inspectArchive(runner, file);
	const needed = archive.expandedBytes + archive.members.length * perMember + margin;
	const free = await freeBytes(directory);
	if (free < needed) {
		throw new Error(
			t('The filesystem of {directory} has {free} free; {file} needs {needed}. Make room there and try again.', {
				directory,
				free: megabytes(free),
				file: path.basename(file),
				needed: megabytes(needed),
			}),
		);
	}

	await runner.run([
		'tar',
		'--extract',
		'--gzip',
		'--no-same-owner',
		'--preserve-permissions',
		// The archive has a mode for its root too, which would open the directory to everybody.
		'--no-overwrite-dir',
		'--directory',
		directory,
		// A colon in the name would else be taken for another host.
		'--force-local',
		'--file',
		file,
	]);
	return archive;
}

/** Throws an Error unless this is a directory of whoever runs this, which nobody else can enter. */
export async function requirePrivate(directory: string): Promise<void> {
	const found = await lstat(directory).catch(() => undefined);
	if (!found?.isDirectory() || (found.mode & 0o077) !== 0 || found.uid !== process.getuid?.()) {
		throw new Error(
			t('{directory} must be a directory that only its owner can enter. Make it with mode 0700.', {directory}),
		);
	}
}

function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
The version in an archive's name: `1.1.6.4` for `omflow_patch_1_1_6_4_upgrade3.tar.gz`; undefined when the
name has another form. A hint only: the vendor's page applies just that archive to reach 1.2.0.0.
*/
export function versionFromName(fileName: string): string | undefined {
	const match = /^omflow_patch_(\d{1,9})_(\d{1,9})_(\d{1,9})_(\d{1,9})(?:_[\w.-]*?)?\.(?:tar\.gz|tgz)$/i.exec(
		path.basename(fileName),
	);
	return match?.slice(1, 5).map(Number).join('.');
}
