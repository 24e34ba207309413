import type {Plan} from '../engine/places.js';
import {type Context, type Step, StepError} from '../engine/step.js';
import {isListening} from '../host/listeners.js';
import {isRunning, startService} from '../host/service.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {type SampleShape, sampleSteps} from './sample.js';

/** Where the sample's patch archives are made, as the view sees it. */
export const samplePatches = '/var/tmp/omflow-patches';

/** The one of them for 1.2.0.0; it is there whatever the shape. */
export const samplePatch = `${samplePatches}/omflow_patch_1_2_0_0.tar.gz`;

/** What comes before the runbook in a rehearsal: the sample server, or the installed one started in the view. */
export function rehearsalSteps<Facts>(plan: Plan): ReadonlyArray<Step<Facts>> {
	return plan.options.sample === true
		? sampleSteps({patches: samplePatches, shape: plan.options.shape as SampleShape})
		: [startInView as Step<Facts>];
}

async function find(context: Context): Promise<Installation> {
	return findInstallation(context, {}).catch((error: Error) => {
		throw StepError.blocked('installation', error.message);
	});
}

/** In a fresh view nothing runs; the rehearsed window should find the service as a real one would. */
const startInView: Step = {
	id: 'start-in-view',
	title: 'Start OMFLOW in the view',
	phase: 'sample',
	async look(context) {
		const {endpoint, service} = await find(context);
		return (await isRunning(context, service)) && (await isListening(endpoint.port)) ? 'done' : 'todo';
	},
	async do(context) {
		const {database, endpoint, service} = await find(context);
		if (database.kind !== 'sqlite') {
			throw new StepError(
				`The database is ${database.kind}, and a rehearsal has no network to reach it.`,
				'Rehearse on a copy of the server whose database is local.',
			);
		}

		const why = await startService(context, service, endpoint.port);
		if (why) {
			throw new StepError(`OMFLOW does not come up in the view: ${why}.`, 'Look at the log of this step.');
		}
	},
	async verify() {
		return [];
	},
};
