import {useInput} from 'ink';
import {useEffect, useRef} from 'react';
import {t} from '../../locales/index.js';
import {Sheet, sheetFrame} from '../components/sheet.js';
import {bytes} from '../format.js';
import {harmless} from '../harmless.js';
import {keyNames} from '../key-names.js';
import type {Command} from '../keys.js';
import {useLatest} from '../latest.js';
import type {TerminalOptions} from '../session.js';
import {showUntilLeft} from '../show.js';
import {useTheme} from '../theme.js';
import {backupDetails, backupLines, confirmLines} from './backups-lines.js';
import {
	type BackupEntry,
	type BackupsEffect,
	type BackupsView,
	backupsContext,
	pressBackups,
	withBackups,
} from './backups-view.js';
import {helpLines} from './help.js';

export type {BackupEntry} from './backups-view.js';

export type BackupsSource = {
	/** Newest first, and what is free where they are. */
	load(): Promise<{readonly backups: readonly BackupEntry[]; readonly freeBytes: number}>;
	/** Reads one through and returns what is wrong with it, which is also in what is loaded next; nobody waits for it any more once it is given up. */
	check(id: string, signal: AbortSignal): Promise<readonly string[]>;
	remove(id: string): Promise<void>;
};

/** Where the person goes: back, away, or to a backup that is to be put back. */
export type LeftBackups = 'back' | 'quit' | {readonly restore: string};

/** Shows the backups until the person leaves, or wants one put back: that is a run, and needs a screen of its own. */
export async function runBackups(options: TerminalOptions & BackupsSource): Promise<LeftBackups> {
	return showUntilLeft<LeftBackups>(options, 'quit', (onLeave, columns, rows) => (
		<Backups source={options} columns={columns} rows={rows} onLeave={onLeave} />
	));
}

export function Backups({
	source,
	columns,
	rows,
	onLeave,
}: {
	readonly source: BackupsSource;
	readonly columns: number;
	readonly rows: number;
	onLeave(how: LeftBackups): void;
}) {
	const {glyphs} = useTheme();
	const {shown: view, now, change} = useLatest<BackupsView>({at: 0, backups: []});
	const free = useLatest<number | undefined>(undefined);
	const busy = useLatest<{readonly what: string; readonly isFirm: boolean} | undefined>(undefined);
	const reading = useRef(new AbortController());
	const size = {columns: columns - 2, rows: Math.max(1, rows - sheetFrame), glyphs};
	/** Shows what is there after some work. Work that is `isFirm` is not left in the middle. */
	const after = async (what: string, work: () => Promise<string | undefined>, isFirm = false) => {
		busy.change({what, isFirm});
		let notice: string | undefined;
		try {
			notice = await work();
		} catch (error) {
			notice = error instanceof Error ? error.message : String(error);
		}

		try {
			const {backups, freeBytes} = await source.load();
			free.change(freeBytes);
			change(withBackups(now(), backups, notice));
		} catch (error) {
			change({...now(), notice: error instanceof Error ? error.message : String(error)});
		} finally {
			busy.change(undefined);
		}
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked for once
	useEffect(() => {
		void after(t('Looking for backups'), async () => undefined);
	}, []);
	const carryOut = (effect: BackupsEffect) => {
		switch (effect.type) {
			case 'back':
			case 'quit':
				reading.current.abort();
				onLeave(effect.type);
				break;
			case 'restore':
				reading.current.abort();
				onLeave({restore: effect.backup.id});
				break;
			case 'check': {
				const {id} = effect.backup;
				void after(t('Reading {id}', {id}), async () => {
					const damage = await source.check(id, reading.current.signal);
					return damage.length === 0 ? t('{id} is sound.', {id}) : t('{id} is damaged. Use another one.', {id});
				});
				break;
			}

			case 'remove': {
				const {id} = effect.backup;
				const size = bytes(effect.backup.bytes);
				const work = async () => {
					await source.remove(id);
					return t('{id} is removed; {size} are free again.', {id, size});
				};
				void after(t('Removing {id}', {id}), work, true);
			}
		}
	};
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			if (busy.now()?.isFirm) {
				return;
			}

			const {view: next, effect} = pressBackups(now(), name, {
				page: Math.max(1, size.rows - 2),
				openLast: Math.max(0, detailsOf(now()).length - size.rows),
				helpLast: Math.max(0, helpLines(glyphs, size.columns, 'backups').length - size.rows),
			});
			change(next);
			const isLeaving = effect?.type === 'back' || effect?.type === 'quit';
			if (effect && (isLeaving || busy.now() === undefined)) {
				carryOut(effect);
				if (isLeaving || effect.type === 'restore') {
					return;
				}
			}
		}
	});
	const detailsOf = (of: BackupsView) => backupDetails(of.backups[of.at], size.columns, glyphs);
	const chosen = view.backups[view.at];
	const lines =
		view.help !== undefined
			? helpLines(glyphs, size.columns, 'backups').slice(view.help)
			: view.confirm && chosen
				? confirmLines(view.confirm.deed, view.confirm.yes, chosen, size)
				: view.open !== undefined
					? detailsOf(view).slice(view.open)
					: backupLines(view, totalOf(view.backups, free.shown), size);
	return (
		<Sheet
			title={t('Backups')}
			lines={lines}
			context={backupsContext(view)}
			useless={chosen ? new Set() : nothingThere}
			notice={view.notice && harmless(view.notice, glyphs.dot)}
			busy={busy.shown?.what}
			columns={columns}
			rows={rows}
		/>
	);
}

const nothingThere: ReadonlySet<Command> = new Set(['open', 'check', 'restore', 'remove'] as const);

function totalOf(backups: readonly BackupEntry[], freeBytes: number | undefined): string {
	if (freeBytes === undefined) {
		return '';
	}

	const free = bytes(freeBytes);
	return backups.length === 0
		? t('No backup is kept on this host.')
		: t('Together {taken}; {free} are free. None goes by itself.', {
				taken: bytes(backups.reduce((sum, backup) => sum + backup.bytes, 0)),
				free,
			});
}
