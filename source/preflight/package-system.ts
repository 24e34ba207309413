import type {Finding} from '../engine/state.js';
import {isConfigured} from '../host/apt.js';
import {hasJournal, unfinishedPackages} from '../host/dpkg.js';
import {lockHolder} from '../host/locks.js';
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
				sentence: `Process ${holder.pid} is installing packages; ${hasAll ? 'it may restart services meanwhile' : 'the upgrade would wait for it'}.`,
				evidence: `${holder.program} holds ${holder.path}.`,
				remedy: 'Wait until it has ended.',
			},
		];
	}

	const [journal, packages] = await Promise.all([hasJournal(places.dpkg), unfinishedPackages(runner).catch(() => [])]);
	if (!journal && packages.length === 0) {
		return [];
	}

	const names = packages.slice(0, shown).map(({name, status}) => `${name} is ${status}`);
	const more = packages.length > shown ? [`and ${packages.length - shown} more`] : [];
	// dpkg unpacks no package again by itself.
	const torn = packages.filter(({status}) => status === 'half-installed').map(({name}) => name);
	return [
		{
			severity: 'warning',
			id: 'dpkg-interrupted',
			sentence: 'An earlier installation of packages was cut or failed.',
			evidence: names.length > 0 ? `${[...names, ...more].join(', ')}.` : 'dpkg left its journal behind.',
			remedy:
				torn.length > 0
					? `Run “apt-get install --reinstall ${torn.slice(0, shown).join(' ')}”.`
					: hasAll
						? 'The upgrade installs no packages, since all are there: run “dpkg --configure -a” yourself.'
						: 'The upgrade begins with “dpkg --configure -a”; run that now to see whether it succeeds.',
		},
	];
}
