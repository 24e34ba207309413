import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {isListening, nameListeners} from '../../host/listeners.js';
import {holdersOf, isRunning, startService, stopService} from '../../host/service.js';
import {readVersion} from '../../omflow/version.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from './facts.js';

/** Opens the window: asks once more, stops OMFLOW and sees that it stopped. */
export const stop: Step<Facts> = {
	id: 'stop',
	title: 'Stop OMFLOW',
	phase: 'window',
	documented: '1',
	async look(context) {
		// Once the patch is in, a service that runs is the new one and must not be stopped again.
		if (context.recall(recorded.patchDone)) {
			return 'done';
		}

		return !isOpened(context) || (await isRunning(context, installationBefore(context).service)) ? 'todo' : 'done';
	},
	async do(context) {
		const answer = await context.ask(
			{
				id: 'stop/open',
				kind: 'choice',
				prompt: 'Everything is prepared. OMFLOW stops now for some seconds; if anything fails it comes back as it is.',
				choices: [
					{
						value: 'later',
						label: 'Not now',
						explanation: 'OMFLOW runs on. Start omflow-tui when the time has come; nothing is done twice.',
					},
					{
						value: 'open',
						label: 'Stop OMFLOW and upgrade',
						explanation: 'Stop, last backup, exchange, patch.sh, start, check.',
					},
				],
				initial: 'later',
			},
			{kind: 'choice', value: 'open'},
			async ({value}) => {
				if (value === 'later') {
					throw new StopRequest('The window was not opened. Start omflow-tui when the time has come.');
				}

				return value === 'open' ? undefined : 'Choose one of the two.';
			},
		);
		await context.record('window-opened', answer.value);
		const {service, endpoint} = installationBefore(context);
		const why = (await isRunning(context, service)) && (await stopService(context, service, endpoint.port));
		if (why) {
			throw new StepError(`OMFLOW was stopped, but ${why}.`, freePort(endpoint.port));
		}
	},
	async verify(context) {
		if (context.recall(recorded.patchDone)) {
			return [];
		}

		const {service, endpoint} = installationBefore(context);
		if (await isRunning(context, service)) {
			return [
				{
					severity: 'blocker',
					id: 'still-running',
					sentence: 'OMFLOW says that it runs, although it was stopped.',
					remedy: 'Look who started it again, for example a watchdog, and stop that first.',
				},
			];
		}

		const strangers = await holdersOf(endpoint.port);
		return strangers.length === 0
			? []
			: [
					{
						severity: 'blocker',
						id: 'port-taken',
						sentence: `OMFLOW is stopped, but port ${endpoint.port} is taken by ${nameListeners(strangers)}.`,
						remedy: freePort(endpoint.port),
					},
				];
	},
	async undo(context) {
		if (!isOpened(context)) {
			return;
		}

		const {service, endpoint, version} = installationBefore(context);
		const runs = (await isRunning(context, service)) && (await isListening(endpoint.port));
		const why = runs ? undefined : await startService(context, service, endpoint.port);
		if (why) {
			throw new StepError(
				`OMFLOW ${version.text} could not be started again: ${why}.`,
				`${freePort(endpoint.port)} To start it by hand: “${service.start.join(' ')}”.`,
			);
		}

		const now = await readVersion(paths.server(context.facts));
		if (now.text !== version.text) {
			throw new StepError(`version.bin says ${now.text}, but ${version.text} was installed before.`);
		}
	},
	undoes: 'Start OMFLOW as it was and see it answer.',
};

function isOpened(context: StepContext): boolean {
	return context.recall('window-opened') === 'open';
}

function freePort(port: number): string {
	return `See who listens with: ss -ltnp 'sport = :${port}', and end it.`;
}
