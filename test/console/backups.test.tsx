import assert from 'node:assert/strict';
import test, {type TestContext} from 'node:test';
import {type BackupEntry, Backups, type BackupsSource, type LeftBackups} from '../../source/console/screens/backups.js';
import {type BackupsView, withBackups} from '../../source/console/screens/backups-view.js';
import {keys} from '../terminal.js';
import {assertFrame} from './fixtures/frames.js';
import {type Size, showScreen} from './fixtures/screen.js';

const at = (day: number) => new Date(2026, 9, day, 10, 12).getTime();

const sound: BackupEntry = {
	id: '20261012-101200',
	version: '1.1.6.3',
	sealedAt: at(12),
	bytes: 151_000_000,
	checked: {at: at(13), damaged: []},
	facts: [
		['Backup', '20261012-101200'],
		['Version', '1.1.6.3'],
		['Host', 'flow01.example.com'],
		['In', '/var/lib/omflow-tui/runs/20261012-101200/backup'],
	],
};
const damaged: BackupEntry = {
	...sound,
	id: '20261001-090000@1.1.6.3',
	version: '1.1.6.1',
	sealedAt: at(1),
	bytes: 98_000_000,
	checked: {at: at(2), damaged: ['omflow/server/db.omflow', 'apache/apache2.conf']},
};
const incomplete: BackupEntry = {
	id: '20260930-120000',
	bytes: 2_300_000,
	problem: 'It was never completed, and cannot be restored.',
	facts: [['Backup', '20260930-120000']],
};

function show(t: TestContext, {there = [sound, damaged, incomplete]}: {there?: BackupEntry[]} = {}, size: Size = {}) {
	const left: LeftBackups[] = [];
	const done: string[] = [];
	let backups: readonly BackupEntry[] = there;
	const source: BackupsSource = {
		load: async () => ({backups, freeBytes: 21_000_000_000}),
		async check(id) {
			done.push(`check ${id}`);
			const checked = {at: at(20), damaged: ['omflow/a']};
			backups = backups.map(each => (each.id === id ? {...each, checked} : each));
			return checked.damaged;
		},
		async remove(id) {
			done.push(`remove ${id}`);
			if (id === damaged.id) {
				throw new Error('The run 20261012-101200 is not over, and may need a backup.');
			}

			backups = backups.filter(each => each.id !== id);
		},
	};
	const screen = showScreen(
		t,
		(columns, rows) => <Backups source={source} columns={columns} rows={rows} onLeave={how => left.push(how)} />,
		size,
	);
	return {...screen, left, done};
}

for (const [columns, rows, ascii] of [
	[80, 24, false],
	[60, 16, false],
	[60, 16, true],
] as const) {
	const name = `backups-${columns}x${rows}${ascii ? '-ascii' : ''}`;
	test(`frames: ${name}, one opened, and what is asked before it is put back`, async t => {
		const {frame, press, until} = show(t, {}, {ascii, columns, rows});
		await assertFrame(name, await until(/Enter open/));
		await press(keys.down);
		await assertFrame(`${name}-open`, await press(keys.enter));
		await assertFrame(`${name}-restore`, await press('r'));
		assert.equal(frame().split('\n').length, rows);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
		assert.ok(!ascii || /^[\u0000-\u007F]*$/.test(frame()), frame());
	});
}

test('nothing is done to a backup by Enter alone', async t => {
	const {press, until, done, left} = show(t);
	await until('Enter open');
	for (const key of ['c', 'r', 'd']) {
		assert.match(await press(key), /› No/);
		assert.match(await press(keys.enter), /Enter open/);
	}

	assert.deepEqual([done, left], [[], []]);
});

test('a backup is read through, and what that shows is seen', async t => {
	const {press, until, done} = show(t);
	await until('Enter open');
	await press('c');
	await press(keys.down);
	await press(keys.enter);
	await until('20261012-101200 is damaged. Use another one.');
	assert.match(await press(keys.enter), /damaged when read at 2026-10-20 10:12[\s\S]*omflow\/a/);
	assert.deepEqual(done, ['check 20261012-101200']);
});

test('a backup is removed, or told why it is not', async t => {
	const {frame, press, until, done} = show(t);
	await until('Enter open');
	await press('d');
	await press('y');
	await until('20261012-101200 is removed; 151 MB are free again.');
	assert.doesNotMatch(frame(), / 1\.1\.6\.3 /);
	await press('d');
	await press('y');
	await until('The run 20261012-101200 is not over, and may need a backup.');
	assert.match(frame(), /1\.1\.6\.1/);
	assert.deepEqual(done, [`remove ${sound.id}`, `remove ${damaged.id}`]);
});

test('one is chosen to be put back; one that was never completed is not', async t => {
	const {press, until, stdin, turns, left} = show(t);
	await until('Enter open');
	await press(keys.end);
	assert.match(await press('r'), /never completed, and cannot be restored\.\s*$/);
	await press(keys.up);
	await press('r');
	stdin.write('y');
	await turns(() => left.length > 0);
	assert.deepEqual(left, [{restore: damaged.id}]);
});

test('where there is none, that is said, and Esc leads back', async t => {
	const {until, stdin, turns, left} = show(t, {there: []});
	await until('No backup is kept on this host.');
	stdin.write(keys.escape);
	await turns(() => left.length > 0);
	assert.deepEqual(left, ['back']);
});

test('what is asked about a backup stays with it when the list becomes another one', () => {
	const asked: BackupsView = {at: 1, backups: [sound, damaged], confirm: {deed: 'remove', yes: false}};
	const newer = {...sound, id: '20261020-101200'};
	const moved = withBackups(asked, [newer, sound, damaged]);
	assert.deepEqual([moved.at, moved.confirm?.deed], [2, 'remove']);
	const gone = withBackups(asked, [newer, sound]);
	assert.deepEqual([gone.at, gone.confirm], [1, undefined]);
});

test('who leaves while one is read gives that up', async t => {
	let given: AbortSignal | undefined;
	const left: LeftBackups[] = [];
	const source: BackupsSource = {
		load: async () => ({backups: [sound], freeBytes: 1e9}),
		check: async (_, signal) => {
			given = signal;
			return new Promise(() => {});
		},
		remove: async () => {},
	};
	const {press, stdin, turns, until} = showScreen(t, (columns, rows) => (
		<Backups source={source} columns={columns} rows={rows} onLeave={how => left.push(how)} />
	));
	await until('1.1.6.3');
	await press('c');
	await press('y');
	await until('Reading');
	assert.equal(given?.aborted, false);
	stdin.write('q');
	await turns(() => left.length > 0);
	assert.deepEqual([given?.aborted, left], [true, ['back']]);
});
