import {randomBytes} from 'node:crypto';
import {lstat, readlink, realpath, rename, symlink, unlink} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {t} from '../locales/index.js';
import {syncDirectory} from './files.js';

const systemLink = '/usr/bin/python3';

export type LinkState = {
	/** Text of the link, as it stands. */
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
		throw new Error(t('{link} is not a link, so it cannot be pointed elsewhere. Leave it as it is.', {link}));
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
Points the link at `target`, whose text is used as it is, with no moment without a link. update-alternatives is not used: removing its entry deletes `/usr/bin/python3`.
*/
export async function pointAt(target: string, link = systemLink): Promise<void> {
	const end = await lstat(resolve(dirname(link), target)).catch(() => undefined);
	if (!end) {
		throw new Error(t('{link} was left as it is: {target} is not there.', {link, target}));
	}

	await replaceLink(target, link);
}

/**
Makes the link what it was: to the same target, by the same text, whether that is an interpreter or a link of
update-alternatives; or gone, or leading nowhere, if it was. Throws an Error that says what is different when it does not
lead to the same interpreter then.
*/
export async function putLinkBack(before: LinkState | undefined, link = systemLink): Promise<void> {
	const now = await pythonLink(link);
	if (!before) {
		if (now) {
			await unlink(link);
			await syncDirectory(dirname(link));
		}

		return;
	}

	if (before.interpreter === undefined) {
		await replaceLink(before.target, link);
	} else if (now?.target !== before.target) {
		await pointAt(before.target, link);
	}

	const {interpreter} = (await pythonLink(link)) ?? {};
	if (interpreter !== before.interpreter) {
		const by = before.managed ? t(': {target} was changed meanwhile', {target: before.target}) : '';
		throw new Error(
			t('{link} leads to {there} and not to {before}{by}.', {
				link,
				there: interpreter ?? t('nothing'),
				before: before.interpreter ?? t('nothing'),
				by,
			}),
		);
	}
}

async function replaceLink(target: string, link: string): Promise<void> {
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
