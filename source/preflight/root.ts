import {open} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

/** Whether this is root, who alone can upgrade; else what could not be looked into, so that nobody trusts the rest. */
export async function root(
	{installation, state}: Subject,
	places = {user: process.geteuid?.() ?? 0, system: ['/var/log/apache2', '/etc/apt/auth.conf.d']},
): Promise<readonly Finding[]> {
	if (places.user === 0) {
		return [];
	}

	const wanted = [
		join(installation.base, 'server/omflow/settings.py'),
		join(installation.base, 'server/db.omflow'),
		state,
		...places.system,
	];
	const unseen = (await Promise.all(wanted.map(async path => ((await isForbidden(path)) ? [path] : [])))).flat();
	return [
		{
			severity: 'blocker',
			id: 'root',
			sentence: t(
				'You are not root: nothing can be upgraded, and processes and files of others cannot be looked into, so this check may have missed something.',
			),
			...(unseen.length === 0 ? {} : {evidence: t('Not readable: {unseen}.', {unseen: unseen.join(', ')})}),
			remedy: t('Run the same command with sudo.'),
		},
	];
}

async function isForbidden(path: string): Promise<boolean> {
	return open(path).then(
		async file => {
			await file.close();
			return false;
		},
		(error: NodeJS.ErrnoException) => error.code === 'EACCES',
	);
}
