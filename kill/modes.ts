import {setTimeout as delay} from 'node:timers/promises';
import type {Outcome} from '../source/engine/state.js';
import type {Switch} from '../source/host/fault.js';
import type {Scenario} from './scenarios.js';
import {difference, type ServerState, World} from './world.js';

export type Report = {
	/** Times the worker was killed or made to fail. */
	readonly struck: number;
	/** How many of these runs did not end as they should. */
	readonly different: number;
};

type Say = (line: string) => void;

/** What a run does that nothing disturbs. */
type Undisturbed = {
	readonly before: ServerState;
	readonly after: ServerState;
	readonly points: readonly string[];
	readonly milliseconds: number;
};

/** One run that is killed at every point once, one after the other. */
export async function chained(scenario: Scenario, say: Say): Promise<Report> {
	return inWorld(scenario, say, async (world, undisturbed) => killOn(world, scenario, undisturbed, 'all', say));
}

/** What fits into a few minutes: one run killed at every sixth point, and a step of the window that fails. */
export async function short(scenario: Scenario, say: Say): Promise<readonly Report[]> {
	return inWorld(scenario, say, async (world, undisturbed) => {
		const first = Math.trunc(Math.random() * 6);
		const points = undisturbed.points.filter((_, index) => index % 6 === first);
		const killed = await killOn(world, scenario, undisturbed, points, say);
		const steps = ['recorded/intent/backup#1'];
		return [killed, await failAt(world, scenario, undisturbed, 'fail', steps, say)];
	});
}

async function killOn(
	world: World,
	scenario: Scenario,
	{after}: Undisturbed,
	points: Switch['points'],
	say: Say,
): Promise<Report> {
	const id = await begin(world, scenario);
	await world.arm({kind: 'kill', points});
	const ended = await world.finish(id);
	const struck = (await world.points('fired')).length;
	await world.disarm();
	const wrong = await compare(world, after, scenario.outcome, ended.outcome, ended.message);
	say(`  ${struck} kills in one run, ${ended.workers} workers${wrong ? `:\n${wrong}` : ''}`);
	return {struck, different: wrong ? struck : 0};
}

/** A run for every point. */
export async function each(scenario: Scenario, only: string, say: Say): Promise<Report> {
	return inWorld(scenario, say, async (world, {after, points}) => {
		let [struck, different] = [0, 0];
		for (const point of points.filter(name => name.includes(only))) {
			const id = await begin(world, scenario);
			await world.arm({kind: 'kill', points: [point]});
			const ended = await world.finish(id);
			const hit = (await world.points('fired')).length;
			await world.disarm();
			const wrong = await compare(world, after, scenario.outcome, ended.outcome, ended.message);
			struck += hit;
			different += wrong ? 1 : 0;
			say(`  ${point}: ${hit === 0 ? 'not passed this time' : wrong ? `differs\n${wrong}` : 'the same'}`);
		}

		return {struck, different};
	});
}

/** Kills at random moments, wherever the worker is then. */
export async function random(scenario: Scenario, runs: number, say: Say): Promise<Report> {
	return inWorld(scenario, say, async (world, {after, milliseconds}) => {
		let [struck, different] = [0, 0];
		for (let run = 1; run <= runs; run++) {
			const id = await begin(world, scenario);
			const at = Math.round(Math.random() * milliseconds);
			let hit = false;
			const ended = await world.finish(id, async () => {
				if (!hit) {
					await delay(at);
					hit = await world.kill();
				}
			});
			const wrong = await compare(world, after, scenario.outcome, ended.outcome, ended.message);
			struck += hit ? 1 : 0;
			different += wrong ? 1 : 0;
			say(`  ${run}: after ${at} ms: ${wrong ? `differs\n${wrong}` : hit ? 'the same' : 'it was over by then'}`);
		}

		return {struck, different};
	});
}

/** Lets every step fail once, or every write find a full disk: the server is then as before, or as it should be. */
export async function failing(scenario: Scenario, kind: Switch['kind'], only: string, say: Say): Promise<Report> {
	return inWorld(scenario, say, async (world, undisturbed) => {
		const places = kind === 'full' ? /^(?:record|write)\// : /^recorded\/intent\//;
		const points = undisturbed.points.filter(name => places.test(name) && name.includes(only));
		return failAt(world, scenario, undisturbed, kind, points, say);
	});
}

async function failAt(
	world: World,
	scenario: Scenario,
	{after, before}: Undisturbed,
	kind: Switch['kind'],
	points: readonly string[],
	say: Say,
): Promise<Report> {
	let [struck, different] = [0, 0];
	for (const point of points) {
		const id = await begin(world, scenario);
		await world.arm({kind, points: [point]});
		let {message, outcome = 'stopped'} = await world.finish(id);
		if (outcome === 'needs-attention') {
			// The new version was in service by then, and a person decides: the cause is gone, and it is gone on with.
			({message, outcome = 'stopped'} = await world.finish(id));
		}

		const hit = (await world.points('fired')).length;
		await world.disarm();
		const wanted = outcome === 'kept' ? after : before;
		const isFine = ['kept', 'rolled-back', 'blocked'].includes(outcome);
		const wrong = isFine ? await compare(world, wanted, outcome, outcome, message) : `    ${outcome}: ${message}`;
		struck += hit;
		different += wrong ? 1 : 0;
		say(`  ${point}: ${outcome}, ${wrong ? `differs\n${wrong}` : 'the same'}`);
	}

	return {struck, different};
}

/** Starts a world, lets one run go undisturbed in it, and hands both on. */
async function inWorld<Result>(
	scenario: Scenario,
	say: Say,
	body: (world: World, undisturbed: Undisturbed) => Promise<Result>,
): Promise<Result> {
	const world = await World.open(scenario.shape);
	try {
		const undisturbed = await observe(world, scenario);
		say(`  undisturbed: ${undisturbed.points.length} points, ${(undisturbed.milliseconds / 1000).toFixed(1)} s`);
		return await body(world, undisturbed);
	} finally {
		await world.close();
	}
}

async function observe(world: World, scenario: Scenario): Promise<Undisturbed> {
	const id = await begin(world, scenario);
	const before = await world.look();
	await world.arm(undefined);
	const began = performance.now();
	const {message, outcome} = await world.finish(id);
	const milliseconds = performance.now() - began;
	const points = await world.points('passed');
	await world.disarm();
	if (outcome !== scenario.outcome) {
		throw new Error(`Undisturbed it ends as ${outcome}: ${message}`);
	}

	return {before, after: await world.look(), points, milliseconds};
}

async function begin(world: World, scenario: Scenario): Promise<string> {
	await world.reset();
	return scenario.plan(world);
}

/** What differs from how it should be; undefined when nothing does. */
async function compare(
	world: World,
	wanted: ServerState,
	outcome: Outcome,
	found: Outcome | undefined,
	message = '',
): Promise<string | undefined> {
	const lines = difference(wanted, await world.look());
	const wrong = [...(found === outcome ? [] : [`${found} instead of ${outcome}: ${message}`]), ...lines];
	return wrong.length === 0
		? undefined
		: wrong
				.slice(0, 12)
				.map(line => `    ${line.slice(0, 200)}`)
				.join('\n');
}
