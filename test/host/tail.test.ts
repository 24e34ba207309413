import assert from 'node:assert/strict';
import {appendFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {followLines} from '../../source/host/tail.js';
import {workshop} from './support.js';

/** A line that never comes is a failure, not a wait. */
const limit = {timeout: 20_000};

/** Collects lines, and tells when there are so many. */
function collector() {
	const lines: string[] = [];
	const waiting: Array<{count: number; resolve: () => void}> = [];
	return {
		lines,
		add(line: string) {
			lines.push(line);
			for (const {count, resolve} of waiting) {
				if (lines.length >= count) {
					resolve();
				}
			}
		},
		until: (count: number) =>
			new Promise<void>(resolve => {
				waiting.push({count, resolve});
				if (lines.length >= count) {
					resolve();
				}
			}),
	};
}

test('hands on lines while the file grows, and half a line only when it is whole', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'growing');
	const seen = collector();
	// Begins before the file is there.
	const following = followLines(path, 0, seen.add, {every: 5});
	t.after(() => following.stop());
	await writeFile(path, 'one\ntwo\nthr');
	await seen.until(2);
	assert.deepEqual(seen.lines, ['one', 'two']);
	await appendFile(path, 'ee\r\n');
	await seen.until(3);
	assert.deepEqual(seen.lines, ['one', 'two', 'three']);
	await following.stop();
	assert.equal(seen.lines.length, 3);
});

test('starts at a position and drains the rest on stop, with a last line that has no end', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'file');
	await writeFile(path, 'old\nnew\n');
	const seen = collector();
	// An hour: only stop can have read what comes later.
	const following = followLines(path, 4, seen.add, {every: 3_600_000});
	t.after(() => following.stop());
	await seen.until(1);
	await appendFile(path, 'later\nlast');
	await following.stop();
	assert.deepEqual(seen.lines, ['new', 'later', 'last']);
});

test('reads a file that was truncated from its beginning', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'file');
	await writeFile(path, 'a long first line\nhalf of a li');
	const seen = collector();
	const following = followLines(path, 0, seen.add, {every: 5});
	t.after(() => following.stop());
	await seen.until(1);
	await truncate(path, 0);
	await appendFile(path, 'again\n');
	await seen.until(2);
	await following.stop();
	assert.deepEqual(seen.lines.at(-1), 'again');
});

test('cuts a line of ten megabytes and goes on with the next', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'file');
	await writeFile(path, `${'x'.repeat(10 * 1024 * 1024)}\nnext\n`);
	const seen = collector();
	await followLines(path, 0, seen.add, {every: 5}).stop();
	assert.equal(seen.lines.length, 2);
	assert.equal(seen.lines[0], 'x'.repeat(64 * 1024));
	assert.equal(seen.lines[1], 'next');
});

test('keeps a character whole that lies on the edge of two reads', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'file');
	const line = `${'x'.repeat(20)}漢字`;
	await writeFile(path, `${line}\n`.repeat(10_000));
	const seen = collector();
	await followLines(path, 0, seen.add).stop();
	assert.equal(seen.lines.length, 10_000);
	assert.ok(seen.lines.every(found => found === line));
});

test('an error of the listener comes out of stop', limit, async t => {
	const {directory} = await workshop(t);
	const path = join(directory, 'file');
	await writeFile(path, 'line\n');
	const following = followLines(path, 0, () => {
		throw new Error('listener');
	});
	await assert.rejects(following.stop(), /listener/);
});
