import {hostname} from 'node:os';
import {resolve} from 'node:path';
import {Attached} from '../engine/attach.js';
import {createRun} from '../engine/launch.js';
import {newRunId, type Plan} from '../engine/places.js';
import {networkEnvironment, pipPatience} from '../host/pip.js';
import {type Driven, drive, wantsConsole} from './drive.js';
import {readablePatch, wantedVersion} from './patch.js';
import {Refusal, requireRoot} from './refusal.js';
import {alone, goOn, prepareState, refuseWhenLocked, unfinishedRun} from './runs.js';
import type {Arguments} from './usage.js';

/** Upgrades this server, or goes on with the upgrade that is not over. */
export async function upgrade(given: Arguments): Promise<number> {
	requireRoot();
	await prepareState(given.state);
	return (await drive(await alone(given.state, () => begin(given)), given)).status;
}

async function begin(given: Arguments): Promise<Driven> {
	const {state} = given;
	const unattended = !wantsConsole(given);
	const living = await Attached.to(state);
	living?.close();
	if (living && unattended) {
		await refuseWhenLocked(state);
	}

	const unfinished = await unfinishedRun(state);
	if (unfinished) {
		process.stderr.write(
			`omflow-tui: the run ${unfinished.id} to ${unfinished.plan.to} is not over; going on with it.\n`,
		);
		return goOn({state, id: unfinished.id, unattended});
	}

	await refuseWhenLocked(state);
	if (!given.patch) {
		throw new Refusal('Which patch archive? Name it: omflow-tui upgrade --patch FILE.');
	}

	const patch = await readablePatch(given.patch);
	const id = await newRunId(state);
	await createRun(state, await planFor('upgrade', id, given, patch));
	return goOn({state, id, unattended});
}

/** The plan of a new run. `patch` is absolute. */
export async function planFor(kind: Plan['kind'], id: string, given: Arguments, patch: string): Promise<Plan> {
	return {
		schema: 1,
		id,
		kind,
		runbook: 'environment',
		host: hostname(),
		to: wantedVersion(given.to, patch),
		createdAt: Date.now(),
		unattended: !wantsConsole(given),
		networkEnvironment: {...pipPatience, ...(await networkEnvironment())},
		options: {
			patch: resolve(patch),
			python3Link: given.python3Link,
			...(given.sample ? {sample: true, shape: given.shape} : {}),
		},
	};
}
