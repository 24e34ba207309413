import {access, constants} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {CommandError, type Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

/**
Whether a BoosterAgent on this host would push the patch to every other server, as it does with each that is applied
[vendor]: where a hop needs another Python, the others do not have it.
*/
export async function boosterAgent({runner, installation, hops}: Subject): Promise<readonly Finding[]> {
	const needs = hops.find(hop => hop.needs)?.needs;
	if (!needs || !installation.roles.includes('boosterAgent')) {
		return [];
	}

	const script = join(installation.base, 'BoosterAgent', 'omflow_booster_agent_service');
	const runs = await saysItRuns(runner, script);
	const danger = t(
		'BoosterAgent passes an applied patch on to all other servers, which may not have Python {python} yet',
		{python: needs.python},
	);
	const others = t('upgrade every server by itself, and start it again when all have the new version.');
	if (runs) {
		return [
			{
				severity: 'blocker',
				id: 'booster-agent',
				sentence: t('{danger}; it runs on this host.', {danger}),
				evidence: t('“{script} status” ends with 0.', {script}),
				remedy: t('Stop it with “{script} stop”, {others}', {script, others}),
			},
		];
	}

	return [
		{
			severity: 'warning',
			id: 'booster-agent',
			sentence:
				runs === undefined
					? t('{danger}; whether it runs on this host cannot be told.', {danger})
					: t('{danger}; it does not run on this host now.', {danger}),
			...(runs === undefined
				? {evidence: t('{script} is not there, or could not be asked for its status.', {script})}
				: {}),
			remedy: `${runs === undefined ? t('See that it does not run') : t('Leave it stopped')}, ${others}`,
		},
	];
}

/** What a service's own script answers to `status`; undefined when it is not there or does not answer. */
export async function saysItRuns(runner: Runner, script: string): Promise<boolean | undefined> {
	const has = (mode: number) =>
		access(script, mode).then(
			() => true,
			() => false,
		);
	if (!(await has(constants.F_OK))) {
		return undefined;
	}

	try {
		// A copied script may have lost its executable bit; the shell does not need it.
		const command = (await has(constants.X_OK)) ? [script] : ['bash', script];
		await runner.capture([...command, 'status'], {timeout: 10_000});
		return true;
	} catch (error) {
		// 126 and 127 are a shell's: what it should run cannot be run, or is not there.
		return error instanceof CommandError && (error.exitCode ?? 126) < 126 ? false : undefined;
	}
}
