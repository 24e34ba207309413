/** What a process does or waits for, as far as the kernel tells. */
export type Activity =
	/** Uses the processor. */
	| 'work'
	| 'input'
	| 'lock'
	| 'disk'
	| 'network'
	/** Until a process that it started has ended. */
	| 'child'
	/** Until a time has passed. */
	| 'time'
	/** Was stopped by a signal, and goes on with another. */
	| 'stopped'
	| 'unknown';

/** What a program waits for that prints nothing: the one thing of all its processes that matters most to a person. */
export type WaitsFor = {
	/** The process that does. */
	readonly pid: number;
} & (
	| {
			readonly kind: 'input';
			/** The line it ended its output with, raw. */
			readonly prompt: string;
			/** Whether its terminal does not show what is typed, as for a password. */
			readonly hidden: boolean;
			/** Whether it takes every key at once, and wants no Enter after it. */
			readonly keys: boolean;
	  }
	| {
			readonly kind: 'lock';
			/** Absent where it cannot be seen. */
			readonly path?: string;
			readonly holder?: {readonly pid: number; readonly program: string};
	  }
	| {
			readonly kind: 'network';
			/** Host and port of the other end. */
			readonly address: string;
	  }
	| {readonly kind: Exclude<Activity, 'input' | 'lock' | 'network' | 'child'>}
);

/** A command that prints nothing for some time. */
export type Waiting = {
	/** When it printed something last, or began. */
	readonly since: number;
	readonly on: WaitsFor;
	/** What it started, parents first, as far as there is room. */
	readonly processes: ReadonlyArray<{
		readonly pid: number;
		/** 0 for the command itself. */
		readonly depth: number;
		/** Program and what it runs, never its options: these may hold a password. */
		readonly program: string;
		readonly activity: Activity;
		/** Seconds of processor used so far. */
		readonly cpuSeconds: number;
	}>;
	/** Processes for which there was no room. */
	readonly more: number;
	/** Whether the command may be ended at any moment. */
	readonly cuttable: boolean;
};
