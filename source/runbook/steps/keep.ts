import {deadlineOf, milestones, unconfirmed} from '../../engine/stage.js';
import type {Answer, AskedQuestion, Finding} from '../../engine/state.js';
import {RollBackRequest, type Step, StepError, StopRequest} from '../../engine/step.js';
import {removeTree} from '../../host/files.js';
import {kitPlace} from '../../kit/taken.js';
import {mark, t} from '../../locales/index.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
import {verdictOf} from '../verdict.js';
import {removeAside} from './environment.js';
import {lookAtNew, type Seen} from './health.js';

/** Until here one key takes everything back; after this only the backup remains. */
export const keep: Step<Facts> = {
	id: 'keep',
	title: mark('Keep or roll back'),
	phase: 'confirm',
	async look() {
		// Tidying up again does no harm.
		return 'todo';
	},
	async do(context) {
		if (!context.recall(milestones.kept)) {
			await decide(context);
		}

		await removeAside(context);
		await removeTree(paths.pipCache(context));
		const {hops, kit, state} = context.facts;
		// A later hop's archive may come from it.
		if (kit !== undefined && hops.length === 1) {
			await removeTree(kitPlace(state, kit));
		}
	},
	async verify(context) {
		return [
			{
				severity: 'info',
				id: 'backup',
				sentence: t('The backup stays at {directory}.', {directory: paths.backup(context)}),
			},
		];
	},
};

/** Asks until it is decided; what turns out to be bad meanwhile is not for this question. */
async function decide(context: StepContext): Promise<void> {
	for (let isAgain = seenOf(context).verdict === 'bad'; ; isAgain = true) {
		if (isAgain) {
			await lookAgain(context);
		}

		const {doubts, verdict} = seenOf(context);
		const value = await (verdict === 'unknown' ? askInDoubt(context, doubts) : askWhenGood(context));
		if (value !== 'again') {
			return;
		}
	}
}

function seenOf(context: StepContext): Seen {
	return context.recall<Seen>(recorded.seen) ?? {verdict: 'good', doubts: []};
}

async function lookAgain(context: StepContext): Promise<void> {
	await context.say(t('Looking at the new version again.'));
	const findings = await lookAtNew(context);
	if (verdictOf(findings) === 'bad') {
		const bad = findings.filter(({health}) => health === 'bad');
		throw new StepError(bad.map(({sentence}) => sentence).join(' '), bad.find(({remedy}) => remedy)?.remedy, findings);
	}
}

async function askWhenGood(context: StepContext): Promise<string> {
	return ask(
		context,
		{
			id: 'keep/decision',
			kind: 'choice',
			prompt: t('OMFLOW {to} is in service and every check is passed. Log in and look at it, then decide.', {
				to: context.facts.to,
			}),
			choices: [keepIt(context), rollBack(context)],
			initial: 'keep',
		},
		{kind: 'choice', value: 'keep'},
	);
}

/** What could not be told is for a person: it is neither kept nor taken back without one. */
async function askInDoubt(context: StepContext, doubts: readonly Finding[]): Promise<string> {
	const said = doubts.map(({remedy, sentence}) => (remedy ? `${sentence} ${remedy}` : sentence)).join(' ');
	return ask(
		context,
		{
			id: 'keep/doubt',
			always: true,
			kind: 'choice',
			prompt: t('OMFLOW {to} is in service, and whether it is well cannot be told for certain. {said}', {
				to: context.facts.to,
				said,
			}),
			choices: [
				{value: 'again', label: t('Look again'), explanation: t('Every check is made anew, which changes nothing.')},
				keepIt(context),
				rollBack(context),
			],
			initial: 'again',
		},
		{kind: 'choice', value: 'attention'},
		t(
			'OMFLOW {to} is in service and stays, but whether it is well cannot be told for certain. {said} Then decide: keep it with omflow-tui in a terminal, or take everything back with “omflow-tui rollback --yes”.',
			{to: context.facts.to, said},
		),
	);
}

async function ask(
	context: StepContext,
	question: Extract<AskedQuestion, {kind: 'choice'}>,
	byDefault: Extract<Answer, {kind: 'choice'}>,
	attention = '',
): Promise<string> {
	const deadline = deadlineOf(context);
	const until = deadline === undefined ? {} : {deadline, expired: {kind: 'choice', value: 'roll-back'} as const};
	const {value} = await context.ask({...question, ...until}, byDefault, async (answer, isLate) => {
		switch (answer.value) {
			case 'keep':
				// Before anybody hears of the answer: from then on nothing takes it back.
				await context.commit();
				return undefined;
			case 'roll-back':
				throw new RollBackRequest(
					isLate && deadline !== undefined ? unconfirmed(context.facts.to, deadline) : t('Rolled back on request.'),
				);
			case 'attention':
				throw new StopRequest(attention, 'needs-attention');
			default:
				return question.choices.some(choice => choice.value === answer.value) ? undefined : t('Choose one of these.');
		}
	});
	return value;
}

function keepIt({facts}: StepContext) {
	return {
		value: 'keep',
		label: t('Keep {to}', {to: facts.to}),
		explanation: facts.needs ? t('The old environment is removed; the backup stays.') : t('The backup stays.'),
	};
}

function rollBack(context: StepContext) {
	return {
		value: 'roll-back',
		label: t('Roll back to {version}', {version: installationBefore(context).version.text}),
		explanation: context.facts.needs
			? t('Environment, site file, files and database go back together. What was entered since is lost.')
			: t('Files and database go back together. What was entered since is lost.'),
	};
}
