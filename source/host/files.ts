import {constants, lstatSync, readdirSync} from 'node:fs';
import {lstat, open, rename, rm, statfs, unlink} from 'node:fs/promises';
import {basename, dirname, isAbsolute, join, normalize} from 'node:path';
import {t} from '../locales/index.js';
import {faultPoint} from './fault.js';
import type {Runner} from './process.js';

export type WriteOptions = {
	/** Permission bits, whatever the umask says. Default: 0o600. */
	readonly mode?: number;
	/** Default: whoever this process is. */
	readonly owner?: {readonly uid: number; readonly gid: number};
};

/**
Replaces a file so that after a power cut there is either the whole old or the whole new one: temporary
file, fsync, rename, fsync of the directory. A link at `path` is replaced, not followed: resolve it before.
*/
export async function writeDurably(path: string, data: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
	const temporary = temporaryFor(path);
	try {
		// What an earlier call left that was killed.
		await rm(temporary, {force: true});
		const file = await open(temporary, 'wx', 0o600);
		try {
			await file.writeFile(data);
			if (options.owner) {
				await file.chown(options.owner.uid, options.owner.gid);
			}

			// After chown, which clears the set-id bits.
			await file.chmod(options.mode ?? 0o600);
			await file.sync();
		} finally {
			await file.close();
		}

		faultPoint(`write/${basename(path)}`);
		await rename(temporary, path);
		faultPoint(`written/${basename(path)}`);
	} catch (error) {
		await unlink(temporary).catch(() => {});
		throw error;
	} finally {
		temporaries.delete(temporary);
	}

	await syncDirectory(dirname(path));
}

/** Always the same name, so that nothing stays behind for ever; another one only while that is being written. */
function temporaryFor(path: string): string {
	for (let number = 0; ; number++) {
		const name = join(dirname(path), `.${basename(path)}.omflow-tui${number || ''}.tmp`);
		if (!temporaries.has(name)) {
			temporaries.add(name);
			return name;
		}
	}
}

const temporaries = new Set<string>();

/** Whether there is anything of that name; a link counts itself, wherever it leads. */
export async function isThere(path: string): Promise<boolean> {
	return lstat(path).then(
		() => true,
		() => false,
	);
}

/** Makes renames and removals in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
	const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		await directory.sync();
	} finally {
		await directory.close();
	}
}

/** Makes everything written so far to the filesystem of `path` survive a power cut. */
export async function syncFilesystem(runner: Pick<Runner, 'run'>, path: string): Promise<void> {
	await runner.run(['sync', '--file-system', path]);
}

/**
Removes a directory with all that is in it, or a file, or nothing when it is not there. Links are removed, not
followed. Refuses paths that are relative or right below the root: none of these is ever meant.
*/
export async function removeTree(path: string): Promise<void> {
	const clean = normalize(path);
	if (!isAbsolute(clean) || clean.split('/').filter(Boolean).length < 2) {
		throw new Error(t('Refused to remove {path}: it is not a path below a directory of its own.', {path}));
	}

	faultPoint(`remove/${basename(clean)}`);
	await rm(clean, {recursive: true, force: true});
	await syncDirectory(dirname(clean)).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') {
			throw error;
		}
	});
}

export type ExcludeOptions = {
	/** Paths relative to the root of the tree; each stands for itself and everything below it. No patterns. */
	readonly exclude?: readonly string[];
};

/**
Trees of ten thousand files are read by calls that block: Node's others take ten times as long, and in the window
people wait. This lets everything else have its turn every few milliseconds.
*/
export function breather(): () => Promise<void> {
	let last = performance.now();
	return async () => {
		if (performance.now() - last > longestBreath) {
			await new Promise(resolve => {
				setImmediate(resolve);
			});
			last = performance.now();
		}
	};
}

const longestBreath = 10;

/** Whether an error says that there is no room left: on the disk, or in what its user may take of it. */
export function isDiskFull(error: unknown): error is NodeJS.ErrnoException {
	const code = (error as NodeJS.ErrnoException | undefined)?.code;
	return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Bytes that can still be written below a path; it need not exist yet. Reserved blocks do not count. */
export async function freeBytes(path: string): Promise<number> {
	for (let at = path; ; at = dirname(at)) {
		try {
			const {bavail, bsize} = await statfs(at);
			return bavail * bsize;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === dirname(at)) {
				throw error;
			}
		}
	}
}

/**
Bytes that a tree takes on the disk, as `du` counts: holes are free, hard links count once. Files that vanish
meanwhile are left out. 0 when nothing is there.
*/
export async function sizeOf(path: string, options: ExcludeOptions = {}): Promise<number> {
	const excluded = new Set((options.exclude ?? []).map(item => join(path, item)));
	const seen = new Set<string>();
	const breathe = breather();
	const visit = async (at: string): Promise<number> => {
		await breathe();
		try {
			const stat = lstatSync(at);
			if (stat.nlink > 1 && !stat.isDirectory()) {
				const inode = `${stat.dev}:${stat.ino}`;
				if (seen.has(inode)) {
					return 0;
				}

				seen.add(inode);
			}

			let bytes = stat.blocks * 512;
			if (stat.isDirectory()) {
				for (const name of readdirSync(at)) {
					const inside = join(at, name);
					bytes += excluded.has(inside) ? 0 : await visit(inside);
				}
			}

			return bytes;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
				return 0;
			}

			throw error;
		}
	};

	return visit(path);
}
