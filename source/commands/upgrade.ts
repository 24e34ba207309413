import {hostname} from 'node:os';
import {Attached} from '../engine/attach.js';
import {createRun} from '../engine/launch.js';
import {newRunId, type Plan} from '../engine/places.js';
import {isThere} from '../host/files.js';
import {networkEnvironment, pipPatience} from '../host/pip.js';
import type {Kit} from '../kit/taken.js';
import {t} from '../locales/index.js';
import {settleAttention} from './attention.js';
import {type Driven, drive} from './drive.js';
import {kitFor, supplied} from './kit-source.js';
import {exitStatus} from './plain.js';
import {Refusal, requireRoot} from './refusal.js';
import {alone, goOn, prepareState, refuseWhenLocked, unfinishedRun} from './runs.js';
import {chooseWay} from './safer.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';
import {findInstalled, findWay, planned, type Way} from './way.js';

/** Upgrades this server, or goes on with the upgrade that is not over. */
export async function upgrade(given: Arguments): Promise<number> {
	requireRoot();
	await prepareState(given.state);
	const settled = await settleAttention(given);
	if (settled !== undefined) {
		return settled;
	}

	// Decided before the lock is taken: a person may take time to choose.
	const isNew = (await unfinishedRun(given.state)) === undefined;
	if (isNew) {
		await refuseWhenLocked(given.state);
	}

	const supply = isNew ? await supplied(given, given.state) : {given};
	const way = isNew ? await chooseWay(await findWay(supply.given), supply.given) : undefined;
	if (isNew && !way) {
		process.stdout.write(`${t('Nothing was changed.')}\n`);
		return 0;
	}

	const kit = way && (await kitFor(supply, way, given.state));
	return (await drive(await alone(given.state, () => begin(given, way, kit)), given)).status;
}

async function begin(given: Arguments, way: Way | undefined, kit: Kit | undefined): Promise<Driven> {
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
			given.kit
				? `omflow-tui: ${t('the run {id} to {to} is not over; going on with it, and with the packages it began with.', {id: unfinished.id, to: unfinished.plan.to})}\n`
				: `omflow-tui: ${t('the run {id} to {to} is not over; going on with it.', {id: unfinished.id, to: unfinished.plan.to})}\n`,
		);
		return goOn({state, id: unfinished.id, unattended});
	}

	await refuseWhenLocked(state);
	if (!way) {
		throw new Refusal(
			t('The run that was not over has ended just now. See it with omflow-tui status.'),
			exitStatus.locked,
		);
	}

	const {version} = await findInstalled(way);
	if (version.text !== way.from.text) {
		throw new Refusal(
			t('OMFLOW is at {version} by now, and was at {from} a moment ago. See what happened, then start again.', {
				version: version.text,
				from: way.from.text,
			}),
			exitStatus.blocked,
		);
	}

	if (kit && !(await isThere(kit.directory))) {
		throw new Refusal(t('Another command has taken another kit meanwhile. Start again.'), exitStatus.locked);
	}

	const id = await newRunId(state);
	await createRun(state, await planFor('upgrade', id, given, way, kit));
	return goOn({state, id, unattended});
}

/** The plan of a new run. */
export async function planFor(
	kind: Plan['kind'],
	id: string,
	given: Arguments,
	{base, hops}: Pick<Way, 'base' | 'hops'>,
	kit?: Kit,
): Promise<Plan> {
	return {
		schema: 2,
		id,
		kind,
		host: hostname(),
		to: hops.at(-1)?.to ?? '',
		hops: planned(hops),
		createdAt: Date.now(),
		unattended: !wantsConsole(given),
		...(given.confirmTimeout === undefined ? {} : {confirmWithin: given.confirmTimeout * 60_000}),
		networkEnvironment: {...pipPatience, ...(await networkEnvironment())},
		options: {
			base,
			python3Link: given.python3Link,
			drill: given.drill,
			...(kit ? {kit: kit.id} : {}),
			...(given.sample ? {sample: true, shape: given.shape} : {}),
		},
	};
}
