import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {partsOf} from '../omflow/installation.js';
import {compareVersions, parseVersion} from '../omflow/version.js';
import {saysItRuns} from './booster-agent.js';
import {shownLine} from './show.js';
import type {Subject} from './subject.js';

/** The last version of OMFLOW that Booster supports, from the vendor's page about it. */
const newest = parseVersion('1.1.6.3');

const limit = () => t('Booster supports OMFLOW only up to {newest}', {newest: newest.text});

/** Whether Booster runs here, or is named by a part's settings, and a hop leads beyond what it supports. */
export async function booster({runner, installation, hops}: Subject): Promise<readonly Finding[]> {
	const beyond = hops.find(({to}) => compareVersions(parseVersion(to), newest) > 0)?.to;
	if (beyond === undefined) {
		return [];
	}

	const own = installation.roles.includes('booster') ? [await onThisHost(runner, installation.base, beyond)] : [];
	return [...own, ...inSettings(installation, beyond)];
}

async function onThisHost(runner: Runner, base: string, beyond: string): Promise<Finding> {
	const script = join(base, 'Booster', 'omflow_booster_service');
	const runs = await saysItRuns(runner, script);
	const ask = t('ask the vendor how to balance the load of {beyond}, and stay with {newest} until you know', {
		beyond,
		newest: newest.text,
	});
	if (runs) {
		return {
			severity: 'blocker',
			id: 'booster',
			sentence: t('{limit}, and it runs on this host.', {limit: limit()}),
			evidence: t('“{script} status” ends with 0.', {script}),
			remedy: t('Do without and stop it with “{script} stop”; or {ask}.', {script, ask}),
		};
	}

	return runs === undefined
		? {
				severity: 'warning',
				id: 'booster',
				sentence: t('{limit}; whether it runs on this host cannot be told.', {limit: limit()}),
				evidence: t('{script} is not there, or could not be asked for its status.', {script}),
				remedy: t('See whether it runs. If so, {ask}.', {ask}),
			}
		: {
				severity: 'warning',
				id: 'booster',
				sentence: t('{limit}; it is on this host, but does not run now.', {limit: limit()}),
				remedy: t('Leave it stopped with {beyond}.', {beyond}),
			};
}

function inSettings(installation: Subject['installation'], beyond: string): Finding[] {
	return partsOf(installation).flatMap(({role, directory, settings: {boosterAddress}}) =>
		boosterAddress === undefined || /^$|^(?:127(?:\.\d+){3}|localhost|0\.0\.0\.0|::1)$/i.test(boosterAddress.trim())
			? []
			: [
					{
						severity: 'warning',
						id: 'booster',
						sentence: t('{limit}, and this {role} is set to use one.', {limit: limit(), role}),
						evidence: `${join(directory, 'omflow/settings.py')}: BOOSTER_IP is ${shownLine(boosterAddress)}`,
						remedy: t(
							'Take this {role} out of Booster before the upgrade to {beyond}, and empty BOOSTER_IP; or ask the vendor first.',
							{role, beyond},
						),
					},
				],
	);
}
