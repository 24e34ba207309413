import {isDiskFull} from '../host/files.js';
import {CommandError} from '../host/process.js';
import {type Carried, withContext} from './context.js';
import type {Room} from './room.js';
import type {Finding, Outcome} from './state.js';
import {RollBackRequest, type Step, StepError, StopRequest} from './step.js';

export type Ending = {readonly outcome: Outcome; readonly message: string};

/** What a console asked for while a step ran. */
export type Wishes = {stop: boolean; rollBack: boolean};

const onRequest = 'Rolled back on request.';
const rollingBackKey = 'rolling-back';
const intent = (step: Step<never>) => `intent/${step.id}`;
const undone = (step: Step<never>) => `undone/${step.id}`;

/**
Carries out the steps in order, each only if a look at the system says that it is not done, and takes
everything back when one fails after the service went down. Called again after a crash it goes on where
the system stands, also in the middle of taking back.
*/
export async function execute<Facts>(
	carried: Carried<Facts>,
	steps: ReadonlyArray<Step<Facts>>,
	wishes: Wishes,
	onPhase: (step: Step<Facts>) => void,
): Promise<Ending> {
	const interrupted = carried.ledger.recall<string>(rollingBackKey);
	if (interrupted) {
		return rollBack(carried, steps, interrupted);
	}

	for (const step of steps) {
		if (wishes.rollBack) {
			return rollBack(carried, steps, onRequest);
		}

		if (wishes.stop) {
			return {outcome: 'stopped', message: `Stopped before “${step.title}”. Start omflow-tui again to go on.`};
		}

		onPhase(step);
		const ending = await carryOut(carried, steps, step, wishes);
		tellUndo(carried, steps);
		if (ending) {
			return ending;
		}
	}

	return {outcome: 'kept', message: 'The new version is in service.'};
}

/** Does one step; returns an ending when the run is over with it. */
async function carryOut<Facts>(
	carried: Carried<Facts>,
	steps: ReadonlyArray<Step<Facts>>,
	step: Step<Facts>,
	wishes: Wishes,
): Promise<Ending | undefined> {
	for (;;) {
		try {
			await withContext(carried, step, async context => {
				const {journal, ledger} = carried;
				const tell = journal.emit.bind(journal);
				if (step.wanted && !step.wanted(context)) {
					tell({event: 'step', step: step.id, status: 'skipped'});
					return;
				}

				tell({event: 'step', step: step.id, status: 'running'});
				if ((await step.look(context)) !== 'done') {
					ledger.record(intent(step), true);
					tellUndo(carried, steps);
					await step.do(context);
				}

				const findings = await step.verify(context);
				refuseBlockers(findings);
				tell({event: 'step', step: step.id, status: 'done', findings});
			});
			return undefined;
		} catch (error) {
			const ending = await afterFailure(carried, steps, step, wishes, error);
			if (ending !== 'again') {
				return ending;
			}
		}
	}
}

function refuseBlockers(findings: readonly Finding[]): void {
	const blockers = findings.filter(({severity}) => severity === 'blocker');
	if (blockers[0]) {
		const more = blockers.length > 1 ? ` (and ${blockers.length - 1} more)` : '';
		throw new StepError(`${blockers[0].sentence}${more}`, blockers[0].remedy, findings);
	}
}

async function afterFailure<Facts>(
	carried: Carried<Facts>,
	steps: ReadonlyArray<Step<Facts>>,
	step: Step<Facts>,
	wishes: Wishes,
	error: unknown,
): Promise<Ending | 'again'> {
	const {journal} = carried;
	if (error instanceof StopRequest) {
		journal.emit({event: 'step', step: step.id, status: 'pending'});
		return {outcome: 'stopped', message: error.message};
	}

	if (wishes.rollBack || error instanceof RollBackRequest) {
		journal.emit({event: 'step', step: step.id, status: 'failed', note: 'Ended because everything is taken back.'});
		return rollBack(carried, steps, onRequest);
	}

	const failure = explain(error, carried.leastRoom);
	journal.emit({
		event: 'step',
		step: step.id,
		status: 'failed',
		note: failure.message,
		...(failure.remedy ? {remedy: failure.remedy} : {}),
		...(failure.findings.length > 0 ? {findings: failure.findings} : {}),
	});
	if (step.phase === 'window' || step.phase === 'confirm') {
		return rollBack(carried, steps, `“${step.title}” failed: ${sentences(failure)}`);
	}

	if (journal.plan.unattended) {
		return giveUp(carried, steps, failure);
	}

	const answer = await withContext(carried, step, context =>
		context.ask(
			{
				id: `${step.id}/failed-${Date.now()}`,
				kind: 'choice',
				prompt: `“${step.title}” failed: ${sentences(failure)}`,
				choices: [
					{value: 'again', label: 'Try again', explanation: 'The step looks at the system and goes on from there.'},
					{value: 'stop', label: 'Stop here', explanation: 'OMFLOW runs on as it is. Start omflow-tui to go on.'},
					{value: 'end', label: 'Give up', explanation: 'Everything this run prepared is removed.'},
				],
				initial: 'again',
			},
			{kind: 'choice', value: 'end'},
		),
	).catch(() => ({value: wishes.rollBack ? 'end' : 'stop'}));
	if (answer.value === 'again') {
		return 'again';
	}

	return answer.value === 'stop'
		? {outcome: 'stopped', message: `Stopped at “${step.title}”. Start omflow-tui again to go on.`}
		: giveUp(carried, steps, failure);
}

/** Ends a run that failed before the service was touched. */
async function giveUp<Facts>(
	carried: Carried<Facts>,
	steps: ReadonlyArray<Step<Facts>>,
	failure: Failure,
): Promise<Ending> {
	const message = sentences(failure);
	const ending = await rollBack(carried, steps, message);
	if (ending.outcome !== 'rolled-back' || failure.findings.length === 0) {
		return ending;
	}

	const hasChanged = steps.some(step => (step.undo || step.undoes) && carried.ledger.recall(intent(step)));
	return {outcome: 'blocked', message: hasChanged ? ending.message : `${message} Nothing was changed.`};
}

/** Takes back every step that was begun, newest first. */
export async function rollBack<Facts>(
	carried: Carried<Facts>,
	steps: ReadonlyArray<Step<Facts>>,
	reason: string,
): Promise<Ending> {
	const {journal, ledger} = carried;
	ledger.note(rollingBackKey, reason);
	journal.emit({event: 'rolling-back', reason});
	// The step that was cut is over; what follows must not be.
	carried.cut = new AbortController();
	const left = undoable(carried, steps);
	for (const [index, step] of left.entries()) {
		try {
			await withContext(carried, step, async context => {
				journal.emit({event: 'step', step: step.id, status: 'undoing'});
				await step.undo?.(context);
			});
		} catch (error) {
			const failure = explain(error, carried.leastRoom);
			journal.emit({event: 'step', step: step.id, status: 'failed', note: `Undo failed: ${failure.message}`});
			const rest = left.slice(index).map(({undoes, title}) => undoes ?? title);
			return {
				outcome: 'needs-attention',
				message:
					`Taking back “${step.title}” failed: ${sentences(failure)} Still to do, in this order: ${rest.join(' ')} ` +
					'Remove the cause and start omflow-tui again: it goes on from here.',
			};
		}

		ledger.note(undone(step), true);
		journal.emit({event: 'step', step: step.id, status: 'undone'});
		tellUndo(carried, steps);
	}

	const stays = steps.filter(step => !step.undo && step.undoes && ledger.recall(intent(step)));
	return {
		outcome: 'rolled-back',
		message: [reason, 'The service is as it was before.', ...stays.map(({undoes}) => undoes)].join(' '),
	};
}

function undoable<Facts>(carried: Carried<Facts>, steps: ReadonlyArray<Step<Facts>>): Array<Step<Facts>> {
	const {ledger} = carried;
	return steps.filter(step => step.undo && ledger.recall(intent(step)) && !ledger.recall(undone(step))).reverse();
}

function tellUndo<Facts>(carried: Carried<Facts>, steps: ReadonlyArray<Step<Facts>>): void {
	const undo = undoable(carried, steps).map(({undoes, title}) => undoes ?? title);
	carried.journal.emit({event: 'undo', undo});
}

type Failure = {readonly message: string; readonly remedy?: string; readonly findings: readonly Finding[]};

function sentences({message, remedy}: Failure): string {
	return `${message}${remedy ? ` ${remedy}` : ''}`;
}

/** Why a step failed. A full disk explains what a program may not even have had the room to say. */
function explain(error: unknown, room: Room | undefined): Failure {
	const failure = explainItself(error);
	if (/disk/i.test(failure.message) || !room || room.bytes > tightRoom) {
		return failure;
	}

	const free = `${(room.bytes / 1e6).toFixed(1)} MB`;
	return {
		...failure,
		message: `${failure.message} The disk was full meanwhile: ${free} were free ${room.where}.`,
		remedy: makeRoom,
	};
}

/** Less than this is what a failed program left over. */
const tightRoom = 4_000_000;
const makeRoom = 'Make room and start omflow-tui again.';

function explainItself(error: unknown): Failure {
	if (error instanceof StepError) {
		return {message: error.message, findings: error.findings, ...(error.remedy ? {remedy: error.remedy} : {})};
	}

	if (error instanceof CommandError) {
		if (/No space left on device|Disk quota exceeded/.test(error.lastOutput)) {
			return {message: `${error.message}: the disk is full.`, remedy: makeRoom, findings: []};
		}

		const last = error.lastOutput.split('\n').at(-1)?.trim();
		return {
			message: asSentence(`${error.message}${last ? `: ${last}` : ''}`),
			remedy: 'Its output is in the log of this step.',
			findings: [],
		};
	}

	if (isDiskFull(error)) {
		const path = error.path ? `: there is no room for ${error.path}` : '';
		return {message: `The disk is full${path}.`, remedy: makeRoom, findings: []};
	}

	return {message: asSentence(error instanceof Error ? error.message : String(error)), findings: []};
}

function asSentence(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}
