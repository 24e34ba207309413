import type {Outcome, RunState, StepState} from '../../engine/state.js';
import {mark, type Text, t} from '../../locales/index.js';
import {dateTime, duration, tenths} from '../format.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {ends, fit, fitLine, type Line, pad, paragraph, plain, type Tone, width} from '../lines.js';
import {factLines} from '../panes/facts.js';
import {type Glyphs, statusTone} from '../theme.js';
import type {EvidenceView} from './evidence-view.js';
import type {PageSize} from './question.js';

const kinds = {
	upgrade: mark('upgrade'),
	rehearsal: mark('rehearsal'),
	restore: mark('restore'),
	kit: mark('kit'),
} as const satisfies Record<RunState['kind'], Text>;

const outcomes = {
	kept: mark('kept'),
	'rolled-back': mark('rolled back'),
	stopped: mark('stopped'),
	blocked: mark('blocked'),
	'needs-attention': mark('needs attention'),
} as const satisfies Record<Outcome, Text>;

const tones: Readonly<Record<Outcome, Tone>> = {
	kept: 'good',
	'rolled-back': 'warn',
	stopped: 'warn',
	blocked: 'bad',
	'needs-attention': 'bad',
};

const messageRows = 2;
/** Columns from which on there is room for the year. */
const wide = 70;

/** A run a row: when, what, from where to where, how it ended; below the list the last word of the one under the cursor. */
export function runLines({at, runs}: EvidenceView, size: PageSize): Line[] {
	const {columns, glyphs, rows} = size;
	const kindColumns = Math.max(...runs.map(run => width(t(kinds[run.kind]))));
	const ways = runs.map(run => wayOf(run, glyphs));
	const wayColumns = Math.max(...ways.map(way => width(way)));
	const outcomeColumns = Math.max(...runs.map(run => width(outcomeOf(run))));
	const room = rows - 1 - messageRows;
	const from = windowStart(at, room, runs.length);
	const list = runs.slice(from, from + room).map((run, index): Line => {
		const isChosen = from + index === at;
		const head = `${dateTime(run.startedAt).slice(columns < wide ? 5 : 0)}  ${pad(t(kinds[run.kind]), kindColumns)}  ${pad(ways[from + index] ?? '', wayColumns)}`;
		const tone = run.outcome ? tones[run.outcome] : 'busy';
		const outage = run.outageMilliseconds === 0 ? '' : outageOf(run);
		const left = 2 + width(head) + 2 + outcomeColumns + 2;
		const outcome =
			left + width(outage) > columns ? outcomeOf(run) : `${pad(outcomeOf(run), outcomeColumns)}  ${outage}`;
		const line: Line = [
			{text: `${isChosen ? glyphs.cursor : ' '} `, tone: 'accent'},
			{text: head, bold: isChosen, inverse: isChosen},
			{text: `  ${outcome}`, tone},
		];
		return fitLine(line, columns, glyphs.more);
	});
	const message = harmless(runs[at]?.message ?? '', glyphs.dot);
	return [
		...list,
		...Array.from({length: room - list.length}, () => plain('')),
		plain(''),
		...paragraph(message, columns).slice(0, messageRows),
	];
}

function wayOf({from, kind, to}: RunState, glyphs: Glyphs): string {
	const end = harmless(to, glyphs.dot);
	return kind === 'kit' || kind === 'restore' || from === undefined
		? `${glyphs.arrow} ${end}`
		: `${harmless(from, glyphs.dot)} ${glyphs.arrow} ${end}`;
}

function outcomeOf({outcome}: RunState): string {
	return outcome ? t(outcomes[outcome]) : t('not over');
}

function outageOf({kind, outageMilliseconds}: RunState): string {
	if (kind === 'kit') {
		return '';
	}

	return outageMilliseconds === 0 ? t('none') : t('down {time}', {time: tenths(outageMilliseconds)});
}

/** One run: how it went, and its steps with their times; the one under the cursor is always in sight. */
export function stepsOfRun(run: RunState, at: number, {columns, glyphs, rows}: PageSize): Line[] {
	const took = run.endedAt === undefined ? '' : duration(run.endedAt - run.startedAt);
	const facts = factLines(
		[
			[
				t('Began'),
				took === '' ? dateTime(run.startedAt) : t('{when}, took {time}', {when: dateTime(run.startedAt), time: took}),
			],
			[t('Ended'), run.message ? `${outcomeOf(run)}: ${run.message}` : outcomeOf(run)],
			...(run.kind === 'kit' ? [] : [[t('Outage'), outageOf(run)] as const]),
			[t('Logs'), run.logs],
		],
		columns,
		glyphs,
	);
	// The steps are what this is about: what is told above them gives way.
	const head = facts.slice(0, Math.max(1, rows - 8));
	const room = rows - head.length - 1 - 2;
	const from = windowStart(at, room, run.steps.length);
	const list = run.steps
		.slice(from, from + room)
		.map((step, index) => stepLine(step, from + index === at, columns, glyphs));
	const note = harmless(run.steps[at]?.note ?? '', glyphs.dot);
	return [
		...head,
		plain(''),
		...list,
		...Array.from({length: Math.max(0, room - list.length)}, () => plain('')),
		plain(''),
		plain(fit(note, columns, glyphs.more), 'quiet'),
	];
}

function stepLine(step: StepState, isChosen: boolean, columns: number, glyphs: Glyphs): Line {
	const {documented, endedAt, hop, startedAt, status, title} = step;
	const clock = startedAt === undefined ? '' : new Date(startedAt).toTimeString().slice(0, 8);
	const time = startedAt === undefined || endedAt === undefined ? '' : duration(endedAt - startedAt);
	const name = `${hop === undefined ? '' : `${hop}: `}${title}${documented === undefined ? '' : ` [${documented}]`}`;
	return ends(
		[
			{text: `${isChosen ? glyphs.cursor : ' '} `, tone: 'accent'},
			{text: `${glyphs.status[status]} `, tone: statusTone[status]},
			{text: harmless(name, glyphs.dot), bold: isChosen, inverse: isChosen},
		],
		[{text: `${clock}  ${time.padStart(7)}`, tone: 'quiet'}],
		columns,
		glyphs.more,
	);
}
