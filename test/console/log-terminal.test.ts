import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'node:test';
import {fileURLToPath} from 'node:url';
import {keys, Terminal} from '../terminal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a log is wrapped, and its lines are shown alone and whole for the terminal to select', async t => {
	const directory = await mkdtemp(join(tmpdir(), 'console-'));
	t.after(async () => rm(directory, {recursive: true}));
	const long = `error: ${'0123456789'.repeat(20)} end`;
	const lines = [...Array.from({length: 15}, (_, index) => `line ${index}`), long, 'after it'];
	await writeFile(join(directory, 'packages.log'), `${lines.join('\n')}\n`);
	const fixture = ['--import', 'tsx', 'test/console/fixtures/console.tsx', 'packages', directory];
	const terminal = Terminal.spawn(process.execPath, fixture, {cwd: root});
	t.after(async () => terminal.close());
	await terminal.waitFor('Install packages');
	terminal.send('l');
	await terminal.waitFor('after it');
	assert.doesNotMatch(terminal.text(), / end$/m);
	terminal.send('w');
	await terminal.waitFor(/ end *$/m);
	terminal.send('/error\r');
	await terminal.waitFor('further up');
	terminal.send('y');
	await terminal.waitFor(isAlone);
	assert.equal(selected(terminal).includes(`\n${long}\nafter it\n`), true, selected(terminal));
	terminal.resize(100, 30);
	terminal.send('x');
	await terminal.waitFor('Log of Install packages');
	terminal.send('wyq');
	await terminal.waitFor(isAlone);
	terminal.send(keys.escape);
	await terminal.waitFor('Log of Install packages');
	terminal.send('q');
	await terminal.waitFor('q leave');
	terminal.send('q');
	await terminal.waitFor('left: quit');
	assert.equal(terminal.isFullScreen, false);
});

/** The log's lines are on the screen to the last one, and nothing else is. */
const isAlone = (screen: string) =>
	screen.startsWith('line ') && screen.includes('\nafter it') && !screen.includes('UPGRADE');

/** What a person copies who selects the whole screen: rows that the terminal itself broke are one line. */
function selected(terminal: Terminal): string {
	const buffer = terminal.emulator.buffer.active;
	let text = '';
	for (let row = 0; row < terminal.emulator.rows; row++) {
		const line = buffer.getLine(buffer.viewportY + row);
		text += (row === 0 || line?.isWrapped ? '' : '\n') + (line?.translateToString(true) ?? '');
	}

	return text;
}
