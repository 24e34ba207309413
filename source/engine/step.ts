import type {Runner} from '../host/process.js';
import type {Text} from '../locales/index.js';
import type {Answer, AskedQuestion, Expected, Fact, Finding, Outcome, Pane, Phase} from './state.js';

/**
One unit of work. `Facts` is what the runbook knows about this run; the engine only hands it through.

The engine writes the intent before `do` and the result after `verify`. After a crash it calls `look`,
which must judge by the system alone, and never trusts its own mark.
*/
export type Step<Facts = unknown> = {
	/** Stable: used in progress, log names, answers and JSON. */
	readonly id: string;
	readonly title: Text;
	readonly phase: Phase;
	/** Number of this step on the vendor's page, for example `3` or `8a`. */
	readonly documented?: string | undefined;
	/** Whether this run wants the step at all; it is shown as skipped otherwise. */
	wanted?(context: Context<Facts>): boolean;
	/**
	How long it will take, in milliseconds, by sizes and rates that this run has seen; undefined while they are not known.
	Asked only where no earlier run tells. Must not look at the system.
	*/
	expects?(context: Context<Facts>): number | undefined;
	look(context: Context<Facts>): Promise<'done' | 'todo' | 'partial'>;
	/** Does the work. May be called again after being cut at any point. */
	do(context: Context<Facts>): Promise<void>;
	/** Proves that the work is there. A blocker among the findings fails the step. */
	verify(context: Context<Facts>): Promise<readonly Finding[]>;
	/**
	Takes the work back and proves it; called only if `do` was begun. Safe to call again. May return what was found out on
	the way; its warnings are a part of what the run says in the end.
	*/
	undo?(context: Context<Facts>): Promise<readonly Finding[] | undefined>;
	/** What `undo` would do, for the screen; one sentence. */
	undoes?(context: Context<Facts>): string;
	/** The same as commands that an administrator types, for when `undo` cannot. Looks at what is left to do. */
	byHand?(context: Context<Facts>): Promise<readonly string[]>;
	/** What is still there after everything was taken back, and what can be done about it; undefined when nothing is. */
	stays?(context: Context<Facts>): string | undefined;
};

/** What a step gets from the engine. */
export type Context<Facts = unknown> = Runner & {
	readonly facts: Facts;
	/** Private directory of this run (mode 0700); survives crashes. */
	readonly directory: string;
	/** The log of this step. */
	readonly log: string;
	/** Aborted when the run is to be cut, where the step allows it. */
	readonly signal: AbortSignal;
	/** Shows the pane; at most ten a second reach a screen. */
	show(pane: Pane): void;
	/** Tells which version was found, for the header of every screen. */
	found(version: string, facts: readonly Fact[]): void;
	/** A line of the step's own in its log and on the screen. */
	say(line: string): void;
	/**
	Asks, and waits as long as it takes, or until the question's deadline. The accepted answer is kept and given back
	at once when the step is done again. `byDefault` answers in a run without a person, unless there is a deadline:
	until then a person may still come. `check` refuses an answer with a sentence, and the question is asked again
	with it; `isLate` says that nobody gave it before the deadline.
	*/
	ask<Kind extends Answer['kind']>(
		question: Extract<AskedQuestion, {kind: Kind}>,
		byDefault: Extract<Answer, {kind: Kind}>,
		check?: (answer: Extract<Answer, {kind: Kind}>, isLate: boolean) => Promise<string | undefined>,
	): Promise<Extract<Answer, {kind: Kind}>>;
	/** How long the window takes that comes next; undefined when nobody can tell. */
	expectedOutage(): Expected | undefined;
	/** The new version is kept: from here on nothing is taken back. On disk before it returns. */
	commit(): Promise<void>;
	/** Puts a pre-image or note into the undo ledger, on disk before it returns. Later entries of a key win. */
	record(key: string, value: unknown): Promise<void>;
	/** The ledger's last value for a key. */
	recall<T>(key: string): T | undefined;
};

/** A step that failed, with what the administrator can do about it. */
export class StepError extends Error {
	override readonly name = 'StepError';

	constructor(
		message: string,
		readonly remedy?: string,
		readonly findings: readonly Finding[] = [],
	) {
		super(message);
	}

	/** What forbids to go on with what was given: the run ends as blocked, not as failed. */
	static blocked(id: string, sentence: string): StepError {
		return new StepError(sentence, undefined, [{severity: 'blocker', id, sentence}]);
	}
}

/** Thrown by a step when the administrator chose to end the run here and go on another time. */
export class StopRequest extends Error {
	override readonly name = 'StopRequest';

	constructor(
		message: string,
		/** The other one: nobody was there to choose, and a person has to. */
		readonly outcome: Extract<Outcome, 'stopped' | 'needs-attention'> = 'stopped',
	) {
		super(message);
	}
}

/** Thrown by a step to have everything back, with the reason: the administrator chose so, or a deadline passed. */
export class RollBackRequest extends Error {
	override readonly name = 'RollBackRequest';
}
