import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {createRun, program} from '../engine/launch.js';
import {isLocked} from '../engine/lock.js';
import {defaultStateDirectory, makeState, newRunId, places} from '../engine/places.js';
import {samplePatch} from '../rehearsal/steps.js';
import {findView, hostNetwork, openView, type View} from '../rehearsal/view.js';
import {drive, wantsConsole} from './drive.js';
import {readablePatch} from './patch.js';
import {exitStatus} from './plain.js';
import {Refusal, requireRoot} from './refusal.js';
import {goOn, isUnfinished, knownRuns} from './runs.js';
import {planFor} from './upgrade.js';
import type {Arguments} from './usage.js';

/** Runs an upgrade inside a copy-on-write view of this host, or goes on with the rehearsal that is not over. */
export async function rehearse(given: Arguments): Promise<number> {
	requireRoot();
	await makeState(given.state);
	const place = rehearsalPlaces(given.state);
	const found = await findView(place.view);
	if (found && (await found.alive())) {
		const [newest] = await knownRuns(place.state);
		if (newest && isUnfinished(newest)) {
			if (!wantsConsole(given) && (await isLocked(place.state))) {
				throw new Refusal(
					'A rehearsal is under way on this machine. Start omflow-tui rehearse in a terminal to see it.',
					exitStatus.locked,
				);
			}

			return follow(found, place.state, newest.id, given);
		}
	}

	await discard(found, place.state);
	const patch = given.sample ? samplePatch : given.patch && (await readablePatch(given.patch));
	if (!patch) {
		throw new Refusal('Rehearse what? Give --patch FILE, or --sample for a small server to try everything on.');
	}

	await mkdir(place.state, {recursive: true, mode: 0o700});
	const view = await openView({
		directory: place.view,
		stateDirectory: place.state,
		bundle: program(),
		statePath: defaultStateDirectory,
		...(given.sample ? {} : {visible: [patch]}),
	});
	try {
		const id = newRunId();
		const plan = await planFor('rehearsal', id, given, patch);
		await createRun(place.state, {...plan, networkNamespace: hostNetwork});
		return await follow(view, place.state, id, given);
	} catch (error) {
		await discard(view, place.state);
		throw error;
	}
}

/** Where the one rehearsal of a state directory lives. */
export function rehearsalPlaces(state: string): {readonly view: string; readonly state: string} {
	const directory = places.rehearsal(state);
	return {view: join(directory, 'view'), state: join(directory, 'state')};
}

async function follow(view: View, state: string, id: string, given: Arguments): Promise<number> {
	const driven = await goOn({
		state,
		workerState: defaultStateDirectory,
		id,
		unattended: !wantsConsole(given),
		enter: argv => view.enter(argv),
	});
	const {outcome, status} = await drive(driven, given);
	if (outcome && outcome !== 'stopped') {
		await discard(view, state);
	}

	return status;
}

/** The view goes; the run's logs and progress stay until the next rehearsal. */
async function discard(view: View | undefined, state: string): Promise<void> {
	await view?.close();
	for (const {id} of await knownRuns(state)) {
		await rm(join(places.run(state, id), 'backup'), {recursive: true, force: true});
	}
}
