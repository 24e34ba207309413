import {type Step, StepError} from '../../engine/step.js';
import {probe} from '../../host/http.js';
import {becomesTrue, isListening, startService, stopService} from '../../host/service.js';
import {type Facts, installationBefore} from './facts.js';
import {endpointUrl} from './probe.js';

/** Starts the new version and sees the port answer. */
export const start: Step<Facts> = {
	id: 'start',
	title: 'Start OMFLOW',
	phase: 'window',
	documented: '8c',
	async look(context) {
		return (await isListening(installationBefore(context).endpoint.port)) ? 'done' : 'todo';
	},
	async do(context) {
		const {service, endpoint} = installationBefore(context);
		if (!(await startService(context, service, endpoint.port))) {
			throw new StepError(`Nothing listens on port ${endpoint.port} a minute after the start.`);
		}
	},
	async verify(context) {
		const url = endpointUrl(installationBefore(context));
		let reply = '';
		const answers = await becomesTrue(async () => {
			const result = await probe(url, 10_000);
			reply = result.reply;
			return result.answers;
		}, 60_000);
		if (!answers) {
			throw new StepError(`OMFLOW does not answer at ${url}: ${reply}.`, "Look at Apache's error log.");
		}

		return [{severity: 'info', id: 'http', sentence: `${url} answers ${reply}.`}];
	},
	async undo(context) {
		const {service, endpoint} = installationBefore(context);
		if ((await isListening(endpoint.port)) && !(await stopService(context, service, endpoint.port))) {
			throw new StepError(`The new version does not let go of port ${endpoint.port}.`, 'Stop it by hand.');
		}
	},
	undoes: 'Stop the new version.',
};
