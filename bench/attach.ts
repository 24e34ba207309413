import {consoleOf, openConsole, timeToText} from './console.js';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {startToy, type Toy, waiting} from './toy.js';

const lines = 1_000_000;

/** Whether a long log makes anything slower: coming back to the run, and opening the log itself. */
export async function attach(place: Place, runs = 15): Promise<Figure[]> {
	const text = Array.from({length: lines}, (_, line) => `line ${line} of a step that prints a lot`).join('\n');
	const toys = [await startToy(place), await startToy(place, {log: `${text}\n`})] as const;
	const first: [number[], number[]] = [[], []];
	const log: [number[], number[]] = [[], []];
	for (let run = 0; run < runs; run++) {
		for (const [which, toy] of toys.entries()) {
			first[which]?.push(await timeToText(consoleOf(place, toy.state), waiting));
			log[which]?.push(await timeToLog(place, toy));
		}
	}

	await Promise.all(toys.map(toy => toy.end()));
	const figure = (name: string, [empty, full]: readonly [number[], number[]]): Figure => ({
		name,
		value: median(full) / median(empty),
		aim: 1.2,
		unit: '×',
		from: `${milliseconds(median(full))} / ${milliseconds(median(empty))}, medians of ${runs}`,
	});
	return [
		figure('Attaching to a run with 1,000,000 lines of log, against none', first),
		figure('Opening that log, against an empty one', log),
	];
}

async function timeToLog(place: Place, {state}: Toy): Promise<number> {
	const terminal = await openConsole(place, state, waiting);
	const began = performance.now();
	terminal.send('l');
	// Title and last line: the log is read and shown.
	await terminal.waitFor(screen => screen.includes('Log of') && screen.includes('$ /bin/cat'));
	const took = performance.now() - began;
	await terminal.close();
	return took;
}
