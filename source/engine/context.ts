import {appendFile, mkdir} from 'node:fs/promises';
import {isDiskFull} from '../host/files.js';
import {type Child, createRunner, plainEnvironment, type Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {recordChild} from './children.js';
import {CommandWatch} from './command-watch.js';
import {afterCut} from './cut.js';
import type {Hop} from './hop.js';
import type {Journal} from './journal.js';
import type {Entries} from './ledger.js';
import {OutputTail} from './output.js';
import {runPlaces} from './places.js';
import {type Room, RoomWatch} from './room.js';
import {milestones} from './stage.js';
import type {Answer, AskedQuestion} from './state.js';
import {type Context, type Step, StepError} from './step.js';
import {Trial} from './trial.js';

type Waiting = {
	readonly id: string;
	/** Returns why that cannot be the answer, or undefined. */
	give(answer: Answer): string | undefined;
	readonly trial: Trial | undefined;
};

/** Everything a run consists of while a worker carries it out. */
export type Carried<Facts> = {
	readonly run: string;
	readonly journal: Journal;
	/** The hop that is under way. */
	hop: Hop<Facts>;
	/** Where the hop before it led, which was kept; absent in the first one. */
	reached: string | undefined;
	/** Whether another hop follows. */
	isLast: boolean;
	/** The part of the ledger that belongs to it. */
	ledger: Entries;
	/** Aborted to cut the step that runs now, where it may be cut. Replaced after every cut. */
	cut: AbortController;
	waiting: Waiting | undefined;
	/** Milliseconds that the step under way has waited for answers. */
	waited: number;
	/** The command that runs now. */
	child: Child | undefined;
	/** How long a command prints nothing before it is told what it waits for, in milliseconds. */
	readonly patience: number;
	/** The least room there was during the step that was carried out last. */
	leastRoom: Room | undefined;
};

/** Makes the context of a step and runs `body` with it, following the step's log meanwhile. */
export async function withContext<Facts, Result>(
	carried: Carried<Facts>,
	step: Step<Facts>,
	body: (context: Context<Facts>) => Promise<Result>,
): Promise<Result> {
	const {hop, journal} = carried;
	// What was to be cut may have come to its end by itself just then.
	afterCut(carried);
	const log = runPlaces.log(carried.run, step.id);
	const room = new RoomWatch(carried.run);
	room.start();
	const watch = new CommandWatch(
		carried,
		step.id,
		line => append(log, `${line}\n`),
		() => tail.look(),
	);
	const tail = new OutputTail(log, (lines, unfinished) => {
		watch.heard(unfinished);
		journal.emitSoon({event: 'output', step: step.id, tail: lines});
	});
	try {
		await mkdir(runPlaces.logs(carried.run), {recursive: true, mode: 0o700});
		await mkdir(runPlaces.hop(carried.run, hop.suffix), {recursive: true, mode: 0o700});
		await append(log, '');
		tail.start();
		return await body(contextOf(carried, step, watch));
	} finally {
		await tail.stop();
		carried.leastRoom = await room.stop();
	}
}

/** The context alone, for a sentence about the step. */
export function contextOf<Facts>(carried: Carried<Facts>, step: Step<Facts>, watch?: CommandWatch): Context<Facts> {
	const {hop, journal, ledger} = carried;
	const log = runPlaces.log(carried.run, step.id);
	const {plan} = journal;
	const runner: Runner = createRunner({
		log,
		environment: plainEnvironment,
		networkEnvironment: plan.networkEnvironment,
		...(plan.networkNamespace ? {networkNamespace: plan.networkNamespace} : {}),
		signal: carried.cut.signal,
		async onChild(child, type) {
			await recordChild(carried.run, step.id, child).catch(error => ignoreDiskFull(error));
			await (child ? watch?.began(child, type) : watch?.ended());
		},
		onCommand: command => journal.emit({event: 'command', step: step.id, command}),
	});
	return {
		...runner,
		run: async (argv, options) =>
			runner.run(argv, options).catch(error => {
				throw watch?.failure ?? error;
			}),
		facts: hop.facts,
		directory: runPlaces.hop(carried.run, hop.suffix),
		log,
		signal: carried.cut.signal,
		show(pane) {
			watch?.heard();
			journal.emitSoon({event: 'pane', step: step.id, pane});
		},
		found: (from, facts) => journal.emit({event: 'installation', from, facts}),
		async say(line) {
			await append(log, `${line}\n`);
		},
		ask: (question, byDefault, check) => ask(carried, step.id, question, byDefault, check),
		expectedOutage: () => journal.state.expectedOutage,
		async commit() {
			ledger.record(milestones.kept, Date.now());
		},
		async record(key, value) {
			ledger.record(key, value);
		},
		recall: key => ledger.recall(key),
	};
}

/** A line that a log has no room for is no reason to fail. */
async function append(log: string, text: string): Promise<void> {
	await appendFile(log, text, {mode: 0o600}).catch(error => ignoreDiskFull(error));
}

function ignoreDiskFull(error: unknown): void {
	if (!isDiskFull(error)) {
		throw error;
	}
}

async function ask<Kind extends Answer['kind']>(
	carried: Carried<unknown>,
	step: string,
	question: Extract<AskedQuestion, {kind: Kind}>,
	byDefault: Extract<Answer, {kind: Kind}>,
	check: ((answer: Extract<Answer, {kind: Kind}>, isLate: boolean) => Promise<string | undefined>) | undefined,
): Promise<Extract<Answer, {kind: Kind}>> {
	type Wanted = Extract<Answer, {kind: Kind}>;
	const {journal} = carried;
	const asked = {...question, id: `${question.id}${carried.hop.suffix}`};
	const kept = asked.always ? undefined : journal.answers[asked.id];
	if (kept?.kind === asked.kind && !(await check?.(kept as Wanted, false))) {
		return kept as Wanted;
	}

	if (journal.plan.unattended && asked.deadline === undefined) {
		const problem = await check?.(byDefault, false);
		if (problem) {
			throw new StepError(problem, t('Run it with a console, where this can be decided.'));
		}

		journal.emit({event: 'answered', question: asked.id, answer: byDefault, by: 'default'});
		return byDefault;
	}

	let problem: string | undefined;
	for (;;) {
		journal.emit({event: 'question', question: {...asked, step, ...(problem ? {problem} : {})}});
		journal.emit({event: 'step', step, status: 'asking'});
		const since = Date.now();
		const trial = asked.trial === undefined ? undefined : trialOf(journal, asked, check);
		// What is proposed is the first thing to know about.
		trial?.try(byDefault);
		const given = await answerTo(carried, asked, trial).finally(() => trial?.end());
		carried.waited += Date.now() - since;
		const isLate = given === undefined;
		const answer = given ?? asked.expired ?? byDefault;
		journal.emit({event: 'step', step, status: 'running'});
		problem = answer.kind === asked.kind ? await check?.(answer as Wanted, isLate) : unfitting();
		if (!problem) {
			journal.emit({event: 'answered', question: asked.id, answer, by: isLate ? 'deadline' : 'console'});
			return answer as Wanted;
		}

		if (isLate) {
			throw new StepError(problem);
		}
	}
}

function trialOf<Kind extends Answer['kind']>(
	journal: Journal,
	asked: Extract<AskedQuestion, {kind: Kind}>,
	check: ((answer: Extract<Answer, {kind: Kind}>, isLate: boolean) => Promise<string | undefined>) | undefined,
): Trial {
	return new Trial(
		async answer =>
			answer.kind === asked.kind ? check?.(answer as Extract<Answer, {kind: Kind}>, false) : unfitting(),
		(answer, problem) =>
			journal.emit({event: 'tried', question: asked.id, answer, ...(problem === undefined ? {} : {problem})}),
	);
}

const unfitting = () => t('That answer does not fit the question.');

/** What a console answers; undefined when nobody did before the deadline. */
async function answerTo(
	carried: Carried<unknown>,
	{id, deadline = Infinity}: Pick<AskedQuestion, 'id' | 'deadline'>,
	trial: Trial | undefined,
): Promise<Answer | undefined> {
	const {signal} = carried.cut;
	signal.throwIfAborted();
	return new Promise((resolve, reject) => {
		const isLate = () => Date.now() >= deadline;
		const end = () => {
			clearInterval(clock);
			signal.removeEventListener('abort', cut);
			carried.waiting = undefined;
		};
		const cut = () => {
			end();
			reject(signal.reason);
		};
		const look = () => {
			if (isLate()) {
				end();
				resolve(undefined);
			}
		};
		// By the clock of the day, which goes on while this process, or the machine, is halted.
		const clock = deadline === Infinity ? undefined : setInterval(look, clockMilliseconds);
		signal.addEventListener('abort', cut, {once: true});
		carried.waiting = {
			id,
			trial,
			give(answer) {
				end();
				resolve(isLate() ? undefined : answer);
				return undefined;
			},
		};
		look();
	});
}

const clockMilliseconds = 250;
