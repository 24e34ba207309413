import assert from 'node:assert/strict';
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {readPlan, runPlaces} from '../../source/engine/places.js';
import {ending, exit, makeToy, reaches, readLines, statusOf, type Toy} from './toy.js';

const hops = ['1.5.0.0', '2.0.0.0'].map(to => ({to, runbook: 'toy', options: {}}));

/** A run of two hops; the second one's world is a folder in the first one's. The slow steps are done already. */
async function twoHops(t: TestContext, plan: {unattended?: boolean} = {}): Promise<Toy & {second: string}> {
	const toy = await makeToy(t, {hops, ...plan});
	const second = join(toy.world, '2.0.0.0');
	await mkdir(second);
	for (const world of [toy.world, second]) {
		await writeFile(join(world, 'slow'), '');
	}

	return {...toy, second};
}

test('a run of two hops carries out both, each under its own names', async t => {
	const toy = await twoHops(t, {unattended: true});
	const worker = toy.start();
	assert.equal(await exit(worker), 0);
	const {outcome, steps} = await ending(toy);
	assert.equal(outcome, 'kept');
	for (const id of ['first@1.5.0.0', 'decide@1.5.0.0', 'first@2.0.0.0', 'decide@2.0.0.0']) {
		assert.equal(steps[id]?.status, 'done', id);
	}

	assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
	assert.deepEqual(await readLines(join(toy.second, 'order')), ['first', 'second']);
	assert.deepEqual(
		(await readdir(toy.run)).filter(name => name.startsWith('hop')),
		['hop@1.5.0.0', 'hop@2.0.0.0'],
	);
});

test('every hop asks its own questions, and says where it leads', async t => {
	const toy = await twoHops(t);
	const worker = toy.start();
	const console = await toy.attach();
	for (const {to} of hops) {
		const state = await reaches(console, ({question}) => question?.id === `decide/color@${to}`);
		assert.equal(state.steps.find(({id}) => id === state.question?.step)?.hop, to);
		console.send({type: 'answer', question: `decide/color@${to}`, answer: {kind: 'choice', value: 'red'}});
	}

	await reaches(console, ({outcome}) => outcome === 'kept');
	assert.equal(await exit(worker), 0);
});

for (const [where, killed] of [
	['before the first', 0],
	['in the first', 0],
	['in the second', 1],
] as const) {
	test(`a worker killed ${where} hop's window is followed by one that does the rest, once`, async t => {
		const toy = await twoHops(t, {unattended: true});
		const world = [toy.world, toy.second][killed] ?? '';
		await writeFile(join(world, 'wait'), '');
		if (where === 'before the first') {
			await rm(join(toy.world, 'slow'));
		}

		const worker = toy.start();
		const console = await toy.attach();
		const step = where === 'before the first' ? 'slow' : 'fragile';
		await reaches(console, state => statusOf(state, `${step}@${hops[killed]?.to}`) === 'running');
		worker.kill('SIGKILL');
		await exit(worker);
		await rm(join(world, 'wait'));
		await writeFile(join(toy.world, 'slow'), '');
		assert.equal(await exit(toy.start()), 0);
		assert.equal((await ending(toy)).outcome, 'kept');
		assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
		assert.deepEqual(await readLines(join(toy.second, 'order')), ['first', 'second']);
	});
}

test('a failure in the second hop takes that one back, and the first one stays', async t => {
	const toy = await twoHops(t, {unattended: true});
	await writeFile(join(toy.second, 'fail'), '');
	assert.equal(await exit(toy.start()), 0);
	const {outcome, message} = await ending(toy);
	assert.equal(outcome, 'rolled-back');
	assert.match(message ?? '', /It broke\. The service is as it was with 1\.5\.0\.0\.$/);
	assert.ok((await toy.files()).includes('second'));
	assert.deepEqual((await readdir(toy.second)).sort(), ['fail', 'order', 'slow']);
});

test('stop between the hops ends the run, and the next start goes on with the second', async t => {
	const toy = await twoHops(t);
	await rm(join(toy.second, 'slow'));
	await writeFile(join(toy.world, 'wait'), '');
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, ({steps}) => steps.some(({id, status}) => id === 'fragile@1.5.0.0' && status === 'running'));
	await rm(join(toy.world, 'wait'));
	await reaches(console, ({question}) => question?.id === 'decide/color@1.5.0.0');
	console.send({type: 'stop'});
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'stopped');
	assert.equal(await exit(worker), 0);

	const next = toy.start();
	const second = await toy.attach();
	await reaches(second, ({question}) => question?.id === 'decide/color@1.5.0.0');
	second.send({type: 'answer', question: 'decide/color@1.5.0.0', answer: {kind: 'choice', value: 'red'}});
	await writeFile(join(toy.second, 'slow'), '');
	await reaches(second, ({question}) => question?.id === 'decide/color@2.0.0.0');
	second.send({type: 'answer', question: 'decide/color@2.0.0.0', answer: {kind: 'choice', value: 'red'}});
	await reaches(second, ({outcome}) => outcome === 'kept');
	assert.equal(await exit(next), 0);
});

test('a plan of the schema before is one of a single hop', async t => {
	const toy = await makeToy(t);
	const {hops: _, ...plan} = {...(await readPlan(toy.run)), schema: 1, runbook: 'environment'} as Record<
		string,
		unknown
	>;
	await writeFile(runPlaces.plan(toy.run), JSON.stringify(plan));
	const migrated = await readPlan(toy.run);
	assert.equal(migrated?.schema, 2);
	assert.deepEqual(migrated?.hops, [{to: '2.0.0.0', runbook: 'environment', options: {world: toy.world}}]);
	await writeFile(runPlaces.plan(toy.run), JSON.stringify({...plan, schema: 3}));
	await assert.rejects(readPlan(toy.run), /plan\.json was made by a newer omflow-tui\. Use/);
});
