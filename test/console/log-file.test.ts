import assert from 'node:assert/strict';
import {mkdtemp, open, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {readForward, searchBackward, searchForward, startBefore} from '../../source/console/log-file.js';

async function logOf(t: TestContext, content: string) {
	const directory = await mkdtemp(join(tmpdir(), 'log-file-'));
	const path = join(directory, 'step.log');
	await writeFile(path, content);
	const handle = await open(path, 'r');
	t.after(async () => {
		await handle.close();
		await rm(directory, {recursive: true});
	});
	return {handle, size: Buffer.byteLength(content)};
}

const texts = async (...args: Parameters<typeof readForward>) => (await readForward(...args)).map(line => line.text);

for (const [what, content, last] of [
	['ends with a line end', 'one\ntwo\nthree\n', ['two', 'three']],
	['ends within a line', 'one\ntwo\nthr', ['two', 'thr']],
	['has empty lines', 'one\n\n\n', ['', '']],
	['has one line', 'one', ['one']],
	['is empty', '', []],
	['has wide characters', 'あ\nいう\n更新\n', ['いう', '更新']],
] as const) {
	test(`the last two lines of a log that ${what}`, async t => {
		const {handle, size} = await logOf(t, content);
		assert.deepEqual(await texts(handle, await startBefore(handle, size, 2), 2, size), last);
	});
}

test('a million lines: the end, the beginning and a place between are read without the rest', async t => {
	const line = (index: number) => `line ${index} of a very long installation that goes on and on`;
	const content = `${Array.from({length: 1_000_000}, (_, index) => line(index)).join('\n')}\n`;
	const {handle, size} = await logOf(t, content);
	let read = 0;
	const counted = new Proxy(handle, {
		get(target, name) {
			const value = Reflect.get(target, name) as unknown;
			if (name === 'read') {
				return async (buffer: Buffer, offset: number, length: number, position: number) => {
					read += length;
					return target.read(buffer, offset, length, position);
				};
			}

			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
	const end = await startBefore(counted, size, 20);
	assert.equal((await texts(counted, end, 20, size)).at(-1), line(999_999));
	assert.deepEqual(await texts(counted, 0, 1, size), [line(0)]);
	assert.ok(read < 400_000, `${read} bytes were read`);
	const hit = await searchBackward(handle, {
		query: 'LINE 500000 ',
		from: size,
		signal: new AbortController().signal,
		progress: () => {},
	});
	assert.deepEqual(await texts(handle, hit ?? 0, 1, size), [line(500_000)]);
});

test('a search finds every place once, also across the borders of what is read at a time', async t => {
	const lines = Array.from({length: 9000}, (_, index) => (index % 1000 === 7 ? `Needle ä ${index}` : 'x'.repeat(97)));
	const {handle, size} = await logOf(t, `${lines.join('\n')}\n`);
	const signal = new AbortController().signal;
	const up: string[] = [];
	let from = size;
	for (;;) {
		const hit = await searchBackward(handle, {query: 'needle ä', from, signal, progress: () => {}});
		if (hit === undefined) {
			break;
		}

		up.push(...(await texts(handle, hit, 1, size)));
		from = hit;
	}

	assert.deepEqual(up, lines.filter(line => line.startsWith('Needle')).toReversed());
	const down = await searchForward(handle, {query: 'needle', from: 0, signal, progress: () => {}}, size);
	assert.deepEqual(await texts(handle, down ?? 0, 1, size), ['Needle ä 7']);
});

test('a line without an end in sight is shown in pieces', async t => {
	const {handle, size} = await logOf(t, 'x'.repeat(200_000));
	const lines = await readForward(handle, 0, 10, size);
	assert.equal(
		lines.reduce((sum, line) => sum + line.text.length, 0),
		200_000,
	);
});
