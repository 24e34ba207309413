import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {keys, type Terminal} from '../terminal.js';

/** Milliseconds there and back on the slow line. */
const roundTrip = 200;
const noise = 700;

/** What was measured while something worked: what was drawn, and how fast keys were answered. */
export type Figures = {
	readonly seconds: number;
	/** Bytes on average, and in the worst second. */
	readonly perSecond: number;
	readonly most: number;
	/** Milliseconds from each key to the row it moves the cursor to, in order of size. */
	readonly answers: readonly number[];
};

/**
Moves the cursor up and down on the screen of a run, as somebody does who looks around, until `isOver`; counts
what is drawn meanwhile.
*/
export async function measure(terminal: Terminal, isOver: () => boolean | Promise<boolean>): Promise<Figures> {
	const samples: Array<readonly [time: number, bytes: number]> = [];
	const sample = () => samples.push([performance.now(), terminal.bytes]);
	sample();
	const sampling = setInterval(sample, 50);
	const answers: number[] = [];
	// What comes after the work, most often a question that fills the screen, is no part of it.
	let counted = 0;
	try {
		for (let press = 0; !(await isOver()); press++) {
			counted = samples.length;
			const before = cursorRow(terminal);
			const sent = performance.now();
			terminal.send(press % 2 === 0 ? keys.down : keys.up);
			await terminal.waitFor(() => cursorRow(terminal) !== before);
			const took = performance.now() - sent;
			// What came before any answer can was the run, whose next step or question moved the cursor.
			if (took >= roundTrip && cursorRow(terminal) >= 0) {
				answers.push(took);
			}

			// Most of the time nobody presses anything; a rhythm would hide what comes in between.
			await pause(500 + ((press * 370) % 1000));
		}
	} finally {
		clearInterval(sampling);
	}

	return {...drawn(samples.slice(0, counted)), answers: answers.sort((a, b) => a - b)};
}

/**
Tells the figures. What is drawn is held to 2 KB a second, which no other work on this machine changes; the answers, aimed
at the round trip and 100 ms, only to what no machine under tests takes away.
*/
export function assertUsable(t: TestContext, what: string, {answers, most, perSecond, seconds}: Figures): void {
	const at = (share: number) => Math.round(answers[Math.ceil(answers.length * share) - 1] ?? Number.NaN);
	const figures =
		`${what} over a slow line: ${seconds.toFixed(0)} s, ${Math.round(perSecond)} bytes/s drawn, ${most} in the worst ` +
		`second; ${answers.length} keys answered in ${at(0.5)} ms (median), ${at(0.95)} ms (95 of 100), ${at(1)} ms (worst)`;
	t.diagnostic(figures);
	assert.ok(most <= 2048, figures);
	// Pip may be nearly done before somebody is there again to press a key.
	assert.ok(answers.length === 0 || at(0.5) <= roundTrip + 100 + noise, figures);
}

const cursorRow = (terminal: Terminal) => terminal.screen().findIndex(line => line.startsWith(' › '));

function drawn(samples: ReadonlyArray<readonly [time: number, bytes: number]>): Omit<Figures, 'answers'> {
	const [from, first] = samples[0] ?? [0, 0];
	const [to, last] = samples.at(-1) ?? [0, 0];
	const seconds = (to - from) / 1000;
	let most = 0;
	let begin = 0;
	for (const [time, bytes] of samples) {
		while (time - (samples[begin]?.[0] ?? 0) > 1000) {
			begin++;
		}

		most = Math.max(most, bytes - (samples[begin]?.[1] ?? 0));
	}

	return {seconds, perSecond: (last - first) / seconds, most};
}
