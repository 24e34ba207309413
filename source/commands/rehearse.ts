import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {suffixOf} from '../engine/hop.js';
import {createRun, program} from '../engine/launch.js';
import {isLocked} from '../engine/lock.js';
import {defaultStateDirectory, newRunId, places, rehearsalPlaces, runPlaces} from '../engine/places.js';
import {kitsIn} from '../kit/taken.js';
import {t} from '../locales/index.js';
import {readReleases} from '../omflow/releases.js';
import type {Hop} from '../omflow/route.js';
import {parseVersion} from '../omflow/version.js';
import {sampleShapes} from '../rehearsal/sample.js';
import {sampleArchives} from '../rehearsal/steps.js';
import {findView, hostNetwork, openView, type View, ViewError} from '../rehearsal/view.js';
import {type Driven, drive} from './drive.js';
import {kitFor, supplied} from './kit-source.js';
import {exitStatus} from './plain.js';
import {Refusal, requireRoot} from './refusal.js';
import {alone, goOn, isUnfinished, knownRuns, prepareState, readRuns} from './runs.js';
import {wantsConsole} from './terminal.js';
import {describeUnreadable} from './unreadable.js';
import {planFor} from './upgrade.js';
import type {Arguments} from './usage.js';
import {decideWay, findWay, type Way} from './way.js';

type Begun = {readonly view: View; readonly driven: Driven; readonly isNew: boolean};

/** Runs an upgrade inside a copy-on-write view of this host, or goes on with the rehearsal that is not over. */
export async function rehearse(given: Arguments): Promise<number> {
	requireRoot();
	await prepareState(given.state);
	const {view, driven, isNew} = await alone(given.state, () => begin(given));
	const putAway = () => alone(given.state, () => discard(view, driven.state));
	try {
		const {outcome, status} = await drive(driven, given);
		if (outcome && outcome !== 'stopped') {
			await putAway();
		}

		return status;
	} catch (error) {
		if (isNew) {
			await putAway();
		}

		throw error;
	}
}

async function begin(given: Arguments): Promise<Begun> {
	const place = rehearsalPlaces(given.state);
	const found = await findView(place.view);
	if (found && (await found.alive())) {
		const {
			known: [newest],
			unreadable: [unreadable],
		} = await readRuns(place.state);
		if (unreadable) {
			process.stderr.write(
				`omflow-tui: ${t('{sentence} As a rehearsal it has changed nothing here; a new one takes its place.', {sentence: describeUnreadable(unreadable).sentence})}\n`,
			);
		} else if (newest && isUnfinished(newest)) {
			if (!wantsConsole(given) && (await isLocked(place.state))) {
				throw new Refusal(
					t('A rehearsal is under way on this machine. Start omflow-tui rehearse in a terminal to see it.'),
					exitStatus.locked,
				);
			}

			return {view: found, driven: await goOnIn(found, place.state, newest.id, given), isNew: false};
		}
	}

	// Before the kit is taken, which lies where the old one's goes with it.
	if (found) {
		await discard(found, place.state);
	}

	const supply = await supplied(given, place.state);
	const way = await wayOf(supply.given);
	const kit = await kitFor(supply, way, place.state);
	const seen = {...way, hops: way.hops.map(hop => seenInside(hop, place.state))};
	const plan = await planFor('rehearsal', await newRunId(place.state), given, seen, kit);
	const own = seen.hops
		.flatMap(({archive}) => archive ?? [])
		.filter(path => !path.startsWith(kitsIn(defaultStateDirectory)));
	const view = await open(place, given.sample ? [] : own);
	try {
		await createRun(place.state, {...plan, networkNamespace: hostNetwork});
		return {view, driven: await goOnIn(view, place.state, plan.id, given), isNew: true};
	} catch (error) {
		await discard(view, place.state);
		throw error;
	}
}

/** An archive that came with a kit lies in the state directory, which the view has elsewhere. */
function seenInside(hop: Hop, state: string): Hop {
	const {archive} = hop;
	return archive?.startsWith(`${kitsIn(state)}/`)
		? {...hop, archive: archive.replace(kitsIn(state), kitsIn(defaultStateDirectory))}
		: hop;
}

/** The way that is rehearsed: that of this host, or that of a sample server, whose version and archives are known. */
async function wayOf(given: Arguments): Promise<Pick<Way, 'base' | 'hops'>> {
	if (given.sample) {
		const {via = [], ...shape} = sampleShapes[given.shape];
		const asked = {...given, to: given.to ?? shape.to, via: given.via.length > 0 ? given.via : via};
		const from = parseVersion(shape.version);
		return {base: '/opt/omflow', ...decideWay(from, sampleArchives, await readReleases(), asked)};
	}

	if (given.patches.length === 0) {
		throw new Refusal(t('Rehearse what? Give --patch FILE, or --sample for a small server to try everything on.'));
	}

	return findWay(given);
}

/** Opens the view; what stands against one on this machine is a finding, and the host is as it was. */
async function open(place: {readonly view: string; readonly state: string}, visible: readonly string[]): Promise<View> {
	try {
		await mkdir(place.state, {recursive: true, mode: 0o700});
		return await openView({
			directory: place.view,
			stateDirectory: place.state,
			bundle: program(),
			statePath: defaultStateDirectory,
			visible,
		});
	} catch (error) {
		throw error instanceof ViewError ? new Refusal(error.message, exitStatus.blocked) : error;
	}
}

/** Puts the view away in which a run ended, unless another one was opened in its place since. */
export async function putAwayAfter(state: string, run: string): Promise<void> {
	const place = rehearsalPlaces(state);
	await alone(state, async () => {
		const [newest] = await knownRuns(place.state);
		const view = newest?.id === run ? await findView(place.view) : undefined;
		if (view) {
			await discard(view, place.state);
		}
	});
}

async function goOnIn(view: View, state: string, id: string, given: Arguments): Promise<Driven> {
	return goOn({
		state,
		workerState: defaultStateDirectory,
		id,
		unattended: !wantsConsole(given),
		enter: argv => view.enter(argv),
	});
}

/** The view goes; the run's logs and progress stay until the next rehearsal. */
async function discard(view: View, state: string): Promise<void> {
	// Another command may have put it away already and opened its own in the same place.
	if ((await findView(view.directory))?.pid !== view.pid) {
		return;
	}

	await view.close();
	await rm(kitsIn(state), {recursive: true, force: true});
	for (const {id, plan} of await knownRuns(state)) {
		for (const {to} of plan.hops) {
			const hop = runPlaces.hop(places.run(state, id), suffixOf(to, plan.hops.length));
			await rm(join(hop, 'backup'), {recursive: true, force: true});
		}
	}
}
