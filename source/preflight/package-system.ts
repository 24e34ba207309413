import type {Finding} from '../engine/state.js';
import {isConfigured} from '../host/apt.js';
import {hasJournal, unfinishedPackages} from '../host/dpkg.js';
import {lockHolder} from '../host/locks.js';
import {t} from '../locales/index.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** How many names are shown. */
const shown = 10;

/** Whether dpkg and apt are free and have finished what they began; where Python stays, they are not needed. */
export async function packageSystem(
	subject: Subject,
	places: {locks?: readonly string[]; dpkg?: string} = {},
): Promise<readonly Finding[]> {
	const needs = needsOnTheWay(subject);
	if (!needs) {
		return [];
	}

	const {runner} = subject;
	const hasAll = await isConfigured(runner, needs.aptPackages).catch(() => false);
	const holder = await lockHolder(places.locks);
	if (holder) {
		// What it works on is unfinished now, and says nothing.
		return [
			{
				severity: 'warning',
				id: 'package-lock',
				sentence: hasAll
					? t('Process {pid} is installing packages; it may restart services meanwhile.', {pid: holder.pid})
					: t('Process {pid} is installing packages; the upgrade would wait for it.', {pid: holder.pid}),
				evidence: t('{program} holds {path}.', {program: holder.program, path: holder.path}),
				remedy: t('Wait until it has ended.'),
			},
		];
	}

	const [journal, packages] = await Promise.all([hasJournal(places.dpkg), unfinishedPackages(runner).catch(() => [])]);
	if (!journal && packages.length === 0) {
		return [];
	}

	const names = packages.slice(0, shown).map(({name, status}) => t('{name} is {status}', {name, status}));
	const more = packages.length > shown ? [t('and {more} more', {more: packages.length - shown})] : [];
	// dpkg unpacks no package again by itself.
	const torn = packages.filter(({status}) => status === 'half-installed').map(({name}) => name);
	return [
		{
			severity: 'warning',
			id: 'dpkg-interrupted',
			sentence: t('An earlier installation of packages was cut or failed.'),
			evidence: names.length > 0 ? `${[...names, ...more].join(', ')}.` : t('dpkg left its journal behind.'),
			remedy:
				torn.length > 0
					? t('Run “apt-get install --reinstall {torn}”.', {torn: torn.slice(0, shown).join(' ')})
					: hasAll
						? t('The upgrade installs no packages, since all are there: run “dpkg --configure -a” yourself.')
						: t('The upgrade begins with “dpkg --configure -a”; run that now to see whether it succeeds.'),
		},
	];
}
