import {bootId} from '../host/process.js';
import {mark, t} from '../locales/index.js';
import {type Carried, withContext} from './context.js';
import {afterCut} from './cut.js';
import type {Ending} from './ending.js';
import {explain, type Failure, refuseBlockers, sentences} from './failure.js';
import {changesNothing} from './hop.js';
import {intent, rollBack, tellUndo} from './rollback.js';
import {deadlineOf, milestones, stageOf, unconfirmed} from './stage.js';
import {RollBackRequest, type Step, StopRequest} from './step.js';

/** What a console asked for while a step ran. */
export type Wishes = {stop: boolean; rollBack: boolean};

const onRequest = mark('Rolled back on request.');

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

	if (ledger.recall(milestones.backWanted) && stageOf(ledger) !== 'kept') {
		return rollBack(carried, t(onRequest));
	}

	const deadline = deadlineOf(ledger);
	if (deadline !== undefined && Date.now() >= deadline) {
		if (ledger.recall(milestones.confirmBoot) === (await bootId())) {
			return rollBack(carried, unconfirmed(carried.hop.to, deadline));
		}

		// Nobody was there to take it back in time, and people may have worked with it since, perhaps for days.
		ledger.record(milestones.lapsed, true);
	}

	if (ledger.recall(milestones.lapsed) && stageOf(ledger) === 'in-service' && carried.journal.plan.unattended) {
		return {
			outcome: 'needs-attention',
			message: t(
				'Nobody kept {to} in time, and the machine was started again since: people may have worked with it, so nothing was taken back by itself. Start omflow-tui in a terminal and decide, or type omflow-tui rollback.',
				{to: carried.hop.to},
			),
		};
	}

	for (const step of stepsLeft(carried)) {
		if (wishes.rollBack && stageOf(ledger) !== 'kept') {
			return rollBack(carried, t(onRequest));
		}

		if (wishes.stop && stageOf(ledger) !== 'window') {
			return {
				outcome: 'stopped',
				message: t('Stopped before “{title}”. Start omflow-tui again to go on.', {title: t(step.title)}),
			};
		}

		onPhase(step);
		const ending = await carryOut(carried, step, wishes);
		tellUndo(carried);
		if (ending) {
			return ending;
		}
	}

	return wishes.rollBack && stageOf(ledger) !== 'kept'
		? rollBack(carried, t(onRequest))
		: {
				outcome: 'kept',
				message: carried.hop.ending?.(key => ledger.recall(key)) ?? t('The new version is in service.'),
			};
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

				// What was begun before is only gone on with: that takes less than the whole.
				const isWhole = ledger.recall(intent(step)) === undefined;
				const began = Date.now();
				carried.waited = 0;
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
				if (step.phase === 'confirm') {
					await putInService(carried);
				}

				const worked = isWhole ? {worked: Math.max(0, Date.now() - began - carried.waited)} : {};
				tell({event: 'step', step: step.id, status: 'done', findings, ...worked});
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

/** The new version is in service and not in bad health; from now on the time counts in which it is to be kept. */
async function putInService({journal, ledger}: Pick<Carried<unknown>, 'journal' | 'ledger'>): Promise<void> {
	const {confirmWithin} = journal.plan;
	const stage = stageOf(ledger);
	const now = Date.now();
	if (stage !== 'window' && stage !== 'in-service') {
		return;
	}

	// A step may have seen before that it is in service.
	if (confirmWithin !== undefined && ledger.recall(milestones.confirmBy) === undefined) {
		ledger.record(milestones.confirmBoot, await bootId());
		ledger.record(milestones.confirmBy, now + confirmWithin);
	}

	if (stage === 'window') {
		ledger.record(milestones.inService, now);
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
		const note = changesNothing(carried.hop)
			? t('Ended because the run is given up.')
			: t('Ended because everything is taken back.');
		journal.emit({event: 'step', step: step.id, status: 'failed', note});
		return rollBack(carried, error instanceof RollBackRequest ? error.message : t(onRequest));
	}

	const failure = afterCut(carried) ?? explain(error, carried.leastRoom);
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
			return {
				outcome: 'kept',
				message: t('The new version is kept. What was left to tidy up: {failure}', {failure: sentences(failure)}),
			};
		case 'window':
			return rollBack(carried, t('“{title}” failed: {failure}', {title: t(step.title), failure: sentences(failure)}));
		case 'in-service':
			// Until the deadline a person may come; then everything goes back.
			return journal.plan.unattended && deadlineOf(carried.ledger) === undefined
				? {
						outcome: 'needs-attention',
						message: t(
							'“{title}” failed: {failure} The new version was in service before, so nothing was taken back by itself. Start omflow-tui in a terminal and decide, or take everything back with “omflow-tui rollback --yes”.',
							{title: t(step.title), failure: sentences(failure)},
						),
					}
				: askAfterFailure(carried, step, wishes, failure, {
						explanation: t('The new version stays. Start omflow-tui to go on.'),
						end: {label: t('Roll back'), explanation: t('Everything goes back. What was entered since is lost.')},
					});
		default:
			return journal.plan.unattended
				? giveUp(carried, failure)
				: askAfterFailure(carried, step, wishes, failure, {
						explanation: changesNothing(carried.hop)
							? t('What is done stays. Start it again to go on.')
							: t('OMFLOW runs on as it is. Start omflow-tui to go on.'),
						end: {
							label: t('Give up'),
							explanation: changesNothing(carried.hop)
								? t('The run is over. Nothing was changed.')
								: t('Everything this run prepared is removed.'),
						},
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
	const deadline = deadlineOf(carried.ledger);
	const again = {
		value: 'again',
		label: t('Try again'),
		explanation: t('The step looks at the system and goes on from there.'),
	};
	// With a deadline somebody has to be there for it.
	const stop = deadline === undefined ? [{value: 'stop', label: t('Stop here'), explanation}] : [];
	const answer = await withContext(carried, step, context =>
		context.ask(
			{
				id: `${step.id}/failed`,
				always: true,
				kind: 'choice',
				prompt: t('“{title}” failed: {failure}', {title: t(step.title), failure: sentences(failure)}),
				choices: [again, ...stop, {value: 'end', ...end}],
				initial: 'again',
				...(deadline === undefined ? {} : {deadline, expired: {kind: 'choice', value: 'end'} as const}),
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
			return {
				outcome: 'stopped',
				message: t('Stopped at “{title}”. Start omflow-tui again to go on.', {title: t(step.title)}),
			};
	}
}

/** Takes everything back after a failure; if nothing was changed yet, the run was blocked. */
async function giveUp<Facts>(carried: Carried<Facts>, failure: Failure): Promise<Ending> {
	const message = sentences(failure);
	if (carried.journal.plan.unattended && changesNothing(carried.hop)) {
		// A warning beside a failure forbids nothing: started again, it may well succeed.
		return failure.findings.some(({severity}) => severity === 'blocker')
			? {outcome: 'blocked', message: t('{message} Nothing was changed.', {message})}
			: {outcome: 'stopped', message: t('{message} Start it again to go on.', {message})};
	}

	const ending = await rollBack(carried, message);
	const wasOpen = carried.ledger.recall(milestones.windowOpened) !== undefined;
	if (ending.outcome !== 'rolled-back' || wasOpen || failure.findings.length === 0) {
		return ending;
	}

	const hasChanged = carried.hop.steps.some(step => step.undo && carried.ledger.recall(intent(step)));
	const {reached} = carried;
	const nothing = reached ? t('Nothing was changed since {reached} was kept.', {reached}) : t('Nothing was changed.');
	return {outcome: 'blocked', message: hasChanged ? ending.message : `${message} ${nothing}`};
}
