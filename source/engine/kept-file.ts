import {closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, renameSync} from 'node:fs';
import {mark, t} from '../locales/index.js';

/** No file of ours comes near; a larger one is somebody else's and is not loaded. In bytes. */
const most = 64 * 1024 * 1024;

/** A file that is there and cannot be used. Its message says which, why, and what to do. */
export class UnreadableFile extends Error {
	override readonly name = 'UnreadableFile';

	constructor(
		readonly path: string,
		/** Goes on after the path, for example “is empty”. */
		readonly why: string,
		/** A newer version of this program made it, and can read it. */
		readonly isNewer = false,
	) {
		super(
			isNewer
				? t('{path} {why}. Use the omflow-tui that made it, or a newer one.', {path, why})
				: t('{path} {why}. Put it back if you have a copy of it.', {path, why}),
		);
	}
}

/**
Reads a whole file of ours; undefined when nothing has its name. Throws an UnreadableFile for what is no file, too
large, or kept from us. Never waits for a pipe.
*/
export function readKept(path: string): string | undefined {
	let file: number;
	try {
		file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOTDIR' || (code === 'ENOENT' && !isThere(path))) {
			return undefined;
		}

		throw new UnreadableFile(path, whyNot(code));
	}

	try {
		const stat = fstatSync(file);
		if (!stat.isFile()) {
			throw new UnreadableFile(path, stat.isDirectory() ? t('is a directory') : t('is no ordinary file'));
		}

		if (stat.size > most) {
			throw new UnreadableFile(path, t('is not of omflow-tui: it has {size} MB', {size: Math.round(stat.size / 1e6)}));
		}

		return readFileSync(file, 'utf8');
	} catch (error) {
		throw error instanceof UnreadableFile
			? error
			: new UnreadableFile(path, whyNot((error as NodeJS.ErrnoException).code));
	} finally {
		closeSync(file);
	}
}

/** As `readKept`, for a file that holds one JSON object with a number that says of which schema it is. */
export function readKeptObject(path: string, newest: number): Readonly<Record<string, unknown>> | undefined {
	const text = readKept(path);
	if (text === undefined) {
		return undefined;
	}

	const value = parseObject(path, text);
	const {schema} = value;
	if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1) {
		throw new UnreadableFile(path, t(foreign));
	}

	if (schema > newest) {
		throw new UnreadableFile(path, t('was made by a newer omflow-tui'), true);
	}

	return value;
}

export const foreign = mark('is not of omflow-tui');

function parseObject(path: string, text: string): Readonly<Record<string, unknown>> {
	if (text === '') {
		throw new UnreadableFile(path, t('is empty'));
	}

	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new UnreadableFile(path, t('is torn or damaged: it is no whole JSON'));
	}

	if (!isObject(value)) {
		throw new UnreadableFile(path, t(foreign));
	}

	return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives what has this name another one beside it, so that a new file can take its place, and returns that. */
export function setAside(path: string): string {
	const aside = `${path}.unreadable-${Date.now()}`;
	renameSync(path, aside);
	return aside;
}

/** Whether something has this name: also a link to nothing. */
export function isThere(path: string): boolean {
	try {
		return lstatSync(path, {throwIfNoEntry: false}) !== undefined;
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOTDIR') {
			return false;
		}

		throw new UnreadableFile(path, whyNot(code));
	}
}

/** Why a call on a file or directory failed, to go on after its path. */
export function whyNot(code: string | undefined): string {
	switch (code) {
		case 'ENOENT':
			return t('is a link to nothing');
		case 'ENOTDIR':
			return t('is no directory');
		case 'EACCES':
		case 'EPERM':
			return t('cannot be read: this user may not');
		case 'EIO':
			return t('cannot be read: the disk fails');
		case 'ELOOP':
			return t('is a link to itself');
		default:
			return t('cannot be read ({unknown})', {unknown: code ?? t('unknown error')});
	}
}
