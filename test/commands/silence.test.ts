import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {describe} from '../../source/commands/plain.js';
import {exit, makeToy, type Toy} from '../engine/toy.js';
import {keys, Terminal} from '../terminal.js';
import {needsRoot, program} from './program.js';

const hop = (runbook: string) => ({hops: [{to: '2.0.0.0', runbook, options: {}}]});

/** The console on the run of a toy worker. */
function watch(t: TestContext, toy: Toy): Terminal {
	const terminal = Terminal.spawn(process.execPath, [program, '--state-dir', toy.state]);
	t.after(() => terminal.close());
	return terminal;
}

test('what patch.sh asks is answered at the console, and a console that comes later sees it', {
	skip: needsRoot,
}, async t => {
	const toy = await makeToy(t, hop('terminal'));
	await writeFile(
		join(toy.world, 'ask.sh'),
		'echo Hello\nread -p "Your name? " name\nread -sp "Your password? " password\necho\necho "$name $password" > asked\n',
	);
	const worker = toy.start();
	const attached = await toy.attach();
	attached.close();
	const first = watch(t, toy);
	await first.waitFor('The program asks: Your name?');
	assert.match(first.text(), /^ Hello/m);
	first.send('Bob');
	await first.waitFor('› Bob');
	first.send(keys.enter);
	await first.waitFor('The program asks: Your password?');
	first.send(keys.ctrl('c'));
	await first.waitForExit();
	const second = watch(t, toy);
	await second.waitFor('What you type is not shown.');
	second.send('hush-hush');
	await second.waitFor('› *********');
	second.send(keys.enter);
	await second.waitFor('The run is over');
	assert.doesNotMatch(second.output, /hush/);
	assert.equal(await exit(worker), 0);
	assert.equal(await readFile(join(toy.world, 'asked'), 'utf8'), 'Bob hush-hush\n');
});

test('a silent command is explained, and ended with a key', {skip: needsRoot}, async t => {
	const toy = await makeToy(t, hop('quiet'));
	toy.start('impatient');
	const attached = await toy.attach();
	attached.close();
	const terminal = watch(t, toy);
	await terminal.waitFor(/Nothing printed for 0:\d\d\. It waits for a\s+│ time to pass\./);
	await terminal.waitFor('x ends it and asks whether to try again.');
	terminal.send('x');
	await terminal.waitFor('failed: It was ended on request.');
	await terminal.waitFor('Try again');
});

test('without a console it is a line', () => {
	const time = new Date(2026, 0, 1, 12, 0, 45).getTime();
	const on = {kind: 'lock', pid: 2, path: '/lock\u001B[2J', holder: {pid: 1, program: 'apt-get'}} as const;
	assert.equal(
		describe({
			time,
			event: 'waiting',
			step: 'packages',
			waiting: {since: time - 45_000, on, processes: [], more: 0, cuttable: false},
		}),
		'12:00:45 packages prints nothing since 12:00:00. It waits for the lock /lock, which apt-get (process 1) holds.',
	);
});
