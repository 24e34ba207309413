import assert from 'node:assert/strict';
import {appendFile, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Attached} from '../../source/engine/attach.js';
import {runPlaces} from '../../source/engine/places.js';
import {startTime} from '../../source/host/process.js';
import {becomesTrue} from '../../source/host/service.js';
import {ending, exit, makeToy, reaches, readLines, statusOf, type Toy} from './toy.js';

const answer = {type: 'answer', question: 'decide/color', answer: {kind: 'choice', value: 'red'}} as const;

/** A run whose slow step is done, and which has to be kept in time. */
async function quickToy(t: TestContext, confirmWithin?: number): Promise<Toy> {
	const toy = await makeToy(t, {unattended: true, ...(confirmWithin ? {confirmWithin} : {})});
	await writeFile(join(toy.world, 'slow'), '');
	return toy;
}

async function deadlineAsked(console: Attached): Promise<number> {
	const {question} = await reaches(console, state => state.question?.id === 'decide/color');
	assert.ok(question?.deadline, 'the question has a deadline');
	return question.deadline;
}

/** As if a worker had written it, in another boot or right before it died. */
async function addToLedger(toy: Toy, key: string, value: unknown): Promise<void> {
	await appendFile(runPlaces.ledger(toy.run), `${JSON.stringify({time: Date.now(), key, value})}\n`);
}

const passes = (deadline: number) => becomesTrue(async () => Date.now() > deadline, 20_000);

async function isHalted(pid: number | undefined): Promise<boolean> {
	return /^State:\tT/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
}

test('with a deadline a run without a person waits for one, who keeps the new version in time', async t => {
	const toy = await quickToy(t, 60_000);
	const worker = toy.start();
	const console = await toy.attach();
	const deadline = await deadlineAsked(console);
	assert.ok(deadline > Date.now() + 30_000 && deadline <= Date.now() + 60_000);
	console.send({type: 'stop'});
	await reaches(console, () => console.refused !== undefined);
	assert.match(console.refused?.reason ?? '', /keep the new version in time/);
	// A console that goes away changes nothing, and the next one finds the same deadline.
	console.close();
	const next = await toy.attach();
	assert.equal(await deadlineAsked(next), deadline);
	next.send(answer);
	assert.equal((await reaches(next, ({status}) => status === 'ended')).outcome, 'kept');
	assert.equal(await exit(worker), 0);
});

test('nobody keeps it in time, and everything goes back', async t => {
	const toy = await quickToy(t, 300);
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.equal(outcome, 'rolled-back');
	assert.match(message ?? '', /^Too late\. The service is as it was before\./);
	assert.deepEqual(await toy.files(), ['slow']);
});

test('an answer given while the worker was halted over the deadline is too late', async t => {
	const toy = await quickToy(t, 1500);
	const worker = toy.start();
	const console = await toy.attach();
	const deadline = await deadlineAsked(console);
	worker.kill('SIGSTOP');
	console.send(answer);
	await passes(deadline);
	worker.kill('SIGCONT');
	assert.equal(await exit(worker), 0);
	assert.equal((await ending(toy)).outcome, 'rolled-back');
});

test('a worker that comes back after the deadline takes everything back at once', async t => {
	const toy = await quickToy(t, 1000);
	const first = toy.start();
	const deadline = await deadlineAsked(await toy.attach());
	first.kill('SIGKILL');
	await exit(first);
	await passes(deadline);
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.equal(outcome, 'rolled-back');
	assert.match(message ?? '', /^Nobody kept 2\.0\.0\.0 until \d\d:\d\d:\d\d, so everything is taken back\./);
});

test('after the machine was started again a deadline that has passed takes nothing back unasked', async t => {
	const toy = await quickToy(t, 1000);
	const first = toy.start();
	const deadline = await deadlineAsked(await toy.attach());
	first.kill('SIGKILL');
	await exit(first);
	await passes(deadline);
	await addToLedger(toy, 'confirm-boot', 'another');
	for (const _ of ['once', 'and again']) {
		assert.equal(await exit(toy.start()), 0);
		const {message, outcome} = await ending(toy);
		assert.deepEqual(
			[outcome, /^Nobody kept 2\.0\.0\.0 in time, and the machine/.test(message ?? '')],
			['needs-attention', true],
		);
	}

	assert.ok((await toy.files()).includes('second'), 'the new version stays');
	const worker = toy.start('attended');
	const console = await toy.attach();
	const {question} = await reaches(console, state => state.question?.id === 'decide/color');
	assert.equal(question?.deadline, undefined);
	console.send(answer);
	assert.equal(await exit(worker), 0);
	assert.equal((await ending(toy)).outcome, 'kept');
});

test('an order to roll back is on disk, and holds for the worker after the one that got it', async t => {
	const ordered = await quickToy(t, 60_000);
	const worker = ordered.start();
	const console = await ordered.attach();
	await deadlineAsked(console);
	console.send({type: 'roll-back'});
	assert.equal(await exit(worker), 0);
	assert.match(await readFile(runPlaces.ledger(ordered.run), 'utf8'), /"key":"back-wanted","value":true/);

	const died = await quickToy(t, 60_000);
	const first = died.start();
	await deadlineAsked(await died.attach());
	first.kill('SIGKILL');
	await exit(first);
	await addToLedger(died, 'back-wanted', true);
	assert.equal(await exit(died.start()), 0);
	const {message, outcome} = await ending(died);
	assert.deepEqual([outcome, /^Rolled back on request\./.test(message ?? '')], ['rolled-back', true]);
});

test('what only a person can decide waits for one, and is then asked at a console', async t => {
	const toy = await quickToy(t);
	await writeFile(join(toy.world, 'doubt'), '');
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.deepEqual([outcome, message], ['needs-attention', 'Somebody has to look.']);
	assert.ok((await toy.files()).includes('second'), 'the new version stays');
	const worker = toy.start('attended');
	const console = await toy.attach();
	await reaches(console, ({question}) => question?.id === 'decide/color');
	console.send(answer);
	assert.equal(await exit(worker), 0);
	assert.equal((await ending(toy)).outcome, 'kept');
	// Kept is kept, also for who asks to take it back.
	assert.equal(await exit(toy.start('roll-back')), 0);
	assert.equal((await ending(toy)).outcome, 'kept');
	assert.ok((await toy.files()).includes('second'));
});

test('a worker that is to take back does nothing else before', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	await reaches(await toy.attach(), state => statusOf(state, 'slow') === 'running');
	first.kill('SIGTERM');
	assert.equal(await exit(first), null);
	assert.equal(await exit(toy.start('roll-back', 'unattended')), 0);
	const {message, outcome} = await ending(toy);
	assert.equal(outcome, 'rolled-back');
	assert.match(message ?? '', /^Rolled back on request\./);
	assert.deepEqual(await toy.files(), []);
});

test('a hangup, a halt and a polite end of the worker lose nothing', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	const console = await toy.attach();
	const isSlow = (state: Parameters<typeof statusOf>[0]) =>
		statusOf(state, 'slow') === 'running' && state.steps[1]?.tail.some(line => line.startsWith('begun')) === true;
	await reaches(console, isSlow);
	const {pid} = JSON.parse(await readFile(runPlaces.child(toy.run), 'utf8')) as {pid: number};
	first.kill('SIGHUP');
	first.kill('SIGSTOP');
	await becomesTrue(() => isHalted(first.pid), 20_000);
	first.kill('SIGCONT');
	await becomesTrue(async () => !(await isHalted(first.pid)), 20_000);

	console.send({type: 'stop'});
	await reaches(console, ({status}) => status === 'stopping');
	// As at a shutdown.
	first.kill('SIGTERM');
	await exit(first);
	assert.equal(first.signalCode, 'SIGTERM');
	assert.notEqual(await startTime(pid), undefined, 'what it ran goes on');
	const second = toy.start();
	await reaches(await toy.attach(), isSlow);
	assert.equal(await startTime(pid), undefined, 'what may be cut is ended before it is begun anew');
	await toy.release();
	assert.equal(await exit(second), 0);
	assert.equal((await ending(toy)).outcome, 'kept');
	assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
});
