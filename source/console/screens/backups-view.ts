import type {Fact} from '../../engine/state.js';
import {type Browse, browse, type Extent} from '../browse.js';
import {type Context, commandOf} from '../keys.js';

/** A backup as a screen shows it. */
export type BackupEntry = {
	readonly id: string;
	/** Absent for one that cannot be restored. */
	readonly version?: string;
	/** When it was completed, in milliseconds since the epoch. */
	readonly sealedAt?: number;
	readonly bytes: number;
	/** When it was last read through, and what was wrong then. */
	readonly checked?: {readonly at: number; readonly damaged: readonly string[]};
	/** Why it cannot be restored. */
	readonly problem?: string;
	readonly facts: readonly Fact[];
};

/** What can be done with a backup. */
export type BackupDeed = 'check' | 'restore' | 'remove';

export type BackupsView = Browse & {
	readonly backups: readonly BackupEntry[];
	/** What is asked about, and the answer under the cursor. */
	readonly confirm?: {readonly deed: BackupDeed; readonly yes: boolean};
};

export type BackupsEffect =
	| {readonly type: 'back' | 'quit'}
	| {readonly type: BackupDeed; readonly backup: BackupEntry};

type Pressed = {readonly view: BackupsView; readonly effect?: BackupsEffect};

/** Where keys go now. */
export function backupsContext({confirm, help, open}: BackupsView): Context {
	return help !== undefined ? 'help' : confirm ? 'confirm' : open !== undefined ? 'backup' : 'backups';
}

/** One key: the next view, and what is to be done. Nothing is done to a backup before a Yes. */
export function pressBackups(before: BackupsView, key: string, extent: Omit<Extent, 'count'>): Pressed {
	const {notice: _, ...view} = before;
	const command = commandOf(backupsContext(view), key);
	const chosen = view.backups[view.at];
	if (command === 'quit') {
		return {view, effect: {type: 'quit'}};
	}

	if (view.confirm) {
		return pressConfirm(view, command, chosen);
	}

	if (command === 'back' && view.help === undefined && view.open === undefined) {
		return {view, effect: {type: 'back'}};
	}

	if ((command === 'check' || command === 'restore' || command === 'remove') && chosen) {
		// What was never completed can only be removed.
		return chosen.problem !== undefined && command !== 'remove'
			? {view: {...view, notice: chosen.problem}}
			: {view: {...view, confirm: {deed: command, yes: false}}};
	}

	return {view: browse(view, command, {...extent, count: view.backups.length}) ?? view};
}

function pressConfirm(
	view: BackupsView,
	command: ReturnType<typeof commandOf>,
	chosen: BackupEntry | undefined,
): Pressed {
	const {confirm, ...rest} = view;
	if (!confirm || command === undefined) {
		return {view};
	}

	if (command === 'left' || command === 'right') {
		return {view: {...view, confirm: {...confirm, yes: command === 'right'}}};
	}

	const isMeant = command === 'yes' || (command === 'accept' && confirm.yes);
	return isMeant && chosen ? {view: rest, effect: {type: confirm.deed, backup: chosen}} : {view: rest};
}

/** With the backups as they are now. The cursor stays with its backup; what was asked about one that is gone is not asked any more. */
export function withBackups(before: BackupsView, backups: readonly BackupEntry[], notice?: string): BackupsView {
	const {confirm: _, open: __, ...closed} = before;
	const place = backups.findIndex(({id}) => id === before.backups[before.at]?.id);
	const at = place === -1 ? Math.max(0, Math.min(before.at, backups.length - 1)) : place;
	return {
		...(place === -1 ? closed : before),
		backups,
		at,
		...(notice === undefined ? {} : {notice}),
	};
}
