import type {Plan} from '../engine/places.js';
import {type Step, StepError} from '../engine/step.js';
import {isListening} from '../host/listeners.js';
import type {Runner} from '../host/process.js';
import {isRunning, startService} from '../host/service.js';
import {t} from '../locales/index.js';
import {findInstallation, type Part, partsOf} from '../omflow/installation.js';
import {type PatchArchive, patchName} from '../omflow/patches.js';
import {type SampleShape, sampleSteps} from './sample.js';

/** Where the sample's patch archives are made, as the view sees it. */
export const samplePatches = '/var/tmp/omflow-patches';

/** The one of them for 1.2.0.0; it is there whatever the shape. */
export const samplePatch = `${samplePatches}/omflow_patch_1_2_0_0.tar.gz`;

/** All of them. */
export const sampleArchives: readonly PatchArchive[] = ['1.1.6.3', '1.2.0.0'].map(version => ({
	version,
	file: `${samplePatches}/${patchName(version)}`,
}));

/** What comes before the runbook in a rehearsal: the sample server, or the installed one started in the view. */
export function rehearsalSteps<Facts>(plan: Plan): ReadonlyArray<Step<Facts>> {
	return plan.options.sample === true
		? sampleSteps({patches: samplePatches, shape: plan.options.shape as SampleShape})
		: [startInView(String(plan.options.base ?? '/opt/omflow'))];
}

/** In a fresh view nothing runs; the rehearsed window should find the service as a real one would. */
function startInView<Facts>(base: string): Step<Facts> {
	return {
		id: 'start-in-view',
		title: t('Start OMFLOW in the view'),
		phase: 'sample',
		async look(context) {
			const up = await Promise.all((await parts(context, base)).map(part => isUp(context, part)));
			return up.every(Boolean) ? 'done' : up.some(Boolean) ? 'partial' : 'todo';
		},
		async do(context) {
			for (const part of await parts(context, base)) {
				const {database, endpoint, service} = part;
				if (await isUp(context, part)) {
					continue;
				}

				if (database.kind !== 'sqlite') {
					throw new StepError(
						t('The database is {kind}, and a rehearsal has no network to reach it.', {kind: database.kind}),
						t('Rehearse on a copy of the server whose database is local.'),
					);
				}

				const why = await startService(context, service, endpoint.port);
				if (why) {
					throw new StepError(
						t('OMFLOW does not come up in the view: {why}.', {why}),
						t('Look at the log of this step.'),
					);
				}
			}
		},
		async verify() {
			return [];
		},
	};
}

async function parts(context: Runner, base: string): Promise<readonly Part[]> {
	const found = await findInstallation(context, {base}).catch((error: Error) => {
		throw StepError.blocked('installation', error.message);
	});
	return partsOf(found);
}

async function isUp(context: Runner, {endpoint, service}: Part): Promise<boolean> {
	return (await isRunning(context, service)) && (await isListening(endpoint.port));
}
