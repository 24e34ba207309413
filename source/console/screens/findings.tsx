import {useCursor, useInput, usePaste} from 'ink';
import {useEffect} from 'react';
import type {Finding, Severity} from '../../engine/state.js';
import {mark, t} from '../../locales/index.js';
import {Sheet, sheetFrame} from '../components/sheet.js';
import {harmless} from '../harmless.js';
import {keyNames} from '../key-names.js';
import type {Command} from '../keys.js';
import {useLatest} from '../latest.js';
import {windowStart} from '../layout.js';
import {fit, type Line, pad, paragraph, plain, width} from '../lines.js';
import type {TerminalOptions} from '../session.js';
import {showUntilLeft} from '../show.js';
import {sentences} from '../step-lines.js';
import {editWindow, insert} from '../text-edit.js';
import {type Glyphs, severityTone, useTheme} from '../theme.js';
import {
	checkedAgain,
	type FindingsView,
	findingsContext,
	findingsView,
	pressFindings,
	shownFindings,
} from './findings-view.js';
import {helpLines} from './help.js';

export type FindingsSource = {
	readonly title: string;
	/** What was found already; else it is looked for first. */
	readonly found?: readonly Finding[];
	/** Looks for everything, or only for what has this name. Absent where it cannot be looked for from here. */
	check?(id?: string): Promise<readonly Finding[]>;
};

/** Shows what was found, until the person leaves: back to what was before, or altogether. */
export async function runFindings(options: TerminalOptions & FindingsSource): Promise<'back' | 'quit'> {
	return showUntilLeft<'back' | 'quit'>(options, 'quit', (onLeave, columns, rows) => (
		<Findings source={options} columns={columns} rows={rows} onLeave={onLeave} />
	));
}

export function Findings({
	source,
	columns,
	rows,
	onLeave,
}: {
	readonly source: FindingsSource;
	readonly columns: number;
	readonly rows: number;
	onLeave(how: 'back' | 'quit'): void;
}) {
	const {glyphs} = useTheme();
	const {shown: view, now, change} = useLatest<FindingsView>(findingsView(source.found ?? []));
	const busy = useLatest<string | undefined>(source.found ? undefined : t('Looking at this host'));
	const room = columns - 2;
	const body = Math.max(1, rows - sheetFrame);
	const openLines = (of: FindingsView) => detailLines(shownFindings(of)[of.at], room, glyphs);
	const check = async (id?: string) => {
		busy.change(id === undefined ? t('Looking at this host') : t('Checking {id} again', {id}));
		try {
			const found = (await source.check?.(id)) ?? [];
			change(now().findings.length === 0 ? findingsView(found) : checkedAgain(now(), found, id));
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			change(now().findings.length === 0 ? {...now(), failed: message} : {...now(), notice: message});
		} finally {
			busy.change(undefined);
		}
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked for once
	useEffect(() => {
		if (source.found === undefined) {
			void check();
		}
	}, []);
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			const extent = {
				page: Math.max(1, body - 2),
				openLast: Math.max(0, openLines(now()).length - body),
				helpLast: Math.max(0, helpLines(glyphs, room, 'findings').length - body),
			};
			const {view: next, effect} = pressFindings(now(), name, extent);
			change(next);
			if (effect?.type === 'check' && source.check && busy.now() === undefined) {
				void check(effect.id);
			} else if (effect?.type === 'back' || effect?.type === 'quit') {
				onLeave(effect.type);
				return;
			}
		}
	});
	usePaste(text => {
		const {typing} = now();
		if (typing !== undefined) {
			change({...now(), typing: insert(typing, text.trim()), at: 0});
		}
	});
	const {setCursorPosition} = useCursor();
	const typed = view.typing && editWindow(view.typing, 40);
	const prompt = t('Find: ');
	setCursorPosition(typed && {x: 1 + width(prompt) + typed.column, y: 2});
	const lines =
		view.help !== undefined
			? helpLines(glyphs, room, 'findings').slice(view.help)
			: view.open !== undefined
				? openLines(view).slice(view.open)
				: listLines(view, room, body, glyphs, busy.shown !== undefined);
	return (
		<Sheet
			title={harmless(source.title, glyphs.dot)}
			lines={typed ? [[{text: prompt, tone: 'accent'}, {text: typed.text}], ...lines.slice(1)] : lines}
			context={findingsContext(view)}
			useless={uselessHere(view, source)}
			notice={view.notice && harmless(view.notice, glyphs.dot)}
			busy={busy.shown}
			columns={columns}
			rows={rows}
		/>
	);
}

function uselessHere(view: FindingsView, {check}: FindingsSource): ReadonlySet<Command> {
	return new Set<Command>([
		...(check ? [] : (['check', 'check-all'] as const)),
		...(shownFindings(view).length > 0 ? [] : (['open', 'check', 'down', 'up'] as const)),
	]);
}

const words = {blocker: mark('blocker'), warning: mark('warning'), info: mark('note')} as const;
const widestId = 20;
/** Rows below the list for the whole sentence of the finding under the cursor. */
const sentenceRows = 3;

/** What is shown of all, a finding a row, and below the list the whole sentence of the one under the cursor. */
function listLines(view: FindingsView, columns: number, rows: number, glyphs: Glyphs, isBusy: boolean): Line[] {
	const shown = shownFindings(view);
	const head = plain(headOf(view, shown.length), 'quiet');
	if (shown.length === 0) {
		return view.failed !== undefined && !isBusy
			? paragraph(harmless(view.failed, glyphs.dot), columns, 'bad')
			: [head, plain(''), plain(isBusy ? '' : nothing(view), 'quiet')];
	}

	const ids = Math.min(widestId, Math.max(...shown.map(({id}) => width(id))));
	const marks = Math.max(...Object.values(words).map(word => width(t(word))));
	const room = rows - 1 - 1 - sentenceRows;
	const from = windowStart(view.at, room, shown.length);
	const list = shown.slice(from, from + room).map((finding, index): Line => {
		const {id, severity, sentence} = finding;
		const isChosen = from + index === view.at;
		const left = 2 + width(glyphs.severity[severity]) + 1 + marks + 2 + ids + 2;
		return [
			{text: `${isChosen ? glyphs.cursor : ' '} `, tone: 'accent'},
			{text: `${glyphs.severity[severity]} ${pad(t(words[severity]), marks)}  `, tone: severityTone[severity]},
			{text: `${pad(harmless(id, glyphs.dot), ids, 'right', glyphs.more)}  `, tone: 'quiet'},
			{text: fit(harmless(sentence, glyphs.dot), columns - left, glyphs.more), bold: isChosen, inverse: isChosen},
		];
	});
	const whole = paragraph(harmless(shown[view.at]?.sentence ?? '', glyphs.dot), columns);
	return [
		head,
		...list,
		...Array.from({length: room - list.length}, () => plain('')),
		plain(''),
		...whole.slice(0, sentenceRows),
	];
}

/** What part of everything is shown. */
function headOf({findings, only, query}: FindingsView, count: number): string {
	const total = findings.length;
	if (only === undefined && query === '') {
		return counts(findings);
	}

	return query === ''
		? t('{count} of {total}', {count, total})
		: t('{count} of {total}, with “{query}”', {count, total, query});
}

function nothing({findings}: FindingsView): string {
	return findings.length === 0 ? t('Nothing was found.') : t('None of that kind. 0 shows everything.');
}

function counts(findings: readonly Finding[]): string {
	const of = (severity: Severity) => findings.filter(finding => finding.severity === severity).length;
	return findings.length === 0
		? ''
		: t('blockers {blockers}, warnings {warnings}, notes {notes}', {
				blockers: of('blocker'),
				warnings: of('warning'),
				notes: of('info'),
			});
}

/** Everything about one: nothing is cut. */
function detailLines(finding: Finding | undefined, columns: number, glyphs: Glyphs): Line[] {
	if (finding === undefined) {
		return [];
	}

	const {evidence = '', id, remedy = '', sentence, severity} = finding;
	const clean = (text: string) => harmless(text, glyphs.dot);
	return [
		[
			{text: `${glyphs.severity[severity]} ${t(words[severity])}`, tone: severityTone[severity]},
			{text: `  ${clean(id)}`, tone: 'quiet'},
		],
		plain(''),
		...paragraph(clean(sentence), columns),
		...(evidence.trim() === '' ? [] : [plain(''), plain(t('Evidence'), 'title'), ...sentences(evidence, columns)]),
		...(remedy === ''
			? []
			: [plain(''), plain(t('What to do'), 'title'), ...paragraph(clean(remedy), columns, 'accent')]),
	];
}
