import type {FileHandle} from 'node:fs/promises';
import {linesBefore, readForward} from './log-file.js';

/** A row of a log: the byte its line begins at, and which row of that line it is. */
export type Place = {readonly at: number; readonly row: number};

/** How many rows a line takes. */
type Height = (text: string) => number;

export function isBefore(a: Place, b: Place): boolean {
	return a.at < b.at || (a.at === b.at && a.row < b.row);
}

/** The row so many rows further up; the first one where there are fewer. */
export async function back(handle: FileHandle, {at, row}: Place, count: number, heightOf: Height): Promise<Place> {
	if (count <= row) {
		return {at, row: row - count};
	}

	let left = count - row;
	for (const line of (await linesBefore(handle, at, left)).reverse()) {
		const height = heightOf(line.text);
		if (left <= height) {
			return {at: line.at, row: height - left};
		}

		left -= height;
	}

	return {at: 0, row: 0};
}

/** The row so many rows further down; undefined beyond the last. */
export async function forth(
	handle: FileHandle,
	{at, row}: Place,
	count: number,
	size: number,
	heightOf: Height,
): Promise<Place | undefined> {
	let left = row + count;
	for (const line of await readForward(handle, at, left + 1, size)) {
		const height = heightOf(line.text);
		if (left < height) {
			return {at: line.at, row: left};
		}

		left -= height;
	}

	return undefined;
}
