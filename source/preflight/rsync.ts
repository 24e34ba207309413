import {access, constants} from 'node:fs/promises';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

/** The backup is made by rsync. A hop that installs packages brings it along; one that does not must find it. */
export async function rsync({hops}: Subject, program = '/usr/bin/rsync'): Promise<readonly Finding[]> {
	const isThere = await access(program, constants.X_OK).then(
		() => true,
		() => false,
	);
	return isThere || hops[0] === undefined || hops[0].needs
		? []
		: [
				{
					severity: 'blocker',
					id: 'rsync',
					sentence: t('rsync is not installed, and the backup is made with it.'),
					remedy: t('Run “apt-get install rsync”.'),
				},
			];
}
