import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import type {Command} from '../../source/console/keys.js';
import {rowsOf, rowWith} from '../../source/console/log-rows.js';
import {LogReader, type LogState} from '../../source/console/log-view.js';

const columns = 10;

/** A reader over a log, and a way to wait for what it shows, row by row. */
async function reading(t: TestContext, content: string | Buffer, options: {rows?: number; wrap?: boolean} = {}) {
	const directory = await mkdtemp(join(tmpdir(), 'log-view-'));
	const path = join(directory, 'step.log');
	await writeFile(path, content);
	let tell = () => {};
	const window = {columns, rows: options.rows ?? 4};
	const reader = new LogReader({step: 'step', path, window, wrap: options.wrap ?? true, changed: () => tell()});
	t.after(async () => {
		reader.close();
		await rm(directory, {recursive: true});
	});
	const until = async (holds: (state: LogState) => boolean) => {
		while (!holds(reader.state)) {
			await new Promise<void>(resolve => {
				tell = resolve;
			});
		}
	};
	const shows = async (...wanted: string[]) =>
		until(state => visible(state, window.rows).join('|') === wanted.join('|'));
	const press = async (command: Command, ...wanted: string[]) => {
		reader.command(command);
		await shows(...wanted);
	};
	return {reader, until, shows, press};
}

function visible({lines, skip, wrap}: LogState, rows: number): string[] {
	const all = lines.flatMap(({text}) => (wrap ? rowsOf(text, columns).map(row => row.text) : [text]));
	return all.slice(skip, skip + rows);
}

for (const [what, line, rows] of [
	['is empty', '', ['']],
	['fits exactly', '0123456789', ['0123456789']],
	['is one longer', '0123456789a', ['0123456789', 'a']],
	['has wide characters at the edge', '012345678更新x', ['012345678', '更新x']],
] as const) {
	test(`the rows of a line that ${what} are the line again`, () => {
		const found = rowsOf(line, columns);
		assert.deepEqual(
			found.map(({text}) => text),
			rows,
		);
		assert.equal(found.map(({text}) => text).join(''), line);
		assert.ok(found.every(({from, text}) => line.slice(from, from + text.length) === text));
	});
}

test('the row of a hit is told within a long line', () => {
	assert.equal(rowWith('0123456789 0123456 needle', 'NEEDLE', columns), 1);
	assert.equal(rowWith('0123456789', 'needle', columns), 0);
});

test('a wrapped log moves by rows, a page at a time, and not beyond its ends', async t => {
	const {press, shows} = await reading(t, 'one\naaaaaaaaaabbbbbbbbbbcc\ntwo\nddddddddddeeeee\nthree\n');
	await shows('two', 'dddddddddd', 'eeeee', 'three');
	await press('up', 'cc', 'two', 'dddddddddd', 'eeeee');
	await press('up', 'bbbbbbbbbb', 'cc', 'two', 'dddddddddd');
	await press('page-up', 'one', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc');
	await press('up', 'one', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc');
	await press('down', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc', 'two');
	await press('page-down', 'two', 'dddddddddd', 'eeeee', 'three');
	await press('first', 'one', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc');
	await press('last', 'two', 'dddddddddd', 'eeeee', 'three');
});

test('a line longer than the screen is passed row by row', async t => {
	const long = Array.from({length: 9}, (_, row) => `${row}`.repeat(10)).join('');
	const {press, shows} = await reading(t, `one\n${long}\n`, {rows: 2});
	await shows('7777777777', '8888888888');
	await press('page-up', '6666666666', '7777777777');
	await press('first', 'one', '0000000000');
	await press('down', '0000000000', '1111111111');
	await press('page-down', '1111111111', '2222222222');
});

test('w keeps the first line, and a resize as well', async t => {
	const {press, reader, shows} = await reading(t, 'one\naaaaaaaaaabbbbbbbbbbcc\ntwo\nthree\nfour\n', {wrap: false});
	await shows('aaaaaaaaaabbbbbbbbbbcc', 'two', 'three', 'four');
	await press('first', 'one', 'aaaaaaaaaabbbbbbbbbbcc', 'two', 'three');
	reader.wrap(true);
	await shows('one', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc');
	await press('down', 'aaaaaaaaaa', 'bbbbbbbbbb', 'cc', 'two');
	await press('down', 'bbbbbbbbbb', 'cc', 'two', 'three');
	reader.resize({columns, rows: 3});
	await shows('bbbbbbbbbb', 'cc', 'two', 'three');
	reader.wrap(false);
	await shows('aaaaaaaaaabbbbbbbbbbcc', 'two', 'three');
});

test('a search shows the row of the hit, further up with n and further down with N', async t => {
	const line = (name: string) => `${'.'.repeat(25)}${name}`;
	const {press, reader, shows} = await reading(t, `${line('hit 1')}\n${line('hit 2')}\n${line('end')}\n`, {rows: 3});
	const dots = '.'.repeat(10);
	await shows(dots, dots, '.....end');
	reader.search('hit');
	await shows(dots, '.....hit 2', dots);
	await press('search-next', dots, '.....hit 1', dots);
	await press('search-previous', dots, '.....hit 2', dots);
});

test('a search finds its way through bytes that are no text', async t => {
	const {reader, until} = await reading(
		t,
		Buffer.concat([Buffer.from('hit 1\n'), Buffer.alloc(20, 0xff), Buffer.from('hit 2\nhit 3\n')]),
	);
	reader.search('hit');
	await until(({lines, hit}) => lines.some(({at, text}) => at === hit && text === 'hit 3'));
	reader.command('search-next');
	await until(({lines, hit}) => lines.some(({at, text}) => at === hit && text.endsWith('hit 2')));
	reader.command('search-next');
	await until(({lines, hit}) => lines.some(({at, text}) => at === hit && text === 'hit 1'));
});
