import {closeSync, constants, fstatSync, openSync, readSync, statSync} from 'node:fs';
import {isDiskFull} from '../host/files.js';
import {t} from '../locales/index.js';
import type {RunEvent} from './events.js';
import {isObject, isThere, setAside} from './kept-file.js';
import {LineFile} from './line-file.js';
import {runPlaces} from './places.js';

/** More than an event has. In bytes. */
const tail = 256 * 1024;

/** The event in a line of an event file; undefined for a line that a crash has torn, or that is somebody else's. */
export function eventIn(line: string): RunEvent | undefined {
	try {
		const event: unknown = JSON.parse(line);
		return isObject(event) && typeof event.event === 'string' && typeof event.time === 'number'
			? (event as RunEvent)
			: undefined;
	} catch {
		return undefined;
	}
}

/** The last event of a run; undefined when there is none or it cannot be read. */
export function lastEvent(run: string): RunEvent | undefined {
	const {bytes} = readEvents(run, length => Math.max(0, length - tail));
	return eventIn(bytes.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
}

/** How long the event file of a run is now: where a resumed run's own events begin. */
export function eventsLength(run: string): number {
	return readEvents(run, length => length).length;
}

/**
Reads a piece of the event file of a run, at most 1 MiB. Nothing is in what is no file: a worker sets that aside.
`from` gets the length of the file.
*/
export function readEvents(run: string, from: (length: number) => number): {bytes: Buffer; length: number} {
	let file: number;
	try {
		// Waits for no pipe.
		file = openSync(runPlaces.events(run), constants.O_RDONLY | constants.O_NONBLOCK);
	} catch {
		return {bytes: Buffer.alloc(0), length: 0};
	}

	try {
		const stat = fstatSync(file);
		const length = stat.isFile() ? stat.size : 0;
		const position = from(length);
		const bytes = Buffer.alloc(Math.max(0, Math.min(length - position, 1024 * 1024)));
		return {bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position)), length};
	} finally {
		closeSync(file);
	}
}

/** Opens the event file of a run for its worker. What cannot be written to is put aside: only screens need it. */
export function openEvents(run: string): LineFile {
	const path = runPlaces.events(run);
	try {
		const isFile = !isThere(path) || statSync(path, {throwIfNoEntry: false})?.isFile() === true;
		if (isFile) {
			return new LineFile(path);
		}
	} catch (error) {
		if (isDiskFull(error) || !isThere(path)) {
			throw error;
		}
	}

	process.stderr.write(
		`${t('The event file could not be used and was put aside as {path}.', {path: setAside(path)})}\n`,
	);
	return new LineFile(path);
}
