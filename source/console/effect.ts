import type {ToWorker} from '../engine/protocol.js';
import type {RunState} from '../engine/state.js';
import {mark} from '../locales/index.js';
import type {Command} from './keys.js';
import type {View} from './model.js';

/** What a key asks of the world outside the view. */
export type Effect =
	| {readonly type: 'send'; readonly message: ToWorker}
	| {readonly type: 'log'; readonly command: Command}
	| {readonly type: 'search'; readonly query: string}
	| {readonly type: 'editor'; readonly name: string; readonly text: string}
	| {readonly type: 'copy' | 'redraw' | 'suspend' | 'leave' | 'findings'};

export type Situation = {
	readonly state: RunState;
	readonly driving: boolean;
	/** Rows of a page. */
	readonly page: number;
	/** Number of the last line the pane can be scrolled to. */
	readonly paneLast: number;
	readonly helpLast: number;
	/** Rows that are seen of what is to be read before a choice, and how many are above the last of them. */
	readonly reading?: {readonly rows: number; readonly last: number} | undefined;
};

export type Pressed = {readonly view: View; readonly effects: readonly Effect[]};

export const watching = mark('Another console answers. Press t to take over.');

/** The same where letters are typed. */
export const watchingTyped = mark('Another console answers. Press Esc, then t to take over.');

/** A key that only changes what is seen. */
export function only(view: View): Pressed {
	return {view, effects: []};
}
