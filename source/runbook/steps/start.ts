import {type Step, StepError} from '../../engine/step.js';
import {isListening} from '../../host/listeners.js';
import {isRunning, startService} from '../../host/service.js';
import {type Facts, installationBefore} from '../facts.js';
import {seeItAnswer} from '../probe.js';
import {standStill} from '../standstill.js';

/** Starts the new version and sees the port answer. */
export const start: Step<Facts> = {
	id: 'start',
	title: 'Start OMFLOW',
	phase: 'window',
	documented: '8c',
	async look(context) {
		const {service, endpoint} = installationBefore(context);
		return (await isRunning(context, service)) && (await isListening(endpoint.port)) ? 'done' : 'todo';
	},
	async do(context) {
		const {service, endpoint} = installationBefore(context);
		const why = await startService(context, service, endpoint.port);
		if (why) {
			throw new StepError(
				`The new version does not come up: ${why}.`,
				`Look at Apache's error log, and who listens: ss -ltnp 'sport = :${endpoint.port}'.`,
			);
		}
	},
	async verify(context) {
		const {answers, url, reply} = await seeItAnswer(installationBefore(context));
		if (!answers) {
			throw new StepError(`OMFLOW does not answer at ${url}: ${reply}.`, "Look at Apache's error log.");
		}

		return [{severity: 'info', id: 'http', sentence: `${url} answers ${reply}.`}];
	},
	async undo(context) {
		const why = await standStill(context);
		if (why) {
			throw new StepError(`The new version does not stop: ${why}.`, 'End it by hand and start omflow-tui again.');
		}
	},
	undoes: 'Stop the new version.',
};
