import assert from 'node:assert/strict';
import {test} from 'node:test';
import {processesWith} from '../rehearsal/host.js';
import {makeStateDirectory, program, viewOf} from '../rehearsal/program.js';
import {Terminal} from '../terminal.js';
import {closedPort, needsRoot} from './program.js';
import {noView} from './server.js';

const tiny = {columns: 50, rows: 12};

test('the first screen can be used even there', {skip: needsRoot}, async t => {
	const state = await makeStateDirectory(t);
	const terminal = Terminal.spawn(process.execPath, [program, '--lang', 'en', '--state-dir', state], tiny);
	t.after(() => terminal.close());
	await terminal.waitFor(/› Rehearse with a sample server[\s\S]*Quit/);
	terminal.send('q');
	assert.deepEqual(await terminal.waitForExit(), {code: 0, signal: 0});
});

for (const [setting, said] of [
	[['TERM=dumb'], 'This terminal can show lines only (TERM=dumb).'],
	[['-u', 'TERM'], 'This terminal does not say what it can (TERM is not set).'],
] as const) {
	test(`by env ${setting.join(' ')} there is no screen but what to do`, {skip: needsRoot}, async t => {
		const state = await makeStateDirectory(t);
		const terminal = Terminal.spawn('env', [...setting, process.execPath, program, '--state-dir', state]);
		t.after(() => terminal.close());
		const {code} = await terminal.waitForExit();
		assert.notEqual(code, 0);
		const screen = await terminal.waitFor('omflow-tui --help');
		assert.ok(screen.replaceAll('\n', '').includes(said), screen);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: no sequence at all is what is wanted
		assert.doesNotMatch(terminal.output, /\u001B/);
	});
}

test('a locale without UTF-8 gets ASCII also where there is no screen', async t => {
	const env = {LANG: 'C', LC_ALL: undefined, LC_CTYPE: undefined};
	const terminal = Terminal.spawn(process.execPath, [program, 'frob'], {env});
	t.after(() => terminal.close());
	await terminal.waitForExit();
	assert.match(await terminal.waitFor('There is no command "frob".'), /^[\u0020-\u007E\n]*$/);
});

test('a run goes on in a terminal that is too small, and shows when it is larger', {skip: await noView()}, async t => {
	const state = await makeStateDirectory(t);
	const args = ['rehearse', '--sample', '--state-dir', state];
	// Without an index it comes to its end, or rather to a question, by itself.
	const env = {PIP_INDEX_URL: `http://${closedPort}/simple`};
	const terminal = Terminal.spawn(process.execPath, [program, ...args], {...tiny, env});
	t.after(() => terminal.close());
	await terminal.waitFor(/Please make this terminal\s+60x16 or larger; it is\s+50x12\. The run\s+goes on\./);
	terminal.resize(80, 24);
	await terminal.waitFor('Sample: packages');
	terminal.resize(59, 24);
	await terminal.waitFor(/it is\s+59x24/);
	terminal.resize(100, 30);
	await terminal.waitFor('Sample: packages');
	terminal.send('q');
	assert.deepEqual(await terminal.waitForExit(), {code: 0, signal: 0});

	const view = await viewOf(state);
	assert.equal(await view?.alive(), true, 'leaving the screen leaves the run');
	await view?.close();
	assert.deepEqual(await processesWith(state), []);
});
