import type {Finding} from '../engine/state.js';
import {listeners, nameListeners} from '../host/listeners.js';
import {isRunning} from '../host/service.js';
import {t} from '../locales/index.js';
import {type Part, partsOf} from '../omflow/installation.js';
import type {Subject} from './subject.js';

/** Who cannot be stopped by the service's own commands would only be found out with the service down. */
export async function services({installation, runner}: Subject): Promise<Finding[]> {
	return (await Promise.all(partsOf(installation).map(part => service(runner, part)))).flat();
}

async function service(runner: Subject['runner'], {endpoint, role, service}: Part): Promise<Finding[]> {
	const command = service.status.join(' ');
	let runs: boolean;
	try {
		runs = await isRunning(runner, service);
	} catch (error) {
		return [
			{
				severity: 'blocker',
				id: 'service-status',
				sentence: t('Whether the {role} runs cannot be told: {message}.', {role, message: (error as Error).message}),
				remedy: t('Put “{command}” in order: it must end with 0 while OMFLOW runs.', {command}),
			},
		];
	}

	if (runs) {
		return [
			{severity: 'info', id: 'service', sentence: t('The {role} runs, by the word of {command}.', {role, command})},
		];
	}

	const strangers = await listeners(endpoint.port);
	return strangers.length === 0
		? [{severity: 'info', id: 'service', sentence: t('The {role} does not run; it is started by the upgrade.', {role})}]
		: [
				{
					severity: 'blocker',
					id: 'port-taken',
					sentence: t('{command} says that OMFLOW does not run, but its port {port} is taken by {strangers}.', {
						command,
						port: endpoint.port,
						strangers: nameListeners(strangers),
					}),
					remedy: t('If that is OMFLOW, stop it as it was started, then start it with “{start}”; else end it.', {
						start: service.start.join(' '),
					}),
				},
			];
}
