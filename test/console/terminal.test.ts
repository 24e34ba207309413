import assert from 'node:assert/strict';
import {appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {keys, Terminal, type TerminalOptions} from '../terminal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = ['--import', 'tsx', 'test/console/fixtures/console.tsx'];

function start(t: TestContext, args: readonly string[], options: TerminalOptions = {}): Terminal {
	const terminal = Terminal.spawn(process.execPath, [...fixture, ...args], {cwd: root, ...options});
	t.after(async () => terminal.close());
	return terminal;
}

/** The fixture under a shell that afterwards says whether the terminal's settings are what they were. */
function startInShell(t: TestContext, args: readonly string[], term = 'xterm-256color'): Terminal {
	const command =
		'before=$(stty -a); "$0" "$@"; echo "status $?"; test "$before" = "$(stty -a)" && echo as before; echo over';
	const terminal = Terminal.spawn('/bin/sh', ['-c', command, process.execPath, ...fixture, ...args], {
		cwd: root,
		env: {TERM: term},
	});
	t.after(async () => terminal.close());
	return terminal;
}

function assertSane(terminal: Terminal): void {
	assert.equal(terminal.isFullScreen, false);
	assert.equal(terminal.isCursorVisible, true);
	assert.equal(terminal.emulator.modes.bracketedPasteMode, false);
	assert.equal(terminal.emulator.modes.applicationCursorKeysMode, false);
	assert.equal(terminal.emulator.modes.mouseTrackingMode, 'none');
	assert.match(terminal.text(), /^as before\nover/m);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence of a style begins with one
const style = /\u001B\[([\d;]*)m/g;

/** The row of the step under the cursor. */
const cursorRow = (screen: string) => screen.split('\n').find(line => line.includes('› ')) ?? '';

test('three Downs in one chunk move three', async t => {
	const terminal = start(t, ['packages']);
	await terminal.waitFor('› ▶ Install packages');
	terminal.send(keys.down.repeat(3));
	await terminal.waitFor(screen => /Install Python/.test(cursorRow(screen)));
	terminal.send('kkk');
	await terminal.waitFor(screen => /Install packages/.test(cursorRow(screen)));
	terminal.send(`${keys.up}j${keys.down}${keys.down}j`);
	await terminal.waitFor(screen => /Install Python/.test(cursorRow(screen)));
});

test('a sequence cut by a slow line is one key', async t => {
	const terminal = start(t, ['packages']);
	await terminal.waitFor('› ▶ Install packages');
	terminal.send('\u001B');
	terminal.send('[');
	terminal.send('B');
	await terminal.waitFor(screen => /Rewrite/.test(cursorRow(screen)));
});

test('too small a terminal is told politely, and is live again when it grows', async t => {
	const terminal = start(t, ['packages']);
	await terminal.waitFor('Install packages');
	terminal.resize(50, 12);
	await terminal.waitFor('Please make this terminal 60x16 or larger; it is');
	await terminal.waitFor(screen => !screen.includes('Install packages'));
	terminal.resize(60, 16);
	await terminal.waitFor('› ▶ Install');
	terminal.resize(120, 40);
	await terminal.waitFor('start omflow-tui again; it continues.');
	assert.equal(terminal.screen().filter(line => line.includes('UPGRADE')).length, 1);
});

test('Ctrl-L repairs a screen that another program wrote on', async t => {
	const terminal = start(t, ['packages']);
	const before = await terminal.waitFor('q leave');
	await new Promise<void>(resolve => {
		terminal.emulator.write('\u001B[5;1HBroadcast message from root\u001B[24;1H', resolve);
	});
	assert.match(terminal.text(), /Broadcast/);
	terminal.send(keys.ctrl('l'));
	const clean = (screen: string) => screen.replaceAll(/\d+:\d\d|\.+/g, '');
	await terminal.waitFor(screen => clean(screen).replaceAll(/\s+/g, ' ') === clean(before).replaceAll(/\s+/g, ' '));
});

// What is written to leave a terminal is the same for all of them; which colours they get is not.
for (const term of ['xterm', 'linux', 'vt100', 'screen', 'tmux-256color']) {
	test(`q leaves a terminal that is called ${term} as it was`, async t => {
		const terminal = startInShell(t, ['packages'], term);
		await terminal.waitFor('Install packages');
		assert.equal(terminal.isFullScreen, true);
		terminal.send('q');
		await terminal.waitFor(/left: quit[\s\S]*status 0[\s\S]*over/);
		assertSane(terminal);
		for (const [, parameters = ''] of terminal.output.matchAll(style)) {
			assert.match(parameters, /^(?:(?:[0-9]|2[0-9]|3[1-69])?(?:;|$))*$/, `${parameters} is none of the first colours`);
		}
	});
}

test('Ctrl-C leaves the terminal as it was', async t => {
	const terminal = startInShell(t, ['packages']);
	await terminal.waitFor('Install packages');
	terminal.send(keys.ctrl('c'));
	await terminal.waitFor(/left: quit[\s\S]*status 0[\s\S]*over/);
	assertSane(terminal);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
	test(`${signal} ends the console and leaves the terminal as it was`, async t => {
		const terminal = startInShell(t, ['packages']);
		await terminal.waitFor('Install packages');
		process.kill(await childOf(terminal.pid), signal);
		await terminal.waitFor(signal === 'SIGTERM' ? /status 143\s[\s\S]*over/ : /status 129\s[\s\S]*over/);
		assertSane(terminal);
	});
}

test('what a view throws is told after the terminal is as it was', async t => {
	const terminal = startInShell(t, ['throws']);
	await terminal.waitFor('Install packages');
	process.kill(await childOf(terminal.pid), 'SIGUSR2');
	await terminal.waitFor(/status 1[\s\S]*over/);
	assertSane(terminal);
	assert.match(terminal.text(), /TypeError/);
});

test('Ctrl-Z suspends and fg brings the screen back', async t => {
	const terminal = Terminal.spawn('/bin/bash', ['--norc', '-i'], {cwd: root, env: {PS1: 'shell> '}});
	t.after(async () => terminal.close());
	await terminal.waitFor('shell>');
	terminal.send(`'${process.execPath}' ${fixture.join(' ')} packages\r`);
	await terminal.waitFor('› ▶ Install packages');
	terminal.send(keys.ctrl('z'));
	await terminal.waitFor('Stopped');
	assert.equal(terminal.isFullScreen, false);
	terminal.send('fg\r');
	await terminal.waitFor('› ▶ Install packages');
	assert.equal(terminal.isFullScreen, true);
	terminal.send(keys.down);
	await terminal.waitFor(screen => /Rewrite/.test(cursorRow(screen)));
	terminal.send('q');
	await terminal.waitFor('left: quit');
	terminal.send('exit\r');
	await terminal.waitForExit();
});

test('e edits the text in $EDITOR, which has the terminal meanwhile', async t => {
	const directory = await mkdtemp(join(tmpdir(), 'console-'));
	t.after(async () => rm(directory, {recursive: true}));
	const editor = join(directory, 'editor');
	await writeFile(editor, '#!/bin/sh\necho "editing $(basename "$2")"\nread -r line\necho "$line" >> "$2"\n');
	await chmod(editor, 0o755);
	const terminal = start(t, ['text'], {env: {EDITOR: `${editor} --wait`, VISUAL: undefined}});
	await terminal.waitFor('› ');
	terminal.send('e');
	await terminal.waitFor('editing requirements.txt');
	assert.equal(terminal.isFullScreen, false);
	terminal.send('typed-in-editor==1\r');
	await terminal.waitFor('6  typed-in-editor==1');
	assert.equal(terminal.isFullScreen, true);
	terminal.send('a');
	await terminal.waitFor(/not started|running/);
});

test('a log follows its file, is searched, and shows nothing that a terminal would obey', async t => {
	const directory = await mkdtemp(join(tmpdir(), 'console-'));
	t.after(async () => rm(directory, {recursive: true}));
	await mkdir(directory, {recursive: true});
	const log = join(directory, 'packages.log');
	await writeFile(log, Array.from({length: 5000}, (_, index) => `line ${index}\n`).join(''));
	const terminal = start(t, ['packages', directory]);
	await terminal.waitFor('Install packages');
	terminal.send('l');
	await terminal.waitFor(/line 4999[\s\S]*$/);
	await appendFile(log, '\u001B[2J\u001B]0;evil\u0007grown\n');
	await terminal.waitFor('grown');
	assert.match(terminal.text(), /line 4999/);
	terminal.send('/');
	await terminal.waitFor('Search:');
	terminal.send('line 123\r');
	await terminal.waitFor('line 1239');
	terminal.send('n');
	await terminal.waitFor('line 1238');
	terminal.send('g');
	await terminal.waitFor(/line 0\n/);
	terminal.send('G');
	await terminal.waitFor('following');
	terminal.send(keys.escape);
	await terminal.waitFor('q leave');
});

test('a console that is ended while lines are shown alone leaves the terminal as it was', async t => {
	const directory = await mkdtemp(join(tmpdir(), 'console-'));
	t.after(async () => rm(directory, {recursive: true}));
	await writeFile(join(directory, 'packages.log'), 'the only line\n');
	const terminal = startInShell(t, ['packages', directory]);
	await terminal.waitFor('Install packages');
	terminal.send('l');
	await terminal.waitFor('the only line');
	terminal.send('y');
	await terminal.waitFor(screen => screen.startsWith('the only line'));
	process.kill(await childOf(terminal.pid), 'SIGTERM');
	await terminal.waitFor(/status 143\s[\s\S]*over/);
	assertSane(terminal);
});

test('a path is pasted into a line, and the answer is what was confirmed', async t => {
	const terminal = start(t, ['lines']);
	await terminal.waitFor('change 1 of 2');
	assert.equal(terminal.isCursorVisible, true);
	terminal.send(`${keys.ctrl('u')}LoadModule wsgi_module ${keys.paste('/opt/my module.so\n')}`);
	await terminal.waitFor('›   1 LoadModule wsgi_module /opt/my module.so');
	terminal.send(keys.enter);
	await terminal.waitFor('Use these lines?');
	terminal.send(keys.enter);
	await terminal.waitFor(screen => !screen.includes('Use these lines?') && screen.includes('Propose'));
	assert.equal(terminal.isCursorVisible, false);
});

test('a watching console takes over with t', async t => {
	const terminal = start(t, ['watching']);
	await terminal.waitFor('Another console answers. Press t to take over.');
	terminal.send(keys.enter);
	terminal.send('t');
	await terminal.waitFor(screen => !screen.includes('Another console answers'));
	terminal.send(`${keys.up}${keys.enter}`);
	await terminal.waitFor(/"value":"keep"|Keep or roll/);
});

test('ASCII and no colour are complete', async t => {
	const terminal = start(t, ['packages', '--ascii', '--no-color']);
	const screen = await terminal.waitFor('q leave');
	assert.match(screen, /^[\x20-\x7E\n]*$/);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
	assert.doesNotMatch(terminal.output, /\u001B\[(?:\d+;)*[349][0-7]m/);
	assert.match(screen, /> \* Install packages/);
});

test('a locale without UTF-8 gets ASCII', async t => {
	const terminal = start(t, ['packages'], {env: {LANG: 'C', LC_ALL: undefined, LC_CTYPE: undefined}});
	assert.match(await terminal.waitFor('q leave'), /^[\x20-\x7E\n]*$/);
});

test('one changed line costs at most 200 bytes', async t => {
	const terminal = start(t, ['packages']);
	await terminal.waitFor('q leave');
	const before = terminal.bytes;
	process.kill(terminal.pid, 'SIGUSR2');
	await terminal.waitFor('one new line');
	assert.ok(terminal.bytes - before <= 200, `${terminal.bytes - before} bytes`);
});

test('flooding output costs at most ten frames and 2 KB a second', async t => {
	const terminal = start(t, ['flood']);
	const line = (screen: string) => Number(/flooding line (\d+)/.exec(screen)?.[1] ?? 0);
	const first = line(await terminal.waitFor(screen => line(screen) > 100));
	const [began, frames, bytes] = [Date.now(), countFrames(terminal), terminal.bytes];
	await terminal.waitFor(screen => line(screen) > first + 6000);
	const seconds = (Date.now() - began) / 1000;
	const perSecond = (countFrames(terminal) - frames) / seconds;
	assert.ok(perSecond <= 10.5, `${perSecond} frames a second`);
	const bytesPerSecond = (terminal.bytes - bytes) / seconds;
	assert.ok(bytesPerSecond <= 2048, `${bytesPerSecond} bytes a second`);
	terminal.send(keys.down);
	await terminal.waitFor(screen => /Rewrite/.test(cursorRow(screen)));
});

function countFrames(terminal: Terminal): number {
	// Every frame begins by moving the cursor to the top.
	return terminal.output.split('\u001B[23A').length;
}

/** The first child of a process. */
async function childOf(pid: number): Promise<number> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
	return Number(children.trim().split(' ')[0]);
}
