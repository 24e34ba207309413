import assert from 'node:assert/strict';
import {EventEmitter} from 'node:events';
import test, {type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Screen, type TerminalOutput} from '../../source/console/stdout.js';
import {isUtf8} from '../../source/locales/locale.js';
import {keys, Terminal} from '../terminal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

function start(t: TestContext): Terminal {
	const terminal = Terminal.spawn(process.execPath, ['--import', 'tsx', 'test/console/fixtures/home.tsx'], {cwd: root});
	t.after(async () => terminal.close());
	return terminal;
}

test('three Downs in one chunk move ink-select-input three', async t => {
	const terminal = start(t);
	await terminal.waitFor('› Upgrade');
	terminal.send(keys.down.repeat(3));
	await terminal.waitFor('› Restore');
	await terminal.waitFor('Goes back to an earlier backup.');
	terminal.send(`${keys.up}${keys.up}${keys.enter}`);
	await terminal.waitFor('chosen: rehearse, path: undefined');
	assert.equal(terminal.isFullScreen, false);
});

test('the path of an archive is pasted, with the quotes a terminal adds', async t => {
	const terminal = start(t);
	await terminal.waitFor('› Upgrade');
	terminal.send(keys.enter);
	await terminal.waitFor('Which patch archive?');
	terminal.send(keys.paste("'/root/my omflow_patch_1_2_0_0.tar.gz'"));
	await terminal.waitFor('/root/my omflow_patch_1_2_0_0.tar.gz');
	assert.equal(terminal.isCursorVisible, true);
	terminal.send(`${keys.backspace}z${keys.enter}`);
	await terminal.waitFor('path: /root/my omflow_patch_1_2_0_0.tar.gz');
});

test('q leaves the home screen without a choice', async t => {
	const terminal = start(t);
	await terminal.waitFor('› Upgrade');
	terminal.send('q');
	await terminal.waitFor('chosen: undefined');
	assert.equal(terminal.isCursorVisible, true);
});

test('a terminal that went away is told once and takes nothing more', () => {
	const target = Object.assign(new EventEmitter(), {
		isTTY: true,
		write() {
			throw Object.assign(new Error('write EIO'), {code: 'EIO'});
		},
	});
	const screen = new Screen(target as unknown as TerminalOutput);
	let lost = 0;
	screen.on('lost', () => lost++);
	screen.write('a');
	screen.write('b');
	target.emit('error', new Error('write EIO'));
	assert.equal(lost, 1);
	assert.equal(screen.destroyed, true);
});

const locales: ReadonlyArray<readonly [env: Record<string, string>, utf8: boolean]> = [
	[{LANG: 'en_US.UTF-8'}, true],
	[{LANG: 'C.utf8'}, true],
	[{LANG: 'C'}, false],
	[{}, false],
	[{LANG: 'en_US.UTF-8', LC_ALL: 'C'}, false],
	[{LANG: 'C', LC_CTYPE: 'ja_JP.UTF-8'}, true],
	[{LANG: 'ja_JP.eucJP'}, false],
	[{LC_ALL: '', LANG: 'C.UTF-8'}, true],
];

for (const [env, utf8] of locales) {
	test(`the locale ${JSON.stringify(env)} ${utf8 ? 'has' : 'has no'} UTF-8`, () => {
		assert.equal(isUtf8(env), utf8);
	});
}
