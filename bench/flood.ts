import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {RunState} from '../source/engine/state.js';
import {keys, type Terminal} from '../test/terminal.js';
import {openConsole, timeToEnd} from './console.js';
import {type Figure, median, milliseconds, percentile} from './figure.js';
import type {Place} from './place.js';
import {peakMegabytes} from './processes.js';
import {startToy, waiting} from './toy.js';

const lines = 1_000_000;
// One write a line, as most programs of a terminal do it.
const script = `for ((line = 1; line <= ${lines}; line++)); do echo "line $line of a step that prints a lot"; done`;
const command = ['/bin/bash', '-c', script];

type Flood = {
	readonly took: number;
	readonly keys: readonly number[];
	readonly console: number;
	readonly worker: number;
};

/** A step that prints without end: it, the console and the memory of both must not suffer. */
export async function flood(place: Place, runs = 5): Promise<Figure[]> {
	const alone: number[] = [];
	const floods: Flood[] = [];
	const file = join(place.folder, 'flood.log');
	for (let run = 0; run < runs; run++) {
		alone.push(await timeToEnd(['/bin/bash', '-c', `exec >${file}; ${script}`]));
		await rm(file);
		floods.push(await floodOnce(place));
	}

	const took = median(floods.map(one => one.took));
	const answered = floods.flatMap(one => one.keys);
	return [
		{
			name: 'A step of 1,000,000 lines, against the same command into a file',
			value: took / median(alone),
			aim: 1.25,
			unit: '×',
			from: `${milliseconds(took)} / ${milliseconds(median(alone))}, medians of ${runs}`,
		},
		{
			name: 'Key to screen meanwhile, 95 of 100',
			value: percentile(answered, 95),
			aim: 100,
			unit: 'ms',
			from: `${answered.length} keys, median ${milliseconds(median(answered))}`,
		},
		{
			name: 'Console resident at most',
			value: Math.max(...floods.map(one => one.console)),
			aim: 120,
			unit: 'MB',
			from: `peak of ${runs}`,
		},
		{
			name: 'Worker resident at most',
			value: Math.max(...floods.map(one => one.worker)),
			aim: 100,
			unit: 'MB',
			from: `peak of ${runs}`,
		},
	];
}

async function floodOnce(place: Place): Promise<Flood> {
	const toy = await startToy(place, {flood: command});
	const terminal = await openConsole(place, toy.state, waiting);
	const answered: number[] = [];
	await toy.release('begin');
	await toy.reaches(state => stepOf(state).status === 'running');
	await terminal.waitFor(/^ › . Print many lines/m);
	let isOver = false;
	const over = toy
		.reaches(state => stepOf(state).status === 'done')
		.finally(() => {
			isOver = true;
		});
	// Up and down between two steps: the cursor shows that a key was answered.
	for (let press = 0; !isOver; press++) {
		const took = await timeToMove(terminal, press % 2 === 0 ? keys.up : keys.down);
		if (!isOver) {
			answered.push(took);
			await Promise.race([over, pause(press)]);
		}
	}

	const {startedAt = 0, endedAt = 0} = stepOf(await over);
	const flood = {
		took: endedAt - startedAt,
		keys: answered,
		console: await peakMegabytes(terminal.pid),
		worker: await peakMegabytes(toy.pid),
	};
	await terminal.close();
	await toy.end();
	return flood;
}

function stepOf(state: RunState) {
	const step = state.steps.find(({id}) => id === 'flood');
	if (!step) {
		throw new Error('The toy has no step that floods.');
	}

	return step;
}

async function timeToMove(terminal: Terminal, key: string): Promise<number> {
	const at = () => terminal.screen().findIndex(row => row.startsWith(' › '));
	const before = at();
	const began = performance.now();
	terminal.send(key);
	await terminal.waitFor(() => at() !== before);
	return performance.now() - began;
}

/** Not in step with the console's ten frames a second. */
async function pause(press: number): Promise<void> {
	await new Promise(resolve => {
		setTimeout(resolve, 60 + ((press * 37) % 100));
	});
}
