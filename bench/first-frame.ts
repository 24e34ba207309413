import {consoleOf, timeToEnd, timeToText} from './console.js';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {startToy, waiting} from './toy.js';

/** How long a person waits for a console that attaches to a living run, against the start and end of Node.js alone. */
export async function firstFrame(place: Place, runs = 25): Promise<Figure[]> {
	const toy = await startToy(place);
	const bare: number[] = [];
	const first: number[] = [];
	for (let run = 0; run < runs; run++) {
		bare.push(await timeToEnd([process.execPath, '-e', '0']));
		first.push(await timeToText(consoleOf(place, toy.state), waiting));
	}

	await toy.end();
	return [
		{
			name: 'First frame of a console, against `node -e 0`',
			value: median(first) / median(bare),
			aim: 3,
			unit: '×',
			from: `${milliseconds(median(first))} / ${milliseconds(median(bare))}, medians of ${runs}`,
		},
	];
}
