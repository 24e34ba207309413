import assert from 'node:assert/strict';
import {after, before, suite, type TestContext, test} from 'node:test';
import {keys, Terminal} from '../terminal.js';
import {program} from './program.js';
import {noView, Server} from './server.js';

/** The sequence by which a terminal is taken for a screen. */
const taken = '\u001B[?1049h';
const timesTaken = ({output}: Terminal) => output.split(taken).length - 1;

suite('the screens around a run', {skip: await noView()}, () => {
	let server: Server;
	let patch: string;
	before(async () => {
		server = await Server.open();
		// Without a patch.sh the check blocks.
		patch = await server.addPatch('omflow_patch_1_2_0_0.tar.gz', {'omflow_patch/readme.txt': ''});
	});
	after(() => server?.close());

	function start(t: TestContext, ...args: string[]): Terminal {
		const [command = '', ...rest] = server.wrap([process.execPath, program, ...args, '--lang', 'en']);
		const terminal = Terminal.spawn(command, rest, {columns: 100, rows: 30});
		t.after(() => terminal.close());
		return terminal;
	}

	test('a key shows what would stand in the way, and Esc leads back, in one screen', async t => {
		const terminal = start(t);
		await terminal.waitFor('Check this host');
		await terminal.waitFor(/f findings[^\n]*q leave/);
		terminal.send('f');
		await terminal.waitFor(/note +version|note +service/, 60_000);
		terminal.send(keys.enter);
		await terminal.waitFor('c check');
		terminal.send('c');
		await terminal.waitFor('Checked again: ', 60_000);
		terminal.send(`${keys.left}${keys.escape}`);
		await terminal.waitFor('› Check this host');
		assert.equal(timesTaken(terminal), 1, 'the terminal was not left between');
		terminal.send('q');
		assert.deepEqual(await terminal.waitForExit(60_000), {code: 0, signal: 0});
	});

	test('what blocks a run is seen one by one, and checked again', async t => {
		const terminal = start(t, 'upgrade', '--patch', patch);
		await terminal.waitFor(/› Try again[\s\S]*f findings/, 60_000);
		terminal.send('f');
		await terminal.waitFor('What the run');
		await terminal.waitFor(/› ✘ blocker +archive/);
		terminal.send('c');
		await terminal.waitFor('Checked again: it is as it was.', 60_000);
		terminal.send('/no such thing');
		await terminal.waitFor('None of that kind');
		terminal.send(`${keys.enter}${keys.escape}${keys.escape}`);
		await terminal.waitFor('› Try again');
		terminal.send(`${keys.end}${keys.enter}`);
		await terminal.waitFor('Enter shows each finding');
		terminal.send(keys.enter);
		await terminal.waitFor('What the run');
		terminal.send('q');
		await terminal.waitFor('Enter shows each finding');
		assert.equal(timesTaken(terminal), 1);
		terminal.send('q');
		assert.deepEqual(await terminal.waitForExit(60_000), {code: 3, signal: 0});
		assert.match(terminal.text(), /blocked: /);
	});

	test('a backup that was never completed is removed, after a Yes', async t => {
		const backup = '/var/lib/omflow-tui/runs/20200101-000000/backup';
		await server.exec('mkdir', '-p', `${backup}/omflow`);
		const terminal = start(t);
		await terminal.waitFor('Check this host');
		terminal.send('b');
		await terminal.waitFor('20200101-000000: It was never completed');
		terminal.send(`d${keys.enter}`);
		await terminal.waitFor('d remove');
		await server.exec('test', '-d', backup);
		terminal.send(`d${keys.down}${keys.enter}`);
		await terminal.waitFor('20200101-000000 is removed;');
		await assert.rejects(server.exec('test', '-d', backup));
		terminal.send('q');
		await terminal.waitFor('› Backups');
		assert.equal(timesTaken(terminal), 1);
		terminal.send('q');
		assert.deepEqual(await terminal.waitForExit(), {code: 0, signal: 0});
	});

	test('the run that was blocked is among the earlier ones, with the log of its check', async t => {
		const terminal = start(t);
		await terminal.waitFor('Check this host');
		terminal.send('e');
		await terminal.waitFor(/› [-\d]+ [:\d]+ +upgrade +1\.1\.6\.3 → 1\.2\.0\.0 +blocked/);
		terminal.send(keys.enter);
		await terminal.waitFor(/› \S Check \[check\] +\d\d:\d\d:\d\d/);
		terminal.send(keys.enter);
		await terminal.waitFor(/Log of Check[\s\S]*(?:following|nothing yet)/);
		terminal.send(keys.escape);
		await terminal.waitFor('› ');
		terminal.send(`${keys.left}${keys.left}`);
		await terminal.waitFor('› Earlier runs');
		assert.equal(timesTaken(terminal), 1);
		terminal.send('q');
		assert.deepEqual(await terminal.waitForExit(), {code: 0, signal: 0});
	});
});
