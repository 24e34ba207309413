import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {probe} from '../../host/http.js';
import {isListening, nameListeners} from '../../host/listeners.js';
import {holdersOf, isRunning, startService, stopService} from '../../host/service.js';
import {readVersion} from '../../omflow/version.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {endpointUrl, seeItAnswer} from '../probe.js';

/** Opens the window: stops OMFLOW and sees that it stopped. */
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

		const isStopped = context.recall<Before>(recorded.before) !== undefined;
		return !isStopped || (await isRunning(context, installationBefore(context).service)) ? 'todo' : 'done';
	},
	async do(context) {
		const {service, endpoint} = installationBefore(context);
		const runs = await isRunning(context, service);
		if (context.recall<Before>(recorded.before) === undefined) {
			const {answers} = await probe(endpointUrl(installationBefore(context)), 10_000);
			await context.record(recorded.before, {ran: runs, answered: answers} satisfies Before);
		} else if (runs && !context.recall(recorded.patchBegun)) {
			await askOnceMore(context);
		}

		const why = runs ? await stopService(context, service, endpoint.port) : undefined;
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
		const before = context.recall<Before>(recorded.before);
		if (!before) {
			return;
		}

		const {service, endpoint, version} = installationBefore(context);
		const now = await readVersion(paths.server(context.facts));
		if (now.text !== version.text) {
			throw new StepError(`version.bin says ${now.text}, but ${version.text} was installed before.`);
		}

		if (!before.ran) {
			await context.say('OMFLOW did not run before, so it is left stopped.');
			return;
		}

		const runs = (await isRunning(context, service)) && (await isListening(endpoint.port));
		const why = runs ? undefined : await startService(context, service, endpoint.port);
		if (why) {
			throw new StepError(`OMFLOW ${version.text} could not be started again: ${why}.`, byHand(context));
		}

		if (!before.answered) {
			// It only had errors to say before, and is as it was.
			return;
		}

		const {answers, url, reply} = await seeItAnswer(installationBefore(context));
		if (!answers) {
			throw new StepError(
				`OMFLOW ${version.text} runs again, but answers at ${url} with: ${reply}.`,
				"Look at Apache's error log.",
			);
		}
	},
	undoes: 'Start OMFLOW as it was and see it answer.',
};

/** How OMFLOW was found when the window opened. */
type Before = {readonly ran: boolean; readonly answered: boolean};

/** The machine was started again in the window, and OMFLOW with it: people may be at work. */
async function askOnceMore(context: StepContext): Promise<void> {
	await context.ask(
		{
			id: 'stop/again',
			always: true,
			kind: 'choice',
			prompt:
				'OMFLOW was stopped for the upgrade, but it runs again: somebody, or the machine at its start, started it.',
			choices: [
				{value: 'later', label: 'Leave it running', explanation: 'Start omflow-tui when it may be stopped again.'},
				{value: 'stop', label: 'Stop it and go on', explanation: 'The backup is made anew after that.'},
			],
			initial: 'later',
		},
		{kind: 'choice', value: 'stop'},
		async ({value}) => {
			if (value === 'later') {
				throw new StopRequest('OMFLOW runs on as it is. Start omflow-tui when it may be stopped.');
			}

			return value === 'stop' ? undefined : 'Choose one of the two.';
		},
	);
}

function byHand(context: StepContext): string {
	const {service, endpoint} = installationBefore(context);
	return `${freePort(endpoint.port)} To start it by hand: “${service.start.join(' ')}”.`;
}

function freePort(port: number): string {
	return `See who listens with: ss -ltnp 'sport = :${port}', and end it.`;
}
