import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {isListening, startService, stopService} from '../../host/service.js';
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

		return (await isListening(installationBefore(context).endpoint.port)) || !isOpened(context) ? 'todo' : 'done';
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
		if ((await isListening(endpoint.port)) && !(await stopService(context, service, endpoint.port))) {
			throw new StepError(
				`Something still listens on port ${endpoint.port} half a minute after OMFLOW was stopped.`,
				`Find it with: ss -ltnp 'sport = :${endpoint.port}'.`,
			);
		}
	},
	async verify(context) {
		const {port} = installationBefore(context).endpoint;
		return context.recall(recorded.patchDone) || !(await isListening(port))
			? []
			: [
					{
						severity: 'blocker',
						id: 'still-running',
						sentence: `OMFLOW still answers on port ${port}.`,
						remedy: 'Look who started it again, for example a watchdog, and stop that first.',
					},
				];
	},
	async undo(context) {
		if (!isOpened(context)) {
			return;
		}

		const {service, endpoint, version} = installationBefore(context);
		if (!(await isListening(endpoint.port)) && !(await startService(context, service, endpoint.port))) {
			throw new StepError(
				`OMFLOW ${version.text} was started but does not answer on port ${endpoint.port}.`,
				`Look at its log, then start it: ${service.start.join(' ')}.`,
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
