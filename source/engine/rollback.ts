import {rm} from 'node:fs/promises';
import {writeDurably} from '../host/files.js';
import {t} from '../locales/index.js';
import {type Carried, contextOf, withContext} from './context.js';
import type {Ending} from './ending.js';
import {explain, type Failure, sentences} from './failure.js';
import {changesNothing} from './hop.js';
import {runPlaces} from './places.js';
import {milestones} from './stage.js';
import type {ByHand, Finding} from './state.js';
import {type Step, StopRequest} from './step.js';

/** In the ledger: the step was begun; it was taken back, with what is to be said of that. */
export const intent = (step: Step<never>) => `intent/${step.id}`;
const undone = (step: Step<never>) => `undone/${step.id}`;

/** Takes back every step that was begun, newest first. Called again, it goes on where it was cut. */
export async function rollBack<Facts>(carried: Carried<Facts>, reason: string): Promise<Ending> {
	const {journal, ledger, reached} = carried;
	ledger.note(milestones.rollingBack, reason);
	journal.emit({event: 'rolling-back', reason});
	// The step that was cut is over; what follows must not be.
	carried.cut = new AbortController();
	const left = undoable(carried);
	for (const [index, step] of left.entries()) {
		try {
			await undo(carried, step);
		} catch (error) {
			if (error instanceof StopRequest) {
				journal.emit({event: 'step', step: step.id, status: 'pending'});
				return {outcome: error.outcome, message: error.message};
			}

			const failure = explain(error, carried.leastRoom);
			journal.emit({
				event: 'step',
				step: step.id,
				status: 'failed',
				note: t('Undo failed: {message}', {message: failure.message}),
				...(failure.findings.length > 0 ? {findings: failure.findings} : {}),
			});
			return unfinished(carried, step, failure, left.slice(index));
		}

		tellUndo(carried);
	}

	await rm(runPlaces.byHand(carried.run), {force: true});
	if (changesNothing(carried.hop)) {
		return {outcome: 'rolled-back', message: t('Given up. Nothing was changed.')};
	}

	const steps = begun(carried);
	return {
		outcome: 'rolled-back',
		message: [
			reason,
			reached ? t('The service is as it was with {reached}.', {reached}) : t('The service is as it was before.'),
			...steps.flatMap(step => told(ledger.recall(undone(step)))),
			...steps.flatMap(step => step.stays?.(contextOf(carried, step)) ?? []),
		].join(' '),
	};
}

async function undo<Facts>(carried: Carried<Facts>, step: Step<Facts>): Promise<void> {
	const {journal, ledger} = carried;
	await withContext(carried, step, async context => {
		journal.emit({event: 'step', step: step.id, status: 'undoing'});
		const findings = (await step.undo?.(context)) || undefined;
		ledger.note(undone(step), (findings ?? []).filter(({severity}) => severity !== 'info').map(inWords));
		journal.emit({event: 'step', step: step.id, status: 'undone', ...(findings ? {findings} : {})});
	});
}

/** Earlier versions only kept that a step was taken back. */
function told(sentences: readonly string[] | true | undefined): readonly string[] {
	return Array.isArray(sentences) ? sentences : [];
}

function inWords({remedy, sentence}: Finding): string {
	return remedy ? `${sentence} ${remedy}` : sentence;
}

/** Says what is left, and keeps the commands for it in a file. */
async function unfinished<Facts>(
	carried: Carried<Facts>,
	failed: Step<Facts>,
	failure: Failure,
	left: ReadonlyArray<Step<Facts>>,
): Promise<Ending> {
	const byHand: ByHand[] = [];
	for (const step of left) {
		const context = contextOf(carried, step);
		// What cannot be looked at now is at least named.
		const commands = (await step.byHand?.(context).catch(() => undefined)) ?? [];
		byHand.push({what: undoOf(carried, step), commands});
	}

	const file = runPlaces.byHand(carried.run);
	const isWritten = await writeDurably(file, asScript(carried.journal.plan.id, byHand)).then(
		() => true,
		() => false,
	);
	return {
		outcome: 'needs-attention',
		message: isWritten
			? t(
					'Taking back “{title}” failed: {failure} Still to do, in this order: {byHand} Remove the cause and start omflow-tui again: it goes on from here. To do it by hand: {file}',
					{title: t(failed.title), failure: sentences(failure), byHand: byHand.map(({what}) => what).join(' '), file},
				)
			: t(
					'Taking back “{title}” failed: {failure} Still to do, in this order: {byHand} Remove the cause and start omflow-tui again: it goes on from here. The commands to do it by hand: omflow-tui status',
					{title: t(failed.title), failure: sentences(failure), byHand: byHand.map(({what}) => what).join(' ')},
				),
		byHand,
	};
}

/** To be read, and to be run by a shell piece by piece. */
function asScript(run: string, byHand: readonly ByHand[]): string {
	const parts = byHand.map(({commands, what}, index) => [`# ${index + 1}. ${what}`, ...commands, ''].join('\n'));
	const head = `# What is left of taking back the run ${run}, in this order.\n# omflow-tui does the same when it is started again.\n`;
	return [head, ...parts].join('\n');
}

function begun<Facts>({hop, ledger}: Carried<Facts>): Array<Step<Facts>> {
	return hop.steps.filter(step => ledger.recall(intent(step))).reverse();
}

function undoable<Facts>(carried: Carried<Facts>): Array<Step<Facts>> {
	return begun(carried).filter(step => step.undo && !carried.ledger.recall(undone(step)));
}

function undoOf<Facts>(carried: Carried<Facts>, step: Step<Facts>): string {
	return step.undoes?.(contextOf(carried, step)) ?? t(step.title);
}

/** Tells the screens what undo would do now. */
export function tellUndo<Facts>(carried: Carried<Facts>): void {
	carried.journal.emit({event: 'undo', undo: undoable(carried).map(step => undoOf(carried, step))});
}
