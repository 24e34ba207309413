import {execFile} from 'node:child_process';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {makeTree} from './tree.js';

const run = promisify(execFile);

type Times = {readonly first: number; readonly seal: number; readonly verify: number};

/**
How long the parts of a backup take, against `cp -a` of the same files. The copy is proven by reading everything of the
original and of itself, and is on the disk when it counts; `cp` does neither.
*/
export async function backup(place: Place, runs = 5): Promise<Figure[]> {
	const worker = await place.build('backup-worker');
	const base = join(place.folder, 'installation');
	makeTree(base);
	const plain: number[] = [];
	const durable: number[] = [];
	const ours: Times[] = [];
	for (let round = 0; round < runs; round++) {
		const copy = join(place.folder, 'plain-copy');
		await run('sync');
		const began = performance.now();
		await run('cp', ['-a', base, copy]);
		plain.push(performance.now() - began);
		await run('sync', ['--file-system', copy]);
		durable.push(performance.now() - began);
		await rm(copy, {recursive: true});

		const directory = join(place.folder, 'backup-run');
		await run('sync');
		ours.push(JSON.parse((await run(process.execPath, [worker, base, directory])).stdout) as Times);
		await rm(directory, {recursive: true});
	}

	await rm(base, {recursive: true});
	const figure = (name: string, part: keyof Times, aim: number): Figure => {
		const value = median(ours.map(times => times[part]));
		return {
			name,
			value: value / median(plain),
			aim,
			unit: '×',
			from: `${milliseconds(value)} / ${milliseconds(median(plain))}, and ${milliseconds(median(durable))} with sync, medians of ${runs}`,
		};
	};
	return [
		figure('First backup copy, read back and compared, against cp -a', 'first', 1.3),
		figure('Backup in the window, nothing changed, against cp -a', 'seal', 1),
		figure('Backup read through, against cp -a', 'verify', 1),
	];
}
