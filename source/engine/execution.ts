import {type Carried, withContext} from './context.js';
import {explain, type Failure, sentences} from './failure.js';
import {milestones, stageOf} from './stage.js';
import type {Finding, Outcome} from './state.js';
import {RollBackRequest, type Step, StepError, StopRequest} from './step.js';

export type Ending = {
	readonly outcome: Outcome;
	readonly message: string;
	/** The version of the last hop that was kept, in a run that ended before its last one was. */
	readonly reached?: string;
};

/** What a console asked for while a step ran. */
export type Wishes = {stop: boolean; rollBack: boolean};

const onRequest = 'Rolled back on request.';
const intent = (step: Step<never>) => `intent/${step.id}`;
const undone = (step: Step<never>) => `undone/${step.id}`;

/**
Carries out the steps of the hop under way in order, each only if a look at the system says that it is not done, and takes
everything back when one fails while the service is down. Called again after a crash it goes on where
the system stands, also in the middle of taking back.
*/
export async function execute<Facts>(
	carried: Carried<Facts>,
	wishes: Wishes,
	onPhase: (step: Step<Facts>) => void,
): Promise<Ending> {
	const {ledger} = carried;
	const interrupted = ledger.recall<string>(milestones.rollingBack);
	if (interrupted && stageOf(ledger) === 'rolling-back') {
		return rollBack(carried, interrupted);
	}

	for (const step of stepsLeft(carried)) {
		if (wishes.rollBack) {
			return rollBack(carried, onRequest);
		}

		if (wishes.stop && stageOf(ledger) !== 'window') {
			return {outcome: 'stopped', message: `Stopped before “${step.title}”. Start omflow-tui again to go on.`};
		}

		onPhase(step);
		const ending = await carryOut(carried, step, wishes);
		tellUndo(carried);
		if (ending) {
			return ending;
		}
	}

	return wishes.rollBack && stageOf(ledger) !== 'kept'
		? rollBack(carried, onRequest)
		: {outcome: 'kept', message: 'The new version is in service.'};
}

/**
The steps that may still have to be done. With the window open nothing is prepared once more, since the service
waits; once the new version is kept, only the last step's tidying is left.
*/
function stepsLeft<Facts>({hop: {steps}, ledger}: Carried<Facts>): ReadonlyArray<Step<Facts>> {
	switch (stageOf(ledger)) {
		case 'preparing':
			return steps;
		case 'kept':
			return steps.slice(-1);
		default:
			return steps.filter(({phase}) => phase === 'window' || phase === 'confirm');
	}
}

/** Does one step; returns an ending when the run is over with it. */
async function carryOut<Facts>(
	carried: Carried<Facts>,
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
					if (step.phase === 'window' && stageOf(ledger) === 'preparing') {
						ledger.record(milestones.windowOpened, true);
					}

					tellUndo(carried);
					await step.do(context);
				}

				const findings = await step.verify(context);
				refuseBlockers(findings);
				if (step.phase === 'confirm' && stageOf(ledger) === 'window') {
					ledger.record(milestones.inService, Date.now());
				}

				tell({event: 'step', step: step.id, status: 'done', findings});
			});
			return undefined;
		} catch (error) {
			const ending = await afterFailure(carried, step, wishes, error);
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
	step: Step<Facts>,
	wishes: Wishes,
	error: unknown,
): Promise<Ending | 'again'> {
	const {journal} = carried;
	if (error instanceof StopRequest) {
		journal.emit({event: 'step', step: step.id, status: 'pending'});
		return {outcome: error.outcome, message: error.message};
	}

	if (wishes.rollBack || error instanceof RollBackRequest) {
		journal.emit({event: 'step', step: step.id, status: 'failed', note: 'Ended because everything is taken back.'});
		return rollBack(carried, onRequest);
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
	switch (stageOf(carried.ledger)) {
		case 'kept':
			return {outcome: 'kept', message: `The new version is kept. What was left to tidy up: ${sentences(failure)}`};
		case 'window':
			return rollBack(carried, `“${step.title}” failed: ${sentences(failure)}`);
		case 'in-service':
			return journal.plan.unattended
				? {
						outcome: 'needs-attention',
						message:
							`“${step.title}” failed: ${sentences(failure)} The new version was in service before, so nothing was ` +
							'taken back by itself. Start omflow-tui in a terminal and decide.',
					}
				: askAfterFailure(carried, step, wishes, failure, {
						explanation: 'The new version stays. Start omflow-tui to go on.',
						end: {label: 'Roll back', explanation: 'Everything goes back. What was entered since is lost.'},
					});
		default:
			return journal.plan.unattended
				? giveUp(carried, failure)
				: askAfterFailure(carried, step, wishes, failure, {
						explanation: 'OMFLOW runs on as it is. Start omflow-tui to go on.',
						end: {label: 'Give up', explanation: 'Everything this run prepared is removed.'},
					});
	}
}

async function askAfterFailure<Facts>(
	carried: Carried<Facts>,
	step: Step<Facts>,
	wishes: Wishes,
	failure: Failure,
	{explanation, end}: {explanation: string; end: {label: string; explanation: string}},
): Promise<Ending | 'again'> {
	const answer = await withContext(carried, step, context =>
		context.ask(
			{
				id: `${step.id}/failed`,
				always: true,
				kind: 'choice',
				prompt: `“${step.title}” failed: ${sentences(failure)}`,
				choices: [
					{value: 'again', label: 'Try again', explanation: 'The step looks at the system and goes on from there.'},
					{value: 'stop', label: 'Stop here', explanation},
					{value: 'end', ...end},
				],
				initial: 'again',
			},
			{kind: 'choice', value: 'stop'},
		),
	).catch(() => ({value: wishes.rollBack ? 'end' : 'stop'}));
	switch (answer.value) {
		case 'again':
			return 'again';
		case 'end':
			return giveUp(carried, failure);
		default:
			return {outcome: 'stopped', message: `Stopped at “${step.title}”. Start omflow-tui again to go on.`};
	}
}

/** Takes everything back after a failure; if nothing was changed yet, the run was blocked. */
async function giveUp<Facts>(carried: Carried<Facts>, failure: Failure): Promise<Ending> {
	const message = sentences(failure);
	const ending = await rollBack(carried, message);
	if (ending.outcome !== 'rolled-back' || failure.findings.length === 0) {
		return ending;
	}

	const hasChanged = carried.hop.steps.some(step => (step.undo || step.undoes) && carried.ledger.recall(intent(step)));
	const {reached} = carried;
	const nothing = reached ? `Nothing was changed since ${reached} was kept.` : 'Nothing was changed.';
	return {outcome: 'blocked', message: hasChanged ? ending.message : `${message} ${nothing}`};
}

/** Takes back every step that was begun, newest first. */
async function rollBack<Facts>(carried: Carried<Facts>, reason: string): Promise<Ending> {
	const {hop, journal, ledger, reached} = carried;
	ledger.note(milestones.rollingBack, reason);
	journal.emit({event: 'rolling-back', reason});
	// The step that was cut is over; what follows must not be.
	carried.cut = new AbortController();
	const left = undoable(carried);
	for (const [index, step] of left.entries()) {
		try {
			await withContext(carried, step, async context => {
				journal.emit({event: 'step', step: step.id, status: 'undoing'});
				await step.undo?.(context);
			});
		} catch (error) {
			if (error instanceof StopRequest) {
				journal.emit({event: 'step', step: step.id, status: 'pending'});
				return {outcome: error.outcome, message: error.message};
			}

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
		tellUndo(carried);
	}

	const stays = hop.steps.filter(step => !step.undo && step.undoes && ledger.recall(intent(step)));
	return {
		outcome: 'rolled-back',
		message: [
			reason,
			`The service is as it was ${reached ? `with ${reached}` : 'before'}.`,
			...stays.map(({undoes}) => undoes),
		].join(' '),
	};
}

function undoable<Facts>({hop, ledger}: Carried<Facts>): Array<Step<Facts>> {
	return hop.steps.filter(step => step.undo && ledger.recall(intent(step)) && !ledger.recall(undone(step))).reverse();
}

function tellUndo<Facts>(carried: Carried<Facts>): void {
	const undo = undoable(carried).map(({undoes, title}) => undoes ?? title);
	carried.journal.emit({event: 'undo', undo});
}
