import type {ToWorker} from '../engine/protocol.js';
import type {RunState} from '../engine/state.js';

/** What the console needs of a run, wherever it is executed. The engine's attach client is one. */
export type Connection = {
	/** The newest state; a new object after every change. */
	state(): RunState;
	/** Whether this console may send commands. */
	driving(): boolean;
	/** Calls the listener after every change of anything here. Returns the function that ends it. */
	subscribe(listener: () => void): () => void;
	send(message: ToWorker): void;
	/** Why the worker is gone; absent while it is there. */
	readonly lost?: string;
	/** Why the last command was not carried out; a new object for each refusal, so that two alike both show. */
	readonly refused?: {readonly reason: string};
	/** Path of a step's log on this side. Default: `<state.logs>/<step>.log`. */
	readLog?(step: string): string;
};
