import type {RunEvent} from './events.js';
import type {Answer, RunState} from './state.js';

/** From the worker, one JSON object a line. The first is always the snapshot. */
export type FromWorker =
	| {readonly type: 'snapshot'; readonly state: RunState; readonly driving: boolean}
	| {readonly type: 'event'; readonly event: RunEvent}
	/** Whether this console may send commands; another one took over when it turns false. */
	| {readonly type: 'driving'; readonly driving: boolean}
	/** A command was not carried out, and why. */
	| {readonly type: 'refused'; readonly reason: string};

/** To the worker, one JSON object a line. */
export type ToWorker =
	| {readonly type: 'answer'; readonly question: string; readonly answer: Answer}
	/** Say whether an answer would be accepted, without giving it. The newest one counts. */
	| {readonly type: 'try'; readonly question: string; readonly answer: Answer}
	/** End after the step that runs now; the run can be resumed. */
	| {readonly type: 'stop'}
	/** End the command that runs now, where it may be ended and nothing was changed yet; then it is asked how to go on. */
	| {readonly type: 'cut'}
	/** Take everything back; a step that must not be cut comes to its end first. */
	| {readonly type: 'roll-back'}
	/** Become the console that drives; the one before only watches from now on. */
	| {readonly type: 'take-over'};
