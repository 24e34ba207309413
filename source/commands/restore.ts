import {hostname} from 'node:os';
import {createRun} from '../engine/launch.js';
import {newRunId, type Plan} from '../engine/places.js';
import {networkEnvironment} from '../host/pip.js';
import {t} from '../locales/index.js';
import {type KeptBackup, keptBackups} from '../runbook/backup/kept.js';
import {settleAttention} from './attention.js';
import {checkBackup, completeRecord, listBackups, removeKept} from './backups.js';
import {type Driven, drive} from './drive.js';
import {exitStatus} from './plain.js';
import {Refusal, requireRoot} from './refusal.js';
import {alone, goOn, type KnownRun, prepareState, refuseWhenLocked, unfinishedRun} from './runs.js';
import {wantsConsole} from './terminal.js';
import {type Arguments, UsageError} from './usage.js';

/**
Takes this server back to a kept backup, files and database together; or lists, reads through or removes backups.
Putting one back is a run as an upgrade is: it outlives the connection, can be resumed, and be taken back until it is kept.
*/
export async function restore(given: Arguments): Promise<number> {
	requireRoot();
	await prepareState(given.state);
	const [name] = given.positionals;
	if (given.list) {
		return listBackups(given);
	}

	if (given.check) {
		return checkBackup(await named(given, name), given);
	}

	if (given.remove) {
		return removeKept(await named(given, name), given);
	}

	const unfinished = await unfinishedRestore(given);
	const settled = unfinished && (await settleAttention(given));
	if (settled !== undefined) {
		return settled;
	}

	const backup = unfinished ? undefined : name === undefined ? await choose(given) : await named(given, name);
	if (!unfinished && !backup) {
		process.stdout.write(`${t('Nothing was changed.')}\n`);
		return 0;
	}

	if (backup) {
		completeRecord(backup);
	}

	return (await drive(await alone(given.state, () => begin(given, backup)), given)).status;
}

/** The restore of the backup that was asked for, if it is not over. Refuses while any other run is not. */
async function unfinishedRestore(given: Arguments): Promise<KnownRun | undefined> {
	if (!wantsConsole(given)) {
		await refuseWhenLocked(given.state);
	}

	const unfinished = await unfinishedRun(given.state);
	if (unfinished && !isRestoreOf(unfinished.plan, given.positionals[0])) {
		throw new Refusal(
			t(
				'The run {id} to {to} is not over. End it first: start omflow-tui, go on with it, take it back or close it there.',
				{id: unfinished.id, to: unfinished.plan.to},
			),
			exitStatus.blocked,
		);
	}

	return unfinished;
}

function isRestoreOf({hops, kind}: Plan, name: string | undefined): boolean {
	return kind === 'restore' && (name === undefined || hops[0]?.options.name === name);
}

async function begin(given: Arguments, backup: KeptBackup | undefined): Promise<Driven> {
	const {state} = given;
	const unattended = !wantsConsole(given);
	// Once more: another command may have begun something meanwhile.
	const unfinished = await unfinishedRestore(given);
	if (unfinished) {
		process.stderr.write(`omflow-tui: ${t('the run {id} is not over; going on with it.', {id: unfinished.id})}\n`);
		return goOn({state, id: unfinished.id, unattended});
	}

	await refuseWhenLocked(state);
	if (!backup?.record) {
		throw new Refusal(
			t('The run that was not over has ended just now. See it with omflow-tui status.'),
			exitStatus.locked,
		);
	}

	const id = await newRunId(state);
	await createRun(state, await planFor(id, backup.id, backup.directory, backup.record, unattended));
	return goOn({state, id, unattended});
}

async function planFor(
	id: string,
	name: string,
	directory: string,
	{base, from}: NonNullable<KeptBackup['record']>,
	unattended: boolean,
): Promise<Plan> {
	return {
		schema: 2,
		id,
		kind: 'restore',
		host: hostname(),
		to: from,
		hops: [{to: from, runbook: 'restore', options: {backup: directory, name}}],
		createdAt: Date.now(),
		unattended,
		networkEnvironment: await networkEnvironment(),
		options: {base},
	};
}

/** The backup of a name that can be restored, checked or removed; refuses with those there are. */
async function named({state}: Arguments, name: string | undefined): Promise<KeptBackup> {
	if (name === undefined) {
		throw new UsageError(t('Which backup? Name it as omflow-tui restore --list does.'));
	}

	const kept = await keptBackups(state);
	const backup = kept.find(({id}) => id === name);
	if (!backup) {
		const others = kept.map(({id}) => id).join(', ');
		throw new Refusal(
			others
				? t('There is no backup {name} in {state}. There are: {others}.', {name, state, others})
				: t('There is no backup {name} in {state}. There is none at all.', {name, state}),
			exitStatus.blocked,
		);
	}

	return backup;
}

async function choose(given: Arguments): Promise<KeptBackup | undefined> {
	const kept = (await keptBackups(given.state)).filter(({record}) => record);
	if (kept.length === 0) {
		throw new Refusal(
			t(
				'No complete backup is kept in {state}. Look for one of your own, or say where runs are kept with --state-dir.',
				{state: given.state},
			),
			exitStatus.blocked,
		);
	}

	if (!wantsConsole(given)) {
		throw new UsageError(t('Which backup? Name one of: {kept}.', {kept: kept.map(({id}) => id).join(', ')}));
	}

	const {showBackups} = await import('./backup-screen.js');
	const left = await showBackups(given, {
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	return typeof left === 'string' ? undefined : named(given, left.restore);
}
