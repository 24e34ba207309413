import assert from 'node:assert/strict';
import {appendFile, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {runPlaces} from '../../source/engine/places.js';
import type {Progress} from '../../source/engine/progress.js';
import type {RunState} from '../../source/engine/state.js';
import {SmallDisk} from '../small-disk.js';
import {exit, makeToy, reaches, readLines, statusOf} from './toy.js';

const skip = process.geteuid?.() === 0 ? false : 'needs root';

const isSlow = (state: RunState) =>
	statusOf(state, 'slow') === 'running' && state.steps[1]?.tail.at(-1)?.startsWith('begun') === true;

/** A run that stands in its slow step, on a disk that is about to be full. */
async function begin(t: TestContext) {
	const disk = await SmallDisk.make(t, '16m');
	const toy = await makeToy(t, {unattended: true}, disk);
	const worker = toy.start();
	const console = await toy.attach();
	await reaches(console, isSlow);
	return {disk, toy, worker, console};
}

/**
Fills the last page of the ledger up to where its next line ends, so that the one after that needs a page of its own:
a full disk still takes what fits into the pages it has given. Empty lines mean nothing there.
*/
async function padLedger(path: string): Promise<void> {
	const [line = ''] = (await readLines(path)).filter(text => text.includes('intent/slow'));
	const {size} = await stat(path);
	await appendFile(path, '\n'.repeat(4096 - ((size + line.length + 1) % 4096)));
}

async function progressOf(run: string): Promise<Partial<Progress>> {
	return JSON.parse(await readFile(runPlaces.progress(run), 'utf8')) as Partial<Progress>;
}

suite('a worker on a full disk', {skip}, () => {
	test('finishes with the room it has held back', async t => {
		const {disk, toy, worker, console} = await begin(t);
		await disk.fill();
		await toy.release();
		const state = await reaches(console, ({status}) => status === 'ended');
		assert.equal(state.outcome, 'kept', String(state.message));
		assert.equal(await exit(worker), 0);
		assert.equal((await progressOf(toy.run)).outcome, 'kept');
		const last = (await readLines(runPlaces.events(toy.run))).at(-1);
		assert.equal((JSON.parse(last ?? '') as RunEvent).event, 'run-ended');
	});

	test('without even that takes back what it did, tells its consoles, and tears no file', async t => {
		const {disk, toy, worker: first} = await begin(t);
		first.kill('SIGKILL');
		await exit(first);
		await padLedger(runPlaces.ledger(toy.run));
		const worker = toy.start();
		const console = await toy.attach();
		await reaches(console, isSlow);
		const before = await progressOf(toy.run);
		await rm(runPlaces.reserve(toy.run));
		// Its page would be free again when the slow program has ended.
		await rm(runPlaces.child(toy.run));
		await disk.fill();
		await toy.release();
		const state = await reaches(console, ({status}) => status === 'ended');
		assert.equal(state.outcome, 'rolled-back');
		assert.match(
			state.message ?? '',
			/^(“Write second” failed: )?The disk is full: .* Make room and start omflow-tui again\./,
		);
		assert.equal(await exit(worker), 0);
		assert.deepEqual(await toy.files(), ['slow']);
		assert.deepEqual(await progressOf(toy.run), before);
		for (const file of [runPlaces.events(toy.run), runPlaces.ledger(toy.run)]) {
			for (const line of await readLines(file)) {
				assert.doesNotThrow(() => JSON.parse(line), `${file} has a torn line: ${line}`);
			}
		}

		// What could not be written down is found out by looking.
		await disk.resize('16m');
		assert.equal(await exit(toy.start()), 0);
		assert.equal((await progressOf(toy.run)).outcome, 'kept');
		assert.deepEqual(await toy.files(), ['first', 'fragile', 'second', 'slow']);
		assert.deepEqual(await readLines(join(toy.world, 'order')), ['first', 'first', 'second']);
	});
});
