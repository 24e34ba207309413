import type {RunState} from '../engine/state.js';
import type {LogState} from './log-view.js';
import type {Snapshot} from './store.js';

/** Bytes a second that drawing takes in the long run: a modem's line stays free for keys and for what they show. */
const RATE = 1200;
const SHORTEST = 100;
// However much there is to draw, on a screen however large, it moves.
const LONGEST = 1000;

/**
Says when the next frame may be drawn. Each frame is paid for with time by its bytes: ten small ones a second, or two in
which a whole pane scrolled.
*/
export class Pace {
	#drawnAt = 0;
	/** Bytes that were written and are not paid for yet, at the time of the last look. */
	#owed = 0;
	#lookedAt = 0;
	#written = 0;

	drawn(now: number): void {
		this.#drawnAt = now;
	}

	/** Milliseconds to wait from now; what is urgent does not wait for the line. */
	wait(now: number, written: number, isUrgent: boolean): number {
		this.#owed = Math.max(0, this.#owed - ((now - this.#lookedAt) / 1000) * RATE) + written - this.#written;
		this.#lookedAt = now;
		this.#written = written;
		const paid = isUrgent ? 0 : (this.#owed / RATE) * 1000;
		return Math.max(0, Math.min(LONGEST, Math.max(this.#drawnAt + SHORTEST - now, paid)));
	}
}

/** Whether something changed that a person waits for: more than output, figures and clocks. */
export function waitsFor(before: Snapshot, after: Snapshot): boolean {
	return (
		before.view !== after.view ||
		before.driving !== after.driving ||
		before.lost !== after.lost ||
		isNews(before.state, after.state) ||
		isMoved(before.log, after.log)
	);
}

function isNews(before: RunState, after: RunState): boolean {
	return (
		before.status !== after.status ||
		before.question !== after.question ||
		before.outageSince !== after.outageSince ||
		before.steps.length !== after.steps.length ||
		after.steps.some((step, index) => step.status !== before.steps[index]?.status)
	);
}

/** A log that only grows is output; else a key was pressed, whose answer comes from the disk. */
function isMoved(before: LogState | undefined, after: LogState | undefined): boolean {
	return before !== after && !(before?.follow && after?.follow && before.lines.length > 0);
}
