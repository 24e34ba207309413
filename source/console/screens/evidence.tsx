import {useCursor, useInput, usePaste} from 'ink';
import {useEffect, useRef} from 'react';
import type {RunState} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {Sheet, sheetFrame} from '../components/sheet.js';
import {harmless} from '../harmless.js';
import {keyNames} from '../key-names.js';
import type {Command} from '../keys.js';
import {useLatest} from '../latest.js';
import {paragraph, plain} from '../lines.js';
import {LogReader, type LogState} from '../log-view.js';
import type {TerminalOptions} from '../session.js';
import {showUntilLeft} from '../show.js';
import {insert} from '../text-edit.js';
import {useTheme} from '../theme.js';
import {runLines, stepsOfRun} from './evidence-lines.js';
import {type EvidenceEffect, type EvidenceView, evidenceContext, pressEvidence} from './evidence-view.js';
import {helpLines} from './help.js';
import {Log, logWindow, searchColumn} from './log.js';

/** Shows the runs so far, newest first, until the person leaves: back to what was before, or altogether. */
export async function runEvidence(
	options: TerminalOptions & {load(): Promise<readonly RunState[]>},
): Promise<'back' | 'quit'> {
	return showUntilLeft<'back' | 'quit'>(options, 'quit', (onLeave, columns, rows) => (
		<Evidence load={() => options.load()} columns={columns} rows={rows} onLeave={onLeave} />
	));
}

export function Evidence({
	load,
	columns,
	rows,
	onLeave,
}: {
	load(): Promise<readonly RunState[]>;
	readonly columns: number;
	readonly rows: number;
	onLeave(how: 'back' | 'quit'): void;
}) {
	const {glyphs} = useTheme();
	const {shown: view, now, change} = useLatest<EvidenceView>({at: 0, runs: []});
	const busy = useLatest<string | undefined>(t('Looking for earlier runs'));
	const log = useLatest<LogState | undefined>(undefined);
	const reader = useRef<LogReader>(undefined);
	const size = {columns: columns - 2, rows: Math.max(1, rows - sheetFrame), glyphs};
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked for once
	useEffect(() => {
		load()
			.then(runs => change({...now(), runs}))
			.catch((error: Error) => change({...now(), failed: error.message}))
			.finally(() => busy.change(undefined));
		return () => reader.current?.close();
	}, []);
	useEffect(() => reader.current?.resize(logWindow({columns, body: size.rows})), [size.rows, columns]);
	/** Opens and closes the file as the view wants it. */
	const follow = ({at, log: wanted, runs}: EvidenceView) => {
		if (reader.current?.state.step === wanted?.step) {
			return;
		}

		reader.current?.close();
		reader.current = undefined;
		log.change(undefined);
		if (wanted) {
			const opened = new LogReader({
				step: wanted.step,
				path: `${runs[at]?.logs}/${wanted.step}.log`,
				window: logWindow({columns, body: size.rows}),
				wrap: false,
				changed: () => log.change(opened.state),
			});
			reader.current = opened;
			log.change(opened.state);
		}
	};
	const carryOut = (effect: EvidenceEffect) => {
		switch (effect.type) {
			case 'log':
				if (effect.command === 'wrap') {
					reader.current?.wrap(!reader.current.state.wrap);
				} else {
					reader.current?.command(effect.command);
				}

				break;
			case 'search':
				reader.current?.search(effect.query);
				break;
			default:
				onLeave(effect.type);
		}
	};
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			const {view: next, effect} = pressEvidence(now(), name, {
				page: Math.max(1, size.rows - 4),
				helpLast: Math.max(0, helpLines(glyphs, size.columns, 'runs').length - size.rows),
			});
			change(next);
			follow(next);
			if (effect) {
				carryOut(effect);
			}
		}
	});
	usePaste(text => {
		const {log: open} = now();
		if (open?.typing) {
			change({...now(), log: {...open, typing: insert(open.typing, text)}});
		}
	});
	const {setCursorPosition} = useCursor();
	setCursorPosition(view.log?.typing && {x: searchColumn(view.log.typing), y: 2});
	const run = view.runs[view.at];
	const title = run && view.open !== undefined ? titleOf(run) : t('Earlier runs');
	const lines =
		view.help !== undefined
			? helpLines(glyphs, size.columns, 'runs').slice(view.help)
			: run === undefined
				? view.failed === undefined
					? [plain(busy.shown === undefined ? t('No run is known on this host.') : '', 'quiet')]
					: paragraph(harmless(view.failed, glyphs.dot), size.columns, 'bad')
				: view.open === undefined
					? runLines(view, size)
					: stepsOfRun(run, view.open, size);
	const step = run?.steps.find(({id}) => id === view.log?.step);
	return (
		<Sheet
			title={harmless(title, glyphs.dot)}
			lines={lines}
			context={evidenceContext(view)}
			useless={new Set<Command>(['copy', ...(run ? [] : (['open'] as const))])}
			notice={view.notice && harmless(view.notice, glyphs.dot)}
			busy={busy.shown}
			columns={columns}
			rows={rows}
		>
			{log.shown && view.log && view.help === undefined ? (
				<Log log={log.shown} title={step?.title ?? ''} typing={view.log.typing} columns={columns} rows={size.rows} />
			) : undefined}
		</Sheet>
	);
}

function titleOf({id, kind}: RunState): string {
	switch (kind) {
		case 'upgrade':
			return t('Upgrade {id}', {id});
		case 'rehearsal':
			return t('Rehearsal {id}', {id});
		case 'restore':
			return t('Restore {id}', {id});
		case 'kit':
			return t('Kit {id}', {id});
	}
}
