import {Box, Text} from 'ink';
import type {RunState, StepState} from '../../engine/state.js';
import {statusWord} from '../../engine/words.js';
import {t} from '../../locales/index.js';
import {expectedTime} from '../expectation.js';
import {duration} from '../format.js';
import {harmless} from '../harmless.js';
import {fit, type Line, width} from '../lines.js';
import type {View} from '../model.js';
import {silenceLines} from '../silence.js';
import {joined, outcomeLines, serviceLines, share, stepLines, tailLines} from '../step-lines.js';
import {type Glyphs, statusTone, useTheme} from '../theme.js';
import {Rows, Rule} from './lines.js';

type Content = {
	readonly title: string;
	readonly step?: StepState;
	readonly lines: readonly Line[];
	readonly tail: readonly string[];
	readonly tailTitle: string;
};

/** What the right side shows for a view: the outcome, the service, or the selected step. */
export function contentOf(
	state: RunState,
	view: View,
	columns: number,
	glyphs: Glyphs,
	{driving, now}: {readonly driving: boolean; readonly now: number},
): Content {
	if (view.service) {
		const log = state.service?.log ?? [];
		const lines = serviceLines(state, columns, glyphs);
		return {title: t('Service'), lines, tail: log, tailTitle: t('Last lines of its log')};
	}

	if (state.status === 'ended' && view.follow) {
		return {title: t('The run is over'), lines: outcomeLines(state, columns, glyphs), tail: [], tailTitle: ''};
	}

	const step = state.steps.find(({id}) => id === view.selected);
	if (step === undefined) {
		return {title: t('No step yet'), lines: [], tail: [], tailTitle: ''};
	}

	return {
		title: harmless(step.title, glyphs.dot) + (step.documented === undefined ? '' : ` [${step.documented}]`),
		step,
		lines: joined([silenceLines(state, step, {driving, now, columns, glyphs}), stepLines(step, columns, glyphs)]),
		tail: step.tail,
		tailTitle: step.command === undefined ? t('Last lines') : `$ ${harmless(step.command, glyphs.dot)}`,
	};
}

/** Number of the last line the pane can be scrolled to. */
export function paneLast(content: Content, rows: number): number {
	const room = share(rows - 2, content.lines.length, hasTail(content)).content;
	return Math.max(0, content.lines.length - room);
}

function hasTail(content: Content): boolean {
	return content.tail.length > 0 || content.step?.command !== undefined;
}

export function StepPane({
	content,
	view,
	columns,
	rows,
	now,
}: {
	readonly content: Content;
	readonly view: View;
	readonly columns: number;
	readonly rows: number;
	readonly now: number;
}) {
	const {glyphs} = useTheme();
	const room = share(rows - 2, content.lines.length, hasTail(content));
	const from = Math.min(view.scroll, paneLast(content, rows));
	const isCut = content.lines.length > room.content;
	const place = isCut
		? t('{from}-{content} of {lines}', {
				from: from + 1,
				content: Math.min(content.lines.length, from + room.content),
				lines: content.lines.length,
			})
		: '';
	const hint = isCut && view.side === 'steps' ? t('{place}, Tab scrolls', {place}) : place;
	return (
		<Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
			<Title
				content={content}
				hint={room.tail > 0 ? '' : hint}
				columns={columns}
				isFocused={view.side === 'pane'}
				now={now}
			/>

			<Text> </Text>

			<Rows lines={content.lines.slice(from)} rows={room.content} />

			{room.tail > 0 && (
				<>
					<Rule columns={columns} label={fit(content.tailTitle, columns - width(hint) - 4, glyphs.more)} end={hint} />

					<Rows lines={tailLines(content.tail, columns, room.tail, glyphs)} rows={room.tail} />
				</>
			)}
		</Box>
	);
}

function Title({
	content,
	hint,
	columns,
	isFocused,
	now,
}: {
	readonly content: Content;
	/** What part is seen, where no line below says so. */
	readonly hint: string;
	readonly columns: number;
	readonly isFocused: boolean;
	readonly now: number;
}) {
	const {glyphs, style} = useTheme();
	const {step} = content;
	const word = step === undefined ? '' : t(statusWord[step.status]);
	const isWorking = step?.status === 'running' || step?.status === 'undoing';
	const time = step?.startedAt === undefined ? '' : duration((step.endedAt ?? now) - step.startedAt).padStart(6);
	const rest = columns - width(word) - (isWorking ? 3 : 0) - time.length - 2 - (step === undefined ? width(hint) : 0);
	const expected = expectedIn(step, rest - width(content.title));
	const room = rest - width(expected);
	return (
		<Box width={columns} height={1} justifyContent="space-between">
			<Text {...style({tone: 'title', inverse: isFocused})} wrap="truncate">
				{fit(content.title, room, glyphs.more)}
			</Text>

			{step === undefined && <Text {...style({tone: 'quiet'})}>{hint}</Text>}

			{step !== undefined && (
				<Text>
					<Text {...style({tone: 'quiet'})}>{expected}</Text>
					<Text {...style({tone: statusTone[step.status]})}>
						{word}

						{isWorking ? workingDots(now) : ''}
					</Text>

					{time}
				</Text>
			)}
		</Box>
	);
}

/** What a step that is not over is expected to take, before what moves, and only where the title leaves room. */
function expectedIn(step: StepState | undefined, room: number): string {
	const time = step?.status === 'pending' || step?.status === 'running' ? expectedTime(step) : '';
	const forms = time === '' ? [] : [`${t('expected {time}', {time})}  `, `${time}  `, `${time} `];
	return forms.find(form => width(form) <= room) ?? '';
}

/** Moves with the clock and not by itself: each frame costs processor here and bytes on the line. */
function workingDots(now: number): string {
	return '.'.repeat((Math.floor(now / 1000) % 3) + 1).padEnd(3);
}
