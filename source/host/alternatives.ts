import {randomBytes} from 'node:crypto';
import {lstat, readlink, realpath, rename, symlink, unlink} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {syncDirectory} from './files.js';

const systemLink = '/usr/bin/python3';

export type LinkState = {
	/** Text of the link, as it stands: what `pointAt` needs to put it back exactly. */
	readonly target: string;
	/** The interpreter at the end of all links; absent when there is none. */
	readonly interpreter?: string;
	/** The link belongs to update-alternatives, which then names the interpreter itself. */
	readonly managed: boolean;
};

/**
What `/usr/bin/python3` is. Undefined when it is not there; an Error when it is no link, because then it
cannot be switched and put back.
*/
export async function pythonLink(link = systemLink): Promise<LinkState | undefined> {
	const stat = await lstat(link).catch(() => undefined);
	if (!stat) {
		return undefined;
	}

	if (!stat.isSymbolicLink()) {
		throw new Error(`${link} is not a link, so it cannot be pointed elsewhere. Leave it as it is.`);
	}

	const target = await readlink(link);
	const interpreter = await realpath(link).catch(() => undefined);
	return {
		target,
		...(interpreter === undefined ? {} : {interpreter}),
		managed: resolve(dirname(link), target).startsWith('/etc/alternatives/'),
	};
}

/**
Points the link at `target`, whose text is used as it is, with no moment without a link. Undo is the same call
with the earlier `target`. update-alternatives is not used: removing its entry deletes `/usr/bin/python3`.
*/
export async function pointAt(target: string, link = systemLink): Promise<void> {
	const end = await lstat(resolve(dirname(link), target)).catch(() => undefined);
	if (!end) {
		throw new Error(`${link} was left as it is: ${target} is not there.`);
	}

	const temporary = join(dirname(link), `.python3.${randomBytes(6).toString('hex')}`);
	await symlink(target, temporary);
	try {
		await rename(temporary, link);
	} catch (error) {
		await unlink(temporary).catch(() => {});
		throw error;
	}

	await syncDirectory(dirname(link));
}
