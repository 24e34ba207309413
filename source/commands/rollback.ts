import {Attached} from '../engine/attach.js';
import type {RunState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {drive} from './drive.js';
import {exitStatus} from './plain.js';
import {Refusal, requireRoot} from './refusal.js';
import {alone, goOn, type KnownRun, knownRuns, prepareState, unfinishedRun} from './runs.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/**
Takes back everything of the run that is not kept, whoever began it and whether or not its worker lives. Ends with 0 when
all of it is back, since that is what was asked for.
*/
export async function rollback(given: Arguments): Promise<number> {
	requireRoot();
	await prepareState(given.state);
	const run = (await unfinishedRun(given.state)) ?? (await refuseWithoutRun(given.state));
	if (!given.yes && !wantsConsole(given)) {
		throw new Refusal(
			t('The run {id} to {to} can be taken back, and there is no terminal to ask on. Say so with --yes.', {
				id: run.id,
				to: run.plan.to,
			}),
		);
	}

	if (!given.yes && !(await isWanted(run, given))) {
		process.stdout.write(`${t('Nothing was changed.')}\n`);
		return exitStatus.stopped;
	}

	const {state} = given;
	const unattended = !wantsConsole(given);
	const driven = await alone(state, () => goOn({state, id: run.id, unattended, rollBack: true}));
	const {outcome, status} = await drive(driven, given);
	if (outcome === 'kept') {
		throw new Refusal(keptAlready(run), exitStatus.blocked);
	}

	return outcome === 'rolled-back' || outcome === 'blocked' ? 0 : status;
}

async function refuseWithoutRun(state: string): Promise<never> {
	const [newest] = await knownRuns(state);
	if (newest?.progress.outcome === 'kept') {
		throw new Refusal(keptAlready(newest), exitStatus.blocked);
	}

	throw new Refusal(
		newest
			? t('There is nothing to take back: the run {id} to {to} is over. See it with omflow-tui status.', {
					id: newest.id,
					to: newest.plan.to,
				})
			: t('There is nothing to take back: no run is known in {state}.', {state}),
		exitStatus.blocked,
	);
}

function keptAlready({id, plan}: KnownRun): string {
	return t(
		'The run {id} to {to} is kept, so it is not taken back. Its backup can be put back: see omflow-tui restore --list.',
		{id, to: plan.to},
	);
}

async function isWanted(run: KnownRun, given: Arguments): Promise<boolean> {
	const attached = await Attached.to(given.state);
	const living: RunState | undefined = attached?.state();
	attached?.close();
	const {runHome} = await import('../console/main.js');
	const chosen = await runHome({
		title: t('Take the run {id} back?', {id: run.id}),
		facts: [
			[t('Leads to'), run.plan.to],
			[t('Now'), living ? t('under way') : (run.progress.message ?? t('cut; no worker lives'))],
		],
		choices: [
			{value: 'no', label: t('Leave it'), explanation: t('Nothing is changed.')},
			{
				value: 'yes',
				label: t('Take everything back'),
				explanation: t('The server gets {version} back. What was entered since is lost.', {
					version: run.progress.from ?? t('its old version'),
				}),
			},
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	return chosen === 'yes';
}
