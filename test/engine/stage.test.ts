import assert from 'node:assert/strict';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {runPlaces} from '../../source/engine/places.js';
import {ending, exit, makeToy, reaches, readLines, statusOf, type Toy} from './toy.js';

/** Starts a run and brings it to the step `fragile`, in the middle of the window. */
async function inWindow(toy: Toy) {
	await writeFile(join(toy.world, 'wait'), '');
	await writeFile(join(toy.world, 'slow'), '');
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, state => statusOf(state, 'fragile') === 'running');
	return {worker, console};
}

const leaveWindow = (toy: Toy) => rm(join(toy.world, 'wait'));

/** The new version is in service and waits for a decision; then the worker is killed, and health turns bad. */
async function fallSickInService(toy: Toy): Promise<void> {
	const {worker, console} = await inWindow(toy);
	await leaveWindow(toy);
	await reaches(console, ({question}) => question?.id === 'decide/color');
	worker.kill('SIGKILL');
	await exit(worker);
	await writeFile(join(toy.world, 'sick'), '');
}

test('stop is refused while the service is down', async t => {
	const toy = await makeToy(t, {unattended: true});
	const {worker, console} = await inWindow(toy);
	console.send({type: 'stop'});
	await reaches(console, () => console.refused !== undefined);
	assert.match(console.refused?.reason ?? '', /The service is down/);
	await leaveWindow(toy);
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'kept');
	assert.equal(await exit(worker), 0);
});

test('a run that is gone on with in the window prepares nothing once more', async t => {
	const toy = await makeToy(t, {unattended: true});
	const {worker} = await inWindow(toy);
	worker.kill('SIGKILL');
	await exit(worker);
	// Were it looked at, it would have to be done again, and would wait at the pipe.
	await rm(join(toy.world, 'slow'));
	await leaveWindow(toy);
	assert.equal(await exit(toy.start()), 0);
	assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
});

test('bad health takes everything back as long as nobody worked with the new version', async t => {
	const toy = await makeToy(t, {unattended: true});
	await writeFile(join(toy.world, 'sick'), '');
	const {worker, console} = await inWindow(toy);
	await leaveWindow(toy);
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'rolled-back');
	assert.equal(await exit(worker), 0);
});

test('a version that was in service is not taken back unasked', async t => {
	const toy = await makeToy(t);
	await fallSickInService(toy);
	toy.start();
	const second = await toy.attach();
	const {question} = await reaches(second, state => state.question?.id === 'health/failed');
	assert.ok(question?.kind === 'choice' && question.choices.some(({label}) => label === 'Roll back'));
	second.send({type: 'answer', question: 'health/failed', answer: {kind: 'choice', value: 'stop'}});
	const state = await reaches(second, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'stopped');
	assert.deepEqual(await toy.files(), ['first', 'fragile', 'second', 'sick', 'slow']);
});

test('without a person it needs attention then, and is left as it is', async t => {
	const toy = await makeToy(t);
	await fallSickInService(toy);
	assert.equal(await exit(toy.start('unattended')), 0);
	const {outcome, message} = await ending(toy);
	assert.equal(outcome, 'needs-attention');
	assert.match(message ?? '', /nothing was taken back/);
	assert.ok((await toy.files()).includes('second'));
});

test('a person who goes on with a run that was planned without one is asked', async t => {
	const toy = await makeToy(t, {unattended: true});
	await writeFile(join(toy.world, 'slow'), '');
	toy.start('attended');
	const {question} = await reaches(await toy.attach(), state => state.question !== undefined);
	assert.equal(question?.id, 'decide/color');
});

test('once kept, nothing is taken back, whatever tidying up meets', async t => {
	const toy = await makeToy(t, {unattended: true});
	await writeFile(join(toy.world, 'stuck'), '');
	const {worker, console} = await inWindow(toy);
	await leaveWindow(toy);
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'kept');
	assert.match(state.message ?? '', /cannot be removed/);
	assert.equal(await exit(worker), 0);
	assert.ok((await toy.files()).includes('second'));
	// As if the end had not been stored: the next worker only tidies up, although health is bad by now.
	await writeFile(join(toy.world, 'sick'), '');
	await rm(join(toy.world, 'stuck'));
	assert.equal(await exit(toy.start()), 0);
	assert.ok((await toy.files()).includes('second'));
	assert.match(await readFile(runPlaces.progress(toy.run), 'utf8'), /"outcome": "kept"/);
});

test('a run that is gone on with has no end yet', async t => {
	const toy = await makeToy(t);
	const first = toy.start();
	const console = await toy.attach();
	await reaches(console, state => statusOf(state, 'slow') === 'running');
	console.send({type: 'stop'});
	await toy.release();
	await reaches(console, ({outcome}) => outcome === 'stopped');
	await exit(first);
	toy.start();
	const state = await reaches(await toy.attach(), ({status}) => status !== 'ended');
	assert.equal(state.outcome, undefined);
});
