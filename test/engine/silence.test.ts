import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {runPlaces} from '../../source/engine/places.js';
import {startTime} from '../../source/host/process.js';
import {becomesTrue} from '../../source/host/service.js';
import {ending, exit, makeToy, reaches, readLines, statusOf, type Toy} from './toy.js';

const hop = (runbook: string) => ({hops: [{to: '2.0.0.0', runbook, options: {}}]});

async function makeAsking(t: TestContext, script: string, unattended = false): Promise<Toy> {
	const toy = await makeToy(t, {...hop('terminal'), unattended});
	await writeFile(join(toy.world, 'ask.sh'), script);
	return toy;
}

const twoQuestions = `
read -p "Name? " name || echo "no name"
read -sp "Password? " password || echo "no password"
echo
echo "$name $password" > asked
`;

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

test('what a program asks at its terminal is answered from a console, also one that comes later', async t => {
	const toy = await makeAsking(t, twoQuestions);
	const worker = toy.start();
	const first = await toy.attach();
	const {question: name} = await reaches(first, ({question}) => question !== undefined);
	assert.ok(name?.kind === 'line');
	assert.match(name.prompt, /Name\?/);
	assert.equal(name.hidden, false);
	first.send({type: 'answer', question: name.id, answer: {kind: 'line', text: 'Bob'}});
	await reaches(first, ({question}) => question?.id !== name.id && question !== undefined);
	first.close();
	const second = await toy.attach();
	const {question: password} = second.state();
	assert.ok(password?.kind === 'line');
	assert.match(password.prompt, /Password\?/);
	assert.equal(password.hidden, true);
	assert.ok(password.output.some(line => line.includes('Name? Bob')));
	second.send({type: 'answer', question: password.id, answer: {kind: 'line', text: 'hush-hush'}});
	await reaches(second, ({status}) => status === 'ended');
	await exit(worker);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'Bob hush-hush\n');
	for (const path of [runPlaces.events(toy.run), runPlaces.log(toy.run, 'terminal'), runPlaces.progress(toy.run)]) {
		assert.doesNotMatch(await readFile(path, 'utf8'), /hush/, path);
	}
});

test('the end of input can be the answer', async t => {
	const toy = await makeAsking(t, 'cat > asked\n');
	const worker = toy.start();
	const console = await toy.attach();
	for (const answer of [{text: 'one'}, {text: '', end: true}] as const) {
		const {question} = await reaches(console, ({question}) => question !== undefined);
		console.send({type: 'answer', question: question?.id ?? '', answer: {kind: 'line', ...answer}});
		await reaches(console, state => state.question?.id !== question?.id);
	}

	await reaches(console, ({status}) => status === 'ended');
	await exit(worker);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'one\n');
});

test('a program that takes a key gets no line end with it', async t => {
	const toy = await makeAsking(
		t,
		'read -n 1 -p "Go on? [y/n] " key\necho\nread -p "Name? " name\necho "$key $name" > asked\n',
	);
	toy.start();
	const console = await toy.attach();
	for (const text of ['y', 'Bob']) {
		const {question} = await reaches(console, ({question}) => question !== undefined);
		console.send({type: 'answer', question: question?.id ?? '', answer: {kind: 'line', text}});
		await reaches(console, state => state.question?.id !== question?.id);
	}

	await reaches(console, ({status}) => status === 'ended');
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'y Bob\n');
});

test('a question that the program gives up is none any more', async t => {
	const toy = await makeAsking(
		t,
		`(cat pipe; kill -USR1 $$) &
		exec perl -e '$| = 1; $SIG{USR1} = sub {print "late\\n"; system "cat", "pipe"; exit}; print "Quick? "; <STDIN>'`,
	);
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, ({question}) => question !== undefined);
	await toy.release();
	await reaches(console, state => state.question === undefined && statusOf(state, 'terminal') === 'running');
	await toy.release();
	await reaches(console, ({status}) => status === 'ended');
	await exit(worker);
	assert.ok((await readLines(runPlaces.events(toy.run))).some(line => line.includes('"by":"program"')));
});

test('an answer is not typed into the next question of the same program', async t => {
	const toy = await makeAsking(
		t,
		`(cat pipe; kill -USR1 $$) &
		exec perl -e '$| = 1; $SIG{USR1} = sub {die}; print "Keep the old files? "; eval {<STDIN>};
			$SIG{USR1} = "IGNORE"; print "\nDelete the database? "; $delete = <STDIN>;
			open(ASKED, ">", "asked"); print ASKED $delete'`,
	);
	const worker = toy.start();
	const console = await toy.attach();
	const {question: first} = await reaches(console, ({question}) => question !== undefined);
	await toy.release();
	const log = runPlaces.log(toy.run, 'terminal');
	assert.ok(await becomesTrue(async () => (await readFile(log, 'utf8')).includes('Delete the database?'), 20_000));
	console.send({type: 'answer', question: first?.id ?? '', answer: {kind: 'line', text: 'yes'}});
	const {question: next} = await reaches(console, ({question}) => question !== undefined && question.id !== first?.id);
	assert.ok(next?.kind === 'line');
	assert.match(next.prompt, /Delete the database\?/);
	console.send({type: 'answer', question: next.id, answer: {kind: 'line', text: 'no'}});
	await reaches(console, ({status}) => status === 'ended');
	await exit(worker);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'no\n');
	const answered = (await readLines(runPlaces.events(toy.run))).map(line => JSON.parse(line));
	assert.equal(answered.find(({event, question}) => event === 'answered' && question === first?.id)?.by, 'program');
});

test('where nobody is, every question gets the end of input', async t => {
	const toy = await makeAsking(t, twoQuestions, true);
	const worker = toy.start();
	assert.equal(await exit(worker), 0);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), ' \n');
	const log = await readFile(runPlaces.log(toy.run, 'terminal'), 'utf8');
	assert.match(log, /no name/);
	assert.match(log, /no password/);
});

test('a log that cannot be written does not end the run', async t => {
	const toy = await makeAsking(t, '', true);
	// The run goes on in a folder that is there again when the next step begins.
	await writeFile(join(toy.world, 'ask.sh'), `rm -r '${runPlaces.logs(toy.run)}'\n${twoQuestions}`);
	assert.equal(await exit(toy.start()), 0);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), ' \n');
});

test('where a program cannot be looked at, nothing is typed and its question stays', async t => {
	const toy = await makeAsking(t, 'read -p "Name? " name\necho "$name" > asked\n');
	const worker = toy.start();
	const console = await toy.attach();
	const {question} = await reaches(console, ({question}) => question !== undefined);
	const answer = {type: 'answer', question: question?.id ?? '', answer: {kind: 'line', text: 'Bob'}} as const;
	const before = (await readFile(`/proc/${worker.pid}/limits`, 'utf8')).match(/^Max open files\s+(\d+)/m)?.[1];
	const limit = (files: string) => execFileSync('prlimit', ['--pid', String(worker.pid), `--nofile=${files}:`]);
	limit('3');
	console.send(answer);
	await reaches(console, ({question}) => question?.problem !== undefined);
	limit(before ?? '');
	assert.equal(console.state().question?.id, question?.id);
	console.send(answer);
	await reaches(console, ({status}) => status === 'ended');
	assert.equal(await exit(worker), 0);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'Bob\n');
});

test('a program that asks comes to its end when everything is taken back', async t => {
	const toy = await makeAsking(t, twoQuestions);
	toy.start();
	const console = await toy.attach();
	await reaches(console, ({question}) => question !== undefined);
	console.send({type: 'roll-back'});
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'rolled-back');
	assert.match(await readFile(runPlaces.log(toy.run, 'terminal'), 'utf8'), /no password/);
});

const oneKey = 'read -s -n 1 -p "Go on? [y/n] " key\necho went on\necho "$key" > asked\n';

test('a program that takes a key is ended where nobody is, instead of going on with a wrong one', async t => {
	const toy = await makeAsking(t, oneKey, true);
	const worker = toy.start();
	assert.equal(await exit(worker), 0);
	const {outcome, steps} = await ending(toy);
	assert.equal(outcome, 'rolled-back');
	assert.match(steps.terminal?.note ?? '', /waited for a key/);
	const log = await readFile(runPlaces.log(toy.run, 'terminal'), 'utf8');
	assert.match(log, /so it is ended/);
	assert.doesNotMatch(log, /went on/);
});

test('at a program that takes a key the end of input is refused, and rolling back ends it', async t => {
	const toy = await makeAsking(t, oneKey);
	toy.start();
	const console = await toy.attach();
	const {question} = await reaches(console, ({question}) => question !== undefined);
	console.send({type: 'answer', question: question?.id ?? '', answer: {kind: 'line', text: '', end: true}});
	await reaches(console, () => console.refused !== undefined);
	assert.match(console.refused?.reason ?? '', /single keys/);
	assert.equal(console.state().question?.id, question?.id);
	console.send({type: 'roll-back'});
	const state = await reaches(console, ({status}) => status === 'ended');
	assert.equal(state.outcome, 'rolled-back');
	assert.doesNotMatch(await readFile(runPlaces.log(toy.run, 'terminal'), 'utf8'), /went on/);
});

for (const command of ['read', 'read -e']) {
	test(`a program that asks after its worker was killed, by ${command}, is ended, and the run goes on`, async t => {
		const toy = await makeAsking(
			t,
			`if [ -e before ]; then echo done > asked; exit; fi
			touch before; read -p "First? " first; echo; ${command} -p "Second? " second; sleep 1000`,
		);
		const first = toy.start();
		await reaches(await toy.attach(), ({question}) => question !== undefined);
		const {pid} = JSON.parse(await readFile(runPlaces.child(toy.run), 'utf8')) as {pid: number};
		first.kill('SIGKILL');
		await exit(first);
		const second = toy.start();
		await reaches(await toy.attach(), ({status}) => status === 'ended');
		assert.equal(await exit(second), 0);
		assert.equal(await startTime(pid), undefined);
		assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'done\n');
		const events = await readFile(runPlaces.events(toy.run), 'utf8');
		assert.match(events, /if it asks something, it is ended/);
		assert.match(events, /asked what nobody can answer/);
	});
}
