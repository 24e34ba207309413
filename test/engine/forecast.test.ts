import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import test from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {createRun} from '../../source/engine/launch.js';
import {type Plan, rehearsalPlaces, runPlaces} from '../../source/engine/places.js';
import type {Progress} from '../../source/engine/progress.js';
import {becomesTrue} from '../../source/host/service.js';
import {exit, makeToy, reaches, readLines, statusOf, type Toy} from './toy.js';

/** A run that is over, with so many milliseconds for each step; a rehearsal, if not said else. */
async function past(toy: Toy, worked: Readonly<Record<string, number>>, plan: Partial<Plan> = {}): Promise<void> {
	const {kind = 'rehearsal'} = plan;
	const state = kind === 'rehearsal' ? rehearsalPlaces(toy.state).state : toy.state;
	const run = await createRun(state, {
		schema: 2,
		id: '20250101-000000',
		kind,
		host: 'here',
		to: '2.0.0.0',
		hops: [{to: '2.0.0.0', runbook: 'toy', options: {}}],
		createdAt: 1,
		unattended: true,
		networkEnvironment: {},
		options: {},
		...plan,
	});
	const steps = Object.entries(worked).map(([id, worked]) => [id, {status: 'done', worked}] as const);
	const progress: Progress = {
		startedAt: 7,
		outcome: 'kept',
		outageMilliseconds: 0,
		steps: Object.fromEntries(steps),
		answers: {},
	};
	await writeFile(runPlaces.progress(run), JSON.stringify(progress));
}

const times = {first: 10, slow: 2000, second: 300, fragile: 400, health: 20, decide: 5};
const isSlow = (state: Parameters<typeof statusOf>[0]) =>
	statusOf(state, 'slow') === 'running' && state.steps[1]?.tail.some(line => line.startsWith('begun')) === true;

test('a run expects what its rehearsal took, and measures itself', async t => {
	const toy = await makeToy(t, {unattended: true});
	await past(toy, times);
	// The rehearsal counts, whatever is newer.
	await past(toy, {...times, slow: 9000}, {kind: 'upgrade', id: '20250202-000000'});
	const worker = toy.start();
	const console = await toy.attach();
	const state = await reaches(console, isSlow);
	assert.deepEqual(
		state.steps.map(({expected}) => expected),
		Object.values(times).map(milliseconds => ({milliseconds, from: 'rehearsal', at: 7})),
	);
	assert.deepEqual(state.expectedOutage, {milliseconds: 700, from: 'rehearsal', at: 7});
	assert.equal(state.unattended, true);
	await toy.release();
	const {steps} = await reaches(console, ({status}) => status === 'ended');
	assert.ok(steps.every(({worked}) => worked !== undefined));
	assert.equal(await exit(worker), 0);
	const events = (await readLines(runPlaces.events(toy.run))).map(line => JSON.parse(line) as RunEvent);
	// What was expected before the window, and at each of its steps what it took.
	assert.ok(events.filter(({event}) => event === 'expected').length <= 4);
});

test('an earlier run of the same steps tells, where there was no rehearsal of this version', async t => {
	const toy = await makeToy(t, {unattended: true});
	await past(
		toy,
		{...times, slow: 9000},
		{kind: 'upgrade', to: '1.9.0.0', hops: [{to: '1.9.0.0', runbook: 'toy', options: {}}]},
	);
	await past(toy, {harmless: 1}, {hops: [{to: '2.0.0.0', runbook: 'harmless', options: {}}]});
	toy.start();
	const state = await reaches(await toy.attach(), isSlow);
	assert.deepEqual(state.steps[1]?.expected, {milliseconds: 9000, from: 'earlier run', at: 7});
	assert.equal(state.expectedOutage?.from, 'earlier run');
});

test('nothing is expected where nothing tells, nor is a step timed that was cut', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	const before = await reaches(await toy.attach(), isSlow);
	assert.ok(before.steps.every(({expected}) => expected === undefined));
	assert.equal(before.expectedOutage, undefined);
	first.kill('SIGKILL');
	await exit(first);
	toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	const {steps} = await reaches(console, ({status}) => status === 'ended');
	assert.deepEqual(
		steps.filter(({worked}) => worked === undefined).map(({id}) => id),
		['slow'],
	);
});

test('the time in which an answer is waited for is nobody’s work', async t => {
	const toy = await makeToy(t);
	toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	await reaches(console, ({question}) => question?.id === 'decide/color');
	// Whoever refuses what was not asked waits by then.
	await isRefused(console);
	const from = Date.now();
	for (let times = 0; times < 5; times++) {
		await isRefused(console);
	}

	const waited = Date.now() - from;
	console.send({type: 'answer', question: 'decide/color', answer: {kind: 'choice', value: 'red'}});
	await reaches(console, ({status}) => status === 'ended');
	const events = (await readLines(runPlaces.events(toy.run)))
		.map(line => JSON.parse(line) as RunEvent)
		.filter(event => event.event === 'step')
		.filter(({status}) => status === 'done');
	const [before, last] = events.slice(-2);
	assert.equal(last?.step, 'decide');
	assert.ok((last?.worked ?? Infinity) <= (last?.time ?? 0) - (before?.time ?? 0) - waited);
});

async function isRefused(console: Awaited<ReturnType<Toy['attach']>>): Promise<void> {
	console.send({type: 'answer', question: 'nobody/asked', answer: {kind: 'choice', value: 'red'}});
	assert.ok(await becomesTrue(async () => console.refused !== undefined, 20_000));
}
