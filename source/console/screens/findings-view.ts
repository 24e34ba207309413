import type {Finding, Severity} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {type Browse, browse, type Extent} from '../browse.js';
import {type Command, type Context, commandOf} from '../keys.js';
import {edit, type TextEdit, textEdit} from '../text-edit.js';

/** What is found, and which of it is looked at. Changed only by a key, and by what was checked again. */
export type FindingsView = Browse & {
	readonly findings: readonly Finding[];
	/** Absent: of every severity. */
	readonly only?: Severity;
	readonly query: string;
	readonly typing?: TextEdit;
	/** Why nothing could be looked at. */
	readonly failed?: string;
};

export type FindingsEffect =
	| {readonly type: 'back' | 'quit'}
	/** Checks what has this name again, or everything. */
	| {readonly type: 'check'; readonly id?: string};

const order = {blocker: 0, warning: 1, info: 2} as const satisfies Record<Severity, number>;
const severities: readonly Severity[] = ['blocker', 'warning', 'info'];

export function findingsView(findings: readonly Finding[]): FindingsView {
	return {at: 0, query: '', findings: findings.toSorted((a, b) => order[a.severity] - order[b.severity])};
}

/** Those that are shown, blockers first. */
export function shownFindings({findings, only, query, typing}: FindingsView): readonly Finding[] {
	const text = (typing?.text ?? query).toLowerCase();
	return findings.filter(
		({severity, ...finding}) =>
			(only === undefined || severity === only) &&
			(text === '' || Object.values(finding).some(value => String(value).toLowerCase().includes(text))),
	);
}

/** Where keys go now. */
export function findingsContext({help, open, typing}: FindingsView): Context {
	return help !== undefined ? 'help' : typing !== undefined ? 'filter' : open !== undefined ? 'finding' : 'findings';
}

/** One key: the next view, and what is to be done. */
export function pressFindings(
	before: FindingsView,
	key: string,
	extent: Omit<Extent, 'count'>,
): {readonly view: FindingsView; readonly effect?: FindingsEffect} {
	const {notice: _, ...view} = before;
	const command = commandOf(findingsContext(view), key);
	if (command === 'quit') {
		return {view, effect: {type: 'quit'}};
	}

	const {typing, ...rest} = view;
	if (typing !== undefined) {
		return {
			view:
				command === 'accept'
					? {...rest, query: typing.text}
					: command === 'back'
						? {...rest, query: ''}
						: {...view, typing: edit(typing, key === 'space' ? ' ' : key), at: 0},
		};
	}

	const shown = shownFindings(view);
	const isFiltered = view.only !== undefined || view.query !== '';
	if (command === 'back' && view.help === undefined && view.open === undefined) {
		return key === 'esc' && isFiltered ? {view: showing(view, undefined, '')} : {view, effect: {type: 'back'}};
	}

	const next = browse(view, command, {...extent, count: shown.length});
	return next === undefined ? pressCheck(view, command, shown[view.at]) : {view: next};
}

/** Keys that filter, and those that check again. */
function pressCheck(
	view: FindingsView,
	command: Command | undefined,
	chosen: Finding | undefined,
): {readonly view: FindingsView; readonly effect?: FindingsEffect} {
	switch (command) {
		case 'check':
			return chosen === undefined ? {view} : {view, effect: {type: 'check', id: chosen.id}};
		case 'check-all':
			return {view, effect: {type: 'check'}};
		case 'search':
			return {view: {...view, typing: textEdit(view.query)}};
		case 'filter':
			// After the last severity comes everything.
			return {view: showing(view, severities[view.only === undefined ? 0 : severities.indexOf(view.only) + 1])};
		case 'blockers':
			return {view: showing(view, 'blocker')};
		case 'warnings':
			return {view: showing(view, 'warning')};
		case 'notes':
			return {view: showing(view, 'info')};
		case 'everything':
			return {view: showing(view, undefined, '')};
		default:
			return {view};
	}
}

function showing({only: _, ...view}: FindingsView, only: Severity | undefined, query = view.query): FindingsView {
	return {...view, at: 0, query, ...(only === undefined ? {} : {only})};
}

/** With what was found when `id`, or everything, was checked again. The cursor stays with its finding. */
export function checkedAgain(before: FindingsView, found: readonly Finding[], id?: string): FindingsView {
	const {open: _, ...closed} = before;
	const chosen = shownFindings(before)[before.at];
	const earlier = before.findings.filter(finding => id === undefined || finding.id === id);
	const told = new Set(found.map(finding => JSON.stringify(finding)));
	const others = before.findings.filter(finding => !earlier.includes(finding) && !told.has(JSON.stringify(finding)));
	const {findings} = findingsView([...others, ...found]);
	const next = {...before, findings};
	const at = shownFindings(next).findIndex(finding => finding.id === chosen?.id);
	const notice = noticeOf(earlier, found, id);
	return at === -1 ? {...closed, findings, at: 0, notice} : {...next, at, notice};
}

function noticeOf(earlier: readonly Finding[], found: readonly Finding[], id: string | undefined): string {
	if (found.length === 0) {
		return id === undefined ? t('Nothing is found any more.') : t('{id} is not found any more.', {id});
	}

	const told = (findings: readonly Finding[]) =>
		JSON.stringify(findings.map(finding => JSON.stringify(finding)).sort());
	return told(earlier) === told(found) ? t('Checked again: it is as it was.') : t('Checked again: it has changed.');
}
