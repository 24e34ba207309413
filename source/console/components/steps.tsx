import {Box, Text} from 'ink';
import {memo} from 'react';
import type {Phase, RunState, StepState} from '../../engine/state.js';
import {statusWord} from '../../engine/words.js';
import {type Marked, mark, t} from '../../locales/index.js';
import {expectedTime} from '../expectation.js';
import {duration} from '../format.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {fit, pad, type Tone, width} from '../lines.js';
import {statusTone, useTheme} from '../theme.js';

const headings: Readonly<Record<Phase, readonly [name: Marked, meaning?: Marked]>> = {
	sample: [mark('Sample server')],
	kit: [mark('Kit')],
	prepare: [mark('Prepare'), mark('service runs')],
	window: [mark('Window'), mark('service down')],
	confirm: [mark('Confirm'), mark('new version runs')],
};

type Entry = {readonly hop: string} | {readonly heading: Phase; readonly of: string} | {readonly step: StepState};

/** The steps under the headings of their phases; only those that can be seen are drawn. */
export const Steps = memo(StepList);

function StepList({
	state,
	selected,
	focused,
	columns,
	rows,
}: {
	readonly state: RunState;
	readonly selected: string | undefined;
	readonly focused: boolean;
	readonly columns: number;
	readonly rows: number;
}) {
	const entries = entriesOf(state.steps);
	const chosen = entries.findIndex(entry => 'step' in entry && entry.step.id === selected);
	const from = windowStart(chosen, rows, entries.length);
	return (
		<Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
			{entries
				.slice(from, from + rows)
				.map(entry =>
					'step' in entry ? (
						<StepRow
							key={entry.step.id}
							step={entry.step}
							isSelected={entry.step.id === selected}
							isFocused={focused}
							columns={columns}
						/>
					) : 'hop' in entry ? (
						<HopHeading key={t('to {hop}', {hop: entry.hop})} to={entry.hop} columns={columns} />
					) : (
						<Heading key={`${entry.of} ${entry.heading}`} phase={entry.heading} columns={columns} />
					),
				)}
		</Box>
	);
}

function entriesOf(steps: readonly StepState[]): Entry[] {
	return steps.flatMap((step, index): Entry[] => {
		const before = steps[index - 1];
		const isNewHop = step.hop !== undefined && step.hop !== before?.hop;
		return [
			...(isNewHop ? [{hop: step.hop ?? ''}] : []),
			...(isNewHop || step.phase !== before?.phase ? [{heading: step.phase, of: step.hop ?? ''}] : []),
			{step},
		];
	});
}

/** In a run of several hops: where the steps below lead. */
function HopHeading({to, columns}: {readonly to: string; readonly columns: number}) {
	const {glyphs, style} = useTheme();
	return (
		<Text wrap="truncate" {...style({tone: 'accent'})} bold>
			{fit(` ${glyphs.arrow} ${harmless(to, glyphs.dot)}`, columns, glyphs.more)}
		</Text>
	);
}

function Heading({phase, columns}: {readonly phase: Phase; readonly columns: number}) {
	const {glyphs, style} = useTheme();
	const [heading, explained] = headings[phase];
	const name = t(heading);
	const meaning = explained === undefined ? '' : t(explained);
	return (
		<Text wrap="truncate">
			<Text {...style({tone: 'title'})}> {name}</Text>

			<Text {...style({tone: 'quiet'})}>
				{meaning === '' ? '' : fit(`${glyphs.separator}${meaning}`, columns - width(name) - 1, glyphs.more)}
			</Text>
		</Text>
	);
}

function StepRow({
	step,
	isSelected,
	isFocused,
	columns,
}: {
	readonly step: StepState;
	readonly isSelected: boolean;
	readonly isFocused: boolean;
	readonly columns: number;
}) {
	const {glyphs, style} = useTheme();
	// The time of the running step is in the pane: ticking here it would send the rest of its row each second.
	const isOver = step.startedAt !== undefined && step.endedAt !== undefined;
	const number = step.documented === undefined ? '' : ` [${step.documented}]`;
	const ahead = step.status === 'pending' ? expectedTime(step) : '';
	const hasRoom = leavesRoom(step, width(number) + width(ahead), columns - 7);
	const time = isOver ? duration((step.endedAt ?? 0) - (step.startedAt ?? 0)) : hasRoom ? ahead : '';
	// Cursor, glyph and the spaces around them, then the time and a margin.
	const room = columns - 5 - (time === '' ? 0 : width(time) + 1) - 1;
	const title = fit(harmless(step.title, glyphs.dot), room - width(number), glyphs.more);
	const isActive = step.status === 'running' || step.status === 'asking' || step.status === 'undoing';
	const bar = isSelected && isFocused;
	// The bar has one look: colours in it would read as holes.
	const styled = (tone: Tone) => (bar ? {} : style({tone}));
	return (
		<Text wrap="truncate" inverse={bar} bold={isSelected || isActive}>
			{` ${isSelected ? glyphs.cursor : ' '} `}

			<Text {...styled(statusTone[step.status])} aria-label={t(statusWord[step.status])}>
				{glyphs.status[step.status]}
			</Text>

			<Text {...styled(step.status === 'pending' ? 'quiet' : 'plain')}>{` ${title}`}</Text>

			<Text {...styled('quiet')}>{number}</Text>
			<Text {...styled(isOver ? 'plain' : 'quiet')}>
				{pad(time, columns - 5 - width(title) - width(number) - 1, 'left')}{' '}
			</Text>
		</Text>
	);
}

/** Whether what is expected leaves the title whole; where the step is to be waited for, enough of it to know it by. */
function leavesRoom({expected, title}: StepState, taken: number, columns: number): boolean {
	const isLong = (expected?.milliseconds ?? 0) >= longMilliseconds;
	return Math.min(width(title), isLong ? knownBy : Infinity) + taken <= columns;
}

const longMilliseconds = 10_000;
const knownBy = 12;
