import {t} from '../../locales/index.js';
import {bytes, dateTime} from '../format.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {fit, type Line, pad, paragraph, plain, type Tone, width} from '../lines.js';
import {factLines} from '../panes/facts.js';
import type {Glyphs} from '../theme.js';
import type {BackupDeed, BackupEntry, BackupsView} from './backups-view.js';
import type {PageSize} from './question.js';
import {optionLines} from './question-choice.js';

/** Rows below the list for what is known of the backup under the cursor. */
const stateRows = 2;

/** A backup a row, and below the list the state of the one under the cursor in full. */
export function backupLines({backups, at}: BackupsView, total: string, {columns, glyphs, rows}: PageSize): Line[] {
	if (backups.length === 0) {
		return [plain(total, 'quiet')];
	}

	const versions = Math.max(...backups.map(({version = '?'}) => width(version)));
	const sizes = Math.max(...backups.map(backup => bytes(backup.bytes).length));
	const room = rows - 1 - 1 - stateRows;
	const from = windowStart(at, room, backups.length);
	const list = backups.slice(from, from + room).map((backup, index): Line => {
		const isChosen = from + index === at;
		const [mark, tone] = markOf(backup, glyphs);
		const when = backup.sealedAt === undefined ? ''.padEnd(16) : dateTime(backup.sealedAt);
		const head = `${pad(backup.version ?? '?', versions)}  ${when}  ${bytes(backup.bytes).padStart(sizes)}`;
		const left = 2 + width(mark) + 1 + width(head) + 2;
		return [
			{text: `${isChosen ? glyphs.cursor : ' '} `, tone: 'accent'},
			{text: `${mark} `, tone},
			{text: head, bold: isChosen, inverse: isChosen},
			{text: `  ${fit(stateOf(backup, glyphs), columns - left, glyphs.more)}`, tone: 'quiet'},
		];
	});
	const chosen = backups[at];
	return [
		plain(total, 'quiet'),
		...list,
		...Array.from({length: room - list.length}, () => plain('')),
		plain(''),
		...(chosen ? paragraph(`${harmless(chosen.id, glyphs.dot)}: ${stateOf(chosen, glyphs)}`, columns) : []).slice(
			0,
			stateRows,
		),
	];
}

function markOf({checked, problem}: BackupEntry, glyphs: Glyphs): readonly [mark: string, tone: Tone] {
	if (problem !== undefined) {
		return [glyphs.severity.warning, 'warn'];
	}

	return (checked?.damaged.length ?? 0) > 0 ? [glyphs.severity.blocker, 'bad'] : [glyphs.status.done, 'good'];
}

/** Whether it can be relied upon, and since when that is known. */
function stateOf({checked, problem}: BackupEntry, glyphs: Glyphs): string {
	if (problem !== undefined) {
		return harmless(problem, glyphs.dot);
	}

	const when = checked ? dateTime(checked.at) : '';
	return (checked?.damaged.length ?? 0) > 0
		? t('damaged when read at {when}', {when})
		: t('sound when read at {when}', {when});
}

/** Everything about one, and what is damaged in it. */
export function backupDetails(backup: BackupEntry | undefined, columns: number, glyphs: Glyphs): Line[] {
	if (!backup) {
		return [];
	}

	const [mark, tone] = markOf(backup, glyphs);
	const damaged = backup.checked?.damaged ?? [];
	return [
		[{text: `${mark} `, tone}, {text: fit(stateOf(backup, glyphs), columns - 2, glyphs.more)}],
		plain(''),
		...factLines(backup.facts, columns, glyphs),
		...(damaged.length > 0 ? [plain(''), plain(t('Damaged, missing or foreign'), 'title')] : []),
		...damaged.flatMap(path => paragraph(harmless(path, glyphs.dot), columns, 'bad')),
	];
}

/** Asks before anything is done, with the safe answer under the cursor at first. */
export function confirmLines(deed: BackupDeed, yes: boolean, backup: BackupEntry, size: PageSize): Line[] {
	const {glyphs} = size;
	const version = harmless(backup.version ?? '?', glyphs.dot);
	const when = backup.sealedAt === undefined ? '?' : dateTime(backup.sealedAt);
	const questions = {
		check: t('Read the backup of {version} from {when} through?', {version, when}),
		restore: t('Take this server back to {version} as it was at {when}?', {version, when}),
		remove: t('Remove the backup of {version} from {when}?', {version, when}),
	};
	const answers = {
		check: [t('Yes, read all of it'), t('That may take minutes and load the disk. Nothing is changed.')],
		restore: [
			t('Yes, put it back'),
			t('A run begins, which asks once more before OMFLOW is stopped. What was entered since is lost.'),
		],
		remove: [t('Yes, remove it'), t('This server can then not be taken back to it any more.')],
	} as const;
	const [label, explanation] = answers[deed];
	const options = [
		{label: t('No'), explanation: t('Nothing is changed.')},
		{label, explanation},
	];
	return [
		...paragraph(questions[deed], size.columns, 'title'),
		plain(harmless(backup.id, glyphs.dot), 'quiet'),
		plain(''),
		...optionLines(options, yes ? 1 : 0, size).lines,
	];
}
