import assert from 'node:assert/strict';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {ending, exit, makeToy, reaches, type Toy} from './toy.js';

async function harmlessToy(t: TestContext, unattended: boolean): Promise<Toy> {
	return makeToy(t, {unattended, kind: 'kit', hops: [{to: '2.0.0.0', runbook: 'harmless', options: {}}]});
}

test('a run with nothing to take back says in its own words what it has done', async t => {
	const toy = await harmlessToy(t, true);
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.deepEqual([outcome, message], ['kept', 'It is fine.']);
});

test('without a person it stops where it failed, and goes on when it is started again', async t => {
	const toy = await harmlessToy(t, true);
	await writeFile(join(toy.world, 'fail'), '');
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.deepEqual([outcome, message], ['stopped', 'It broke. Start it again to go on.']);
	await rm(join(toy.world, 'fail'));
	assert.equal(await exit(toy.start()), 0);
	assert.equal((await ending(toy)).outcome, 'kept');
});

test('what forbids to go on blocks it', async t => {
	const toy = await harmlessToy(t, true);
	await writeFile(join(toy.world, 'forbidden'), '');
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.deepEqual([outcome, message], ['blocked', 'It is forbidden. Nothing was changed.']);
});

test('a person who gives it up is told that nothing was changed', async t => {
	const toy = await harmlessToy(t, false);
	await writeFile(join(toy.world, 'fail'), '');
	toy.start();
	const console = await toy.attach();
	const {question} = await reaches(console, state => state.question !== undefined);
	assert.ok(question?.kind === 'choice');
	assert.deepEqual(question.choices.map(({explanation}) => explanation).slice(1), [
		'What is done stays. Start it again to go on.',
		'The run is over. Nothing was changed.',
	]);
	console.send({type: 'answer', question: question.id, answer: {kind: 'choice', value: 'end'}});
	const {message, outcome} = await reaches(console, ({status}) => status === 'ended');
	assert.deepEqual([outcome, message], ['rolled-back', 'Given up. Nothing was changed.']);
});

test('a failure with no more than a warning stops it and does not block it', async t => {
	const toy = await harmlessToy(t, true);
	await writeFile(join(toy.world, 'warned'), '');
	assert.equal(await exit(toy.start()), 0);
	const {message, outcome} = await ending(toy);
	assert.deepEqual([outcome, message], ['stopped', 'It broke. Start it again to go on.']);
});

test('given up in the middle of a step, it does not speak of taking anything back', async t => {
	const toy = await harmlessToy(t, false);
	await writeFile(join(toy.world, 'wait'), '');
	toy.start();
	const console = await toy.attach();
	await reaches(console, state => state.question !== undefined);
	console.send({type: 'roll-back'});
	const {message, outcome, steps} = await reaches(console, ({status}) => status === 'ended');
	assert.deepEqual([outcome, message], ['rolled-back', 'Given up. Nothing was changed.']);
	assert.equal(steps[0]?.note, 'Ended because the run is given up.');
});
