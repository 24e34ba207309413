import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runPlaces} from '../../source/engine/places.js';
import {exit, makeToy, reaches, readLines} from './toy.js';

const hop = (runbook: string) => ({hops: [{to: '2.0.0.0', runbook, options: {}}]});

test('a command that prints nothing says what it waits for, and can be ended and tried again', async t => {
	const toy = await makeToy(t, hop('quiet'));
	const worker = toy.start('impatient');
	const console = await toy.attach();
	const {steps} = await reaches(console, state => state.steps[0]?.waiting?.processes.at(1)?.activity === 'time');
	const waiting = steps[0]?.waiting;
	assert.equal(waiting?.on.kind, 'time');
	assert.equal(waiting.cuttable, true);
	assert.deepEqual(
		waiting?.processes.map(({activity, program}) => [program, activity]),
		[
			['dash', 'child'],
			['sleep', 'time'],
		],
	);
	const first = waiting?.processes[0]?.pid;
	await reaches(console, state => state.steps[0]?.waiting !== waiting);
	assert.equal(console.state().steps[0]?.waiting?.processes[0]?.pid, first);
	console.send({type: 'cut'});
	const cut = await reaches(console, ({question}) => question?.id === 'quiet/failed');
	assert.match(cut.question?.prompt ?? '', /ended on request/);
	assert.equal(cut.steps[0]?.waiting, undefined);
	console.send({type: 'answer', question: 'quiet/failed', answer: {kind: 'choice', value: 'again'}});
	await reaches(console, state => state.steps[0]?.waiting !== undefined);
	console.send({type: 'cut'});
	await reaches(console, ({question}) => question?.id === 'quiet/failed');
	console.send({type: 'answer', question: 'quiet/failed', answer: {kind: 'choice', value: 'stop'}});
	assert.equal((await reaches(console, ({status}) => status === 'ended')).outcome, 'stopped');
	await exit(worker);
	// What only a screen needs is not kept.
	const told = (await readLines(runPlaces.events(toy.run))).filter(line => line.includes('"event":"waiting"'));
	assert.ok(told.length >= 2 && !told.some(line => line.includes('"again"')), told.join('\n'));
});

test('nothing is ended in a run that asks nobody', async t => {
	const toy = await makeToy(t, {...hop('quiet'), unattended: true});
	toy.start('impatient');
	const console = await toy.attach();
	await reaches(console, state => state.steps[0]?.waiting !== undefined);
	console.send({type: 'cut'});
	await reaches(console, () => console.refused !== undefined);
	assert.match(console.refused?.reason ?? '', /asks nobody/);
	console.send({type: 'roll-back'});
	await reaches(console, ({status}) => status === 'ended');
});
