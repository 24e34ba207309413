import {appendFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {runPlaces} from '../source/engine/places.js';
import type {Terminal} from '../test/terminal.js';
import {openConsole} from './console.js';
import {type Figure, median} from './figure.js';
import type {Place} from './place.js';
import {processorSeconds} from './processes.js';
import {startToy, waiting} from './toy.js';

const idleSeconds = 10;

/** What a console costs on a slow line and on a small server while little or nothing happens. */
export async function wire(place: Place, runs = 5): Promise<Figure[]> {
	const toy = await startToy(place);
	const terminal = await openConsole(place, toy.state, waiting);
	const line: number[] = [];
	for (let run = 0; run < runs; run++) {
		line.push(await bytesOfLine(terminal, runPlaces.log(toy.run, 'begin'), `This is new line ${run} of the log.`));
	}

	const bytes: number[] = [];
	const percent: number[] = [];
	for (let run = 0; run < runs; run++) {
		const [from, used] = [terminal.bytes, await processorSeconds(terminal.pid)];
		const began = performance.now();
		await delay(idleSeconds * 1000);
		const seconds = (performance.now() - began) / 1000;
		bytes.push((terminal.bytes - from) / seconds);
		percent.push((((await processorSeconds(terminal.pid)) - used) / seconds) * 100);
	}

	await terminal.close();
	await toy.end();
	const windows = `median of ${runs} windows of ${idleSeconds} s`;
	return [
		{
			name: 'One changed line at 80×24',
			value: median(line),
			aim: 200,
			unit: 'B',
			from: `written to the pseudo-terminal, median of ${runs}`,
		},
		{name: 'Idle screen with its clock', value: median(bytes), aim: 250, unit: 'B/s', from: windows},
		{name: 'Idle processor of the console', value: median(percent), aim: 2, unit: '%', from: windows},
	];
}

/** Bytes for a line that is added to a log, between two ticks of the clock. */
async function bytesOfLine(terminal: Terminal, log: string, line: string): Promise<number> {
	await nextTick(terminal);
	const from = terminal.bytes;
	await appendFile(log, `${line}\n`);
	await terminal.waitFor(line);
	return terminal.bytes - from;
}

/** Waits until the clock on the screen has moved and all of it has arrived. */
async function nextTick(terminal: Terminal): Promise<void> {
	const before = terminal.text();
	await terminal.waitFor(screen => screen !== before);
	await delay(50);
}
