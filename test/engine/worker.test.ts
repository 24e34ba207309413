import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {translationsOf} from '../../scripts/texts.js';
import type {RunEvent} from '../../source/engine/events.js';
import {eventIn} from '../../source/engine/events-file.js';
import {lockedExitCode} from '../../source/engine/lock.js';
import {places, runPlaces} from '../../source/engine/places.js';
import {startTime} from '../../source/host/process.js';
import {speak} from '../../source/locales/index.js';
import {ending, exit, makeToy, reaches, readLines, statusOf} from './toy.js';

const isSlow = (state: Parameters<typeof statusOf>[0]) =>
	statusOf(state, 'slow') === 'running' && state.steps[1]?.tail.some(line => line.startsWith('begun')) === true;

test('a run goes through all steps, asks, and refuses an answer that does not pass the check', async t => {
	const toy = await makeToy(t);
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	await reaches(console, ({question}) => question?.id === 'decide/color');
	console.send({type: 'answer', question: 'decide/color', answer: {kind: 'choice', value: 'blue'}});
	await reaches(console, ({question}) => question?.problem === 'Not blue.');
	console.send({type: 'answer', question: 'decide/color', answer: {kind: 'choice', value: 'red'}});
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'kept');
	assert.deepEqual(
		state.steps.map(({status}) => status),
		['done', 'done', 'done', 'done', 'done', 'done'],
	);
	assert.equal(await exit(worker), 0);
	const events = (await readLines(runPlaces.events(toy.run))).map(line => JSON.parse(line) as RunEvent);
	assert.equal(events[0]?.event, 'run-started');
	assert.equal(events.at(-1)?.event, 'run-ended');
});

test('an unattended run takes the defaults', async t => {
	const toy = await makeToy(t, {unattended: true});
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	assert.equal(await exit(worker), 0);
	assert.deepEqual(await toy.files(), ['first', 'fragile', 'second', 'slow']);
});

test('a worker killed in the middle of a step is gone on with, and nothing is done twice', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	await reaches(await toy.attach(), isSlow);
	first.kill('SIGKILL');
	await exit(first);
	const second = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	assert.equal(await exit(second), 0);
	assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
});

test('the program a killed worker left behind is ended before its step is done again', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	await reaches(await toy.attach(), isSlow);
	const {pid} = JSON.parse(await readFile(runPlaces.child(toy.run), 'utf8')) as {pid: number};
	first.kill('SIGKILL');
	await exit(first);
	assert.notEqual(await startTime(pid), undefined);
	toy.start();
	await reaches(await toy.attach(), isSlow);
	const {pid: next} = JSON.parse(await readFile(runPlaces.child(toy.run), 'utf8')) as {pid: number};
	assert.notEqual(next, pid);
	assert.equal(await startTime(pid), undefined);
});

test('a failure in the window takes everything back', async t => {
	const toy = await makeToy(t, {unattended: true});
	await writeFile(join(toy.world, 'fail'), '');
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'rolled-back');
	assert.match(state.message ?? '', /It broke/);
	assert.equal(await exit(worker), 0);
	assert.deepEqual(await toy.files(), ['fail', 'slow']);
});

test('a rollback that cannot finish says what is left, and goes on when started again', async t => {
	const toy = await makeToy(t, {unattended: true});
	await writeFile(join(toy.world, 'fail'), '');
	await writeFile(join(toy.world, 'fail-undo'), '');
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	await toy.release();
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'needs-attention');
	assert.match(state.message ?? '', /Remove fragile\. Remove second\. Remove first\. .*To do it by hand: /);
	assert.equal(await exit(worker), 0);
	const byHand = runPlaces.byHand(toy.run);
	const command = `rm ${join(toy.world, 'fragile')}`;
	assert.deepEqual((await ending(toy)).byHand?.[0], {what: 'Remove fragile.', commands: [command]});
	assert.equal((await stat(byHand)).mode & 0o777, 0o600);
	assert.match(await readFile(byHand, 'utf8'), new RegExp(`^# 1\\. Remove fragile\\.\n${command}$`, 'm'));

	await rm(join(toy.world, 'fail-undo'));
	await writeFile(join(toy.world, 'odd'), '');
	assert.equal(await exit(toy.start()), 0);
	const {byHand: left, message, outcome} = await ending(toy);
	assert.deepEqual([outcome, left], ['rolled-back', undefined]);
	assert.match(message ?? '', /as it was before\. There is something odd\. Look at it\. The world stays\.$/);
	await assert.rejects(stat(byHand), {code: 'ENOENT'});
	assert.deepEqual(await toy.files(), ['fail', 'odd', 'slow']);
});

test('roll back on request cuts what may be cut', async t => {
	const toy = await makeToy(t);
	toy.start();
	const console = await toy.attach();
	const before = await reaches(console, isSlow);
	assert.deepEqual(before.undo, ['Remove first.']);
	console.send({type: 'roll-back'});
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'rolled-back');
	assert.deepEqual(await toy.files(), []);
});

test('stop ends after the step that runs, and the run can be gone on with', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	console.send({type: 'stop'});
	await reaches(console, ({status}) => status === 'stopping');
	await toy.release();
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'stopped');
	assert.deepEqual(await toy.files(), ['first', 'slow']);
	assert.equal(await exit(first), 0);
	assert.equal(await exit(toy.start()), 0);
	assert.deepEqual(await toy.files(), ['first', 'fragile', 'second', 'slow']);
});

test('a second worker finds the lock taken', async t => {
	const toy = await makeToy(t);
	toy.start();
	await reaches(await toy.attach(), isSlow);
	assert.equal(await exit(toy.start()), lockedExitCode);
});

test('one console drives, another may take over', async t => {
	const toy = await makeToy(t);
	toy.start();
	const one = await toy.attach();
	const two = await toy.attach();
	await reaches(one, isSlow);
	assert.equal(one.driving(), true);
	assert.equal(two.driving(), false);
	two.send({type: 'stop'});
	await reaches(two, () => two.refused !== undefined);
	assert.match(two.refused?.reason ?? '', /Another console/);
	two.send({type: 'take-over'});
	await reaches(two, () => two.driving() && !one.driving());
});

test('an unreadable progress file is put aside and the system is looked at afresh', async t => {
	const toy = await makeToy(t, {unattended: true});
	const first = toy.start();
	await reaches(await toy.attach(), isSlow);
	first.kill('SIGKILL');
	await exit(first);
	await writeFile(runPlaces.progress(toy.run), '{"steps": ');
	const second = toy.start();
	await reaches(await toy.attach(), isSlow);
	await toy.release();
	assert.equal(await exit(second), 0);
	assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'second']);
});

test('what is no file in the place of progress and events is put aside, and a torn event stays a line of its own', async t => {
	const toy = await makeToy(t, {unattended: true});
	await mkdir(runPlaces.progress(toy.run));
	await symlink('/nowhere/at/all', runPlaces.events(toy.run));
	const first = toy.start();
	await reaches(await toy.attach(), isSlow);
	first.kill('SIGKILL');
	await exit(first);
	await writeFile(runPlaces.events(toy.run), '{"time":1,"event":"st', {flag: 'a'});
	const second = toy.start();
	await reaches(await toy.attach(), isSlow);
	await toy.release();
	assert.equal(await exit(second), 0);
	const names = await readdir(toy.run);
	assert.equal(names.filter(name => /^(progress\.json|events\.ndjson)\.unreadable-\d+$/.test(name)).length, 2);
	const lines = await readLines(runPlaces.events(toy.run));
	assert.deepEqual(
		lines.filter(line => eventIn(line) === undefined),
		['{"time":1,"event":"st'],
	);
	assert.equal((await ending(toy)).outcome, 'kept');
});

test('a torn end of the undo ledger does not lose what was promised before it', async t => {
	const toy = await makeToy(t);
	const first = toy.start();
	await reaches(await toy.attach(), isSlow);
	first.kill('SIGKILL');
	await exit(first);
	await writeFile(runPlaces.ledger(toy.run), '{"time":1,"key":"torn', {flag: 'a'});
	toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	console.send({type: 'roll-back'});
	await reaches(console, ({status}) => status === 'ended');
	assert.deepEqual(await toy.files(), []);
});

test('secrets for the network reach programs that use it and nothing else', async t => {
	const toy = await makeToy(t, {unattended: true, networkEnvironment: {SECRET: 'hunter2'}});
	const worker = toy.start();
	const console = await toy.attach();
	const {steps} = await reaches(console, isSlow);
	assert.deepEqual(steps[1]?.tail.at(-1), 'begun with hunter2');
	await toy.release();
	await exit(worker);
	const events = await readFile(runPlaces.events(toy.run), 'utf8');
	assert.ok(!events.includes('hunter2'), 'the secret is in the event file');
	assert.equal((await stat(runPlaces.plan(toy.run))).mode & 0o777, 0o600);
	assert.equal((await stat(places.lock(toy.state))).mode & 0o077, 0);
});

test('a run speaks the language of whoever began it, and then of whoever goes on with it', async t => {
	t.after(() => speak('en'));
	await speak('ja');
	const toy = await makeToy(t);
	const inService = 'The new version is in service.';
	const [japanese, chinese] = (['ja', 'zh-Hant'] as const).map(name => translationsOf(name)[inService]);
	const first = toy.start('unattended');
	const console = await toy.attach();
	assert.equal((await reaches(console, isSlow)).language, 'ja');
	first.kill('SIGKILL');
	await exit(first);

	const second = toy.start('unattended', 'zh-Hant');
	const next = await toy.attach();
	assert.equal((await reaches(next, isSlow)).language, 'zh-Hant');
	await toy.release();
	const {message} = await reaches(next, ({status}) => status === 'ended');
	assert.equal(await exit(second), 0);
	assert.ok(chinese && japanese && chinese !== japanese);
	assert.equal(message, chinese);
});
