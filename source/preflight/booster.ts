import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {compareVersions, parseVersion} from '../omflow/version.js';
import {shownLine} from './show.js';
import type {Subject} from './subject.js';

/** The last version of OMFLOW that Booster supports, from the vendor's page about it. */
const newest = parseVersion('1.1.6.3');

/** Whether Booster is here, or named by a part's settings, and a hop leads beyond what it supports. */
export async function booster({installation, hops}: Subject): Promise<readonly Finding[]> {
	const beyond = hops.find(({to}) => compareVersions(parseVersion(to), newest) > 0);
	if (!beyond) {
		return [];
	}

	const limit = `Booster supports OMFLOW only up to ${newest.text}`;
	if (installation.roles.includes('booster')) {
		return [
			{
				severity: 'blocker',
				id: 'booster',
				sentence: `${limit}, and this host has Booster in ${join(installation.base, 'Booster')}.`,
				remedy: `Ask the vendor how to balance the load of ${beyond.to}; stay with ${newest.text} until you know, or remove Booster first.`,
			},
		];
	}

	return [installation, ...installation.beside].flatMap(({role, directory, settings: {boosterAddress}}) =>
		boosterAddress === undefined || /^$|^(?:127(?:\.\d+){3}|localhost|0\.0\.0\.0|::1)$/i.test(boosterAddress.trim())
			? []
			: [
					{
						severity: 'warning' as const,
						id: 'booster',
						sentence: `${limit}, and this ${role} is set to use one.`,
						evidence: `${join(directory, 'omflow/settings.py')}: BOOSTER_IP is ${shownLine(boosterAddress)}`,
						remedy: `Take this ${role} out of Booster before the upgrade to ${beyond.to}, and empty BOOSTER_IP; or ask the vendor first.`,
					},
				],
	);
}
