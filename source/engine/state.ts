import type {Language} from '../locales/index.js';
import type {Waiting} from './waiting.js';

/**
What a run looks like from outside: the worker keeps it, sends it to every console, and both sides
change it only through `update` in `events.ts`. Plain data, so that it can be sent as JSON.
Times are milliseconds since the epoch, sizes are bytes.
*/

/** `sample` exists only in `rehearse --sample`: it builds the server that is then upgraded; `kit` only where a kit is built. */
export type Phase = 'sample' | 'kit' | 'prepare' | 'window' | 'confirm';

export type StepStatus =
	| 'pending'
	| 'running'
	/** Waits for an answer. */
	| 'asking'
	| 'done'
	/** Was not wanted, for example the python3 link. */
	| 'skipped'
	| 'failed'
	| 'undoing'
	| 'undone';

export type Severity = 'blocker' | 'warning' | 'info';

/** How a version in service fares. Only what is bad is taken back without asking; what cannot be told is asked about. */
export type Health = 'good' | 'bad' | 'unknown';

/** One thing found out about the host. A blocker forbids going on. */
export type Finding = {
	readonly severity: Severity;
	/** Stable name, for example `database-engine`. */
	readonly id: string;
	readonly sentence: string;
	/** What was seen: a line of a file, a command's output. Never a secret. */
	readonly evidence?: string;
	/** What the administrator can do about it. */
	readonly remedy?: string;
	/** Set when it is about a version in service. */
	readonly health?: Health;
};

/** Label and value, shown as one line. */
export type Fact = readonly [label: string, value: string];

/** What the live pane of a step shows, apart from its log. Shapes are general; steps fill them. */
export type Pane =
	| {
			readonly kind: 'progress';
			/** What is going on, for example `Downloading`. */
			readonly stage: string;
			/** 0 to 100 over the whole step; absent while unknown. */
			readonly percent?: number;
			/** The thing being worked on, for example a package. */
			readonly current?: string;
			readonly bytesPerSecond?: number;
			readonly secondsLeft?: number;
			/** The plan: count, download, disk. */
			readonly facts: readonly Fact[];
	  }
	| {
			readonly kind: 'table';
			readonly columns: readonly string[];
			/** Rows that need attention come first. */
			readonly rows: ReadonlyArray<{readonly cells: readonly string[]; readonly mood: Mood}>;
			readonly facts: readonly Fact[];
	  }
	| {readonly kind: 'facts'; readonly facts: readonly Fact[]}
	| {readonly kind: 'findings'; readonly findings: readonly Finding[]}
	| {
			/** A text file before and after, shown as a diff. */
			readonly kind: 'diff';
			readonly files: ReadonlyArray<{
				readonly path: string;
				readonly before: readonly string[];
				readonly after: readonly string[];
			}>;
			readonly facts: readonly Fact[];
	  };

export type Mood = 'good' | 'busy' | 'bad' | 'dull';

/** How long something is expected to take, and what says so. */
export type Expected = {
	/** 0 for a step that this run does not want. */
	readonly milliseconds: number;
	readonly from: 'rehearsal' | 'earlier run' | 'sizes';
	/** When that rehearsal or run began; absent where several had to be asked. */
	readonly at?: number;
};

export type StepState = {
	readonly id: string;
	readonly title: string;
	readonly phase: Phase;
	/** Number of this step on the vendor's page, for example `3` or `8a`. */
	readonly documented?: string;
	/** The version its hop leads to, in a run of several. */
	readonly hop?: string;
	readonly status: StepStatus;
	readonly startedAt?: number;
	readonly endedAt?: number;
	/** How long its own work took, without waiting for answers. Absent unless it was done in one go. */
	readonly worked?: number;
	/** Absent while nobody can tell. */
	readonly expected?: Expected;
	readonly pane?: Pane;
	/** The command that runs now, as shown to a person. */
	readonly command?: string;
	/** Last lines of output, raw: escape sequences may be inside, the console makes them harmless. */
	readonly tail: readonly string[];
	/** Set while the command prints nothing for long. */
	readonly waiting?: Waiting;
	/** One sentence: what was done, why it failed. */
	readonly note?: string;
	/** What to do about a failure. */
	readonly remedy?: string;
	readonly findings: readonly Finding[];
};

/** A line of a text file that may be edited in place. */
export type EditableLine = {
	/** Index into `lines`, from 0. */
	readonly index: number;
	/** Byte-for-byte line as it stands on disk now, without its line end. */
	readonly before: string;
	/** Whole values from the host that fit into this line, best first. */
	readonly completions: readonly string[];
};

/** A question as a step asks it. */
export type AskedQuestion = {
	/** `step/name`; the answer is kept under this key and the question is not asked again. */
	readonly id: string;
	/** Asked each time: an answer given yesterday is none today. */
	readonly always?: true;
	/** Until when an answer is waited for, in milliseconds since the epoch; then `expired` counts as the answer. */
	readonly deadline?: number;
	readonly expired?: Answer;
	/** An answer may be tried before it is given; this is said when it would be accepted. */
	readonly trial?: string;
	readonly prompt: string;
} & (
	| {
			readonly kind: 'choice';
			/** What is to be read before, shown above the choices and moved through; its lines as they are, some of them raw. */
			readonly details?: string;
			readonly choices: ReadonlyArray<{readonly value: string; readonly label: string; readonly explanation?: string}>;
			/** The safe choice; the one under the cursor at first. */
			readonly initial: string;
	  }
	| {
			/** A whole text to look through and change, for example the requirements. */
			readonly kind: 'text';
			readonly name: string;
			readonly text: string;
			/** Remarks to show beside the text, by line index. */
			readonly remarks: ReadonlyArray<{readonly index: number; readonly remark: string; readonly mood?: Mood}>;
	  }
	| {
			/** One line for a program that asks at its terminal. */
			readonly kind: 'line';
			/** Whether what is typed must not be seen: the program has switched the echo off. */
			readonly hidden: boolean;
			/** What the program printed last, raw. */
			readonly output: readonly string[];
	  }
	| {
			/** Files in which some lines may be edited. */
			readonly kind: 'lines';
			readonly files: ReadonlyArray<{
				readonly path: string;
				/** The file as proposed, line by line. */
				readonly lines: readonly string[];
				readonly editable: readonly EditableLine[];
			}>;
	  }
);

/** A question as the console gets it. */
export type Question = AskedQuestion & {
	readonly step: string;
	/** Set when an earlier answer was refused: why. */
	readonly problem?: string;
	/** The answer tried last, and why it would be refused; only where the question offers a trial. */
	readonly tried?: {readonly answer: Answer; readonly problem?: string};
};

/** Answer to a question: the chosen value; the text; the line; or for `lines` every file's lines. */
export type Answer =
	| {readonly kind: 'choice'; readonly value: string}
	| {readonly kind: 'text'; readonly text: string}
	/** `end` is the end of input instead of a line. Once it is given, a hidden line is empty for whoever is told of it. */
	| {readonly kind: 'line'; readonly text: string; readonly end?: true}
	| {readonly kind: 'lines'; readonly files: ReadonlyArray<{readonly path: string; readonly lines: readonly string[]}>};

/** Something to do by hand, and the commands for it as an administrator types them. */
export type ByHand = {readonly what: string; readonly commands: readonly string[]};

export type Outcome = 'kept' | 'rolled-back' | 'stopped' | 'blocked' | 'needs-attention';

export type RunStatus =
	| 'running'
	/** A question is open. */
	| 'asking'
	/** Ends after the step that runs now. */
	| 'stopping'
	| 'rolling-back'
	| 'ended';

/** The service as its users see it, from the last probe. */
export type ServiceState = {
	readonly url: string;
	readonly answers: boolean;
	/** HTTP status or the reason why there is none. */
	readonly reply: string;
	readonly milliseconds?: number;
	readonly probedAt: number;
	/** Processes, port, unit; as far as known. */
	readonly facts: readonly Fact[];
	/** Last lines of the service's own log, raw. */
	readonly log: readonly string[];
};

export type RunState = {
	readonly id: string;
	readonly kind: 'upgrade' | 'rehearsal' | 'restore' | 'kit';
	readonly host: string;
	/** The version the hop under way began with; absent until the installation was found. */
	readonly from?: string;
	/** Where the last hop leads. */
	readonly to: string;
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly status: RunStatus;
	readonly outcome?: Outcome;
	/** One sentence about the outcome, with the next action. */
	readonly message?: string;
	readonly steps: readonly StepState[];
	readonly question?: Question;
	readonly service?: ServiceState;
	/** When the service stopped answering; absent while it answers. */
	readonly outageSince?: number;
	/** Outages that are over, added up. */
	readonly outageMilliseconds: number;
	/** How long the window takes that comes next or is open. Absent while nobody can tell. */
	readonly expectedOutage?: Expected;
	/** Nobody is asked: questions take their safe default. */
	readonly unattended?: true;
	/** In which the run speaks. */
	readonly language?: Language;
	/** What undo would do now, newest change first, one sentence each. */
	readonly undo: readonly string[];
	/** What is left of a rollback that could not finish, in order. */
	readonly byHand?: readonly ByHand[];
	/** Where the logs of the steps are, as `<step id>.log`, on the side of whoever reads this. */
	readonly logs: string;
};
