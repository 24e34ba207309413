import {Box} from 'ink';
import {roughly} from '../../engine/expected-words.js';
import type {Outcome, RunState} from '../../engine/state.js';
import {type Marked, mark, t} from '../../locales/index.js';
import {outageInTheEnd, timeLeft} from '../expectation.js';
import {duration, tenths} from '../format.js';
import {harmless} from '../harmless.js';
import {ends, type Line, lineWidth, type Span, type Tone} from '../lines.js';
import {type Theme, useTheme} from '../theme.js';
import {Row} from './lines.js';

const outcomes: Readonly<Record<Outcome, readonly [word: Marked, tone: Tone]>> = {
	kept: [mark('KEPT'), 'good'],
	'rolled-back': [mark('ROLLED BACK'), 'warn'],
	stopped: [mark('STOPPED'), 'warn'],
	blocked: [mark('BLOCKED'), 'bad'],
	'needs-attention': [mark('NEEDS ATTENTION'), 'bad'],
};

/** A kit is neither kept nor taken back. */
const kitOutcomes: Readonly<Partial<Record<Outcome, Marked>>> = {
	kept: mark('COMPLETE'),
	'rolled-back': mark('GIVEN UP'),
};

/** Which host, from what to what; how the run is, how the service is, how long it was down. */
export function Header({
	state,
	lost,
	now,
	columns,
}: {
	readonly state: RunState;
	/** The worker is gone: what is shown is the last that was known. */
	readonly lost: boolean;
	readonly now: number;
	readonly columns: number;
}) {
	const theme = useTheme();
	return (
		<Box flexDirection="column" flexShrink={0} height={2} paddingX={1}>
			<Row line={firstLine(state, theme, lost, now, columns - 2)} />
			<Row line={ends(serviceLine(state, theme), outageLine(state, now), columns - 2, theme.glyphs.more)} />
		</Box>
	);
}

/** How long it still takes stands before the clock, so that the clock is all that has to be sent, and only where it has room. */
function firstLine(state: RunState, theme: Theme, lost: boolean, now: number, columns: number): Line {
	const title = titleLine(state, theme);
	const run = runLine(state, lost, now);
	const left = lost ? undefined : timeLeft(state, now);
	const both: Line = left === undefined ? run : [{text: `${left}  `, tone: 'quiet'}, ...run];
	const hasRoom = lineWidth(title) + 1 + lineWidth(both) <= columns;
	return ends(title, hasRoom ? both : run, columns, theme.glyphs.more);
}

const titles = {
	upgrade: mark('UPGRADE'),
	rehearsal: mark('REHEARSAL'),
	restore: mark('RESTORE'),
	kit: mark('KIT'),
} as const;

function titleLine(state: RunState, {glyphs}: Theme): Line {
	const rehearsal = state.kind === 'rehearsal';
	return [
		rehearsal
			? {text: ` ${t(titles.rehearsal)} `, tone: 'accent', bold: true, inverse: true}
			: {text: ` ${t(titles[state.kind])} `, bold: true, inverse: true},
		{text: `  ${harmless(state.host, glyphs.dot)}`, bold: true},
		{
			text:
				state.kind === 'kit'
					? t('  a kit for {to}', {to: state.to})
					: `  ${state.from ?? '?'} ${glyphs.arrow} ${state.to}`,
		},
		...(rehearsal ? [{text: `  ${t('on a copy; this host stays as it is')}`, tone: 'quiet' as const}] : []),
	];
}

function runLine(state: RunState, lost: boolean, now: number): Line {
	const took = duration((state.endedAt ?? now) - state.startedAt);
	const status: Span =
		lost && state.status !== 'ended' ? {text: t('worker gone'), tone: 'bad', bold: true} : statusSpan(state, now);
	return [status, {text: `  ${took}`}];
}

function statusSpan(state: RunState, now: number): Span {
	switch (state.status) {
		case 'running':
			return {text: t('running'), tone: 'busy'};
		case 'asking':
			return state.question?.deadline === undefined
				? {text: t('waits for an answer'), tone: 'warn'}
				: {text: t('waits, {time} left', {time: duration(state.question.deadline - now)}), tone: 'warn', bold: true};
		case 'stopping':
			return {text: t('stops after this step'), tone: 'warn'};
		case 'rolling-back':
			return {text: state.kind === 'kit' ? t('is given up') : t('rolling back'), tone: 'warn'};
		case 'ended': {
			const [word, tone] = outcomes[state.outcome ?? 'stopped'];
			const text = t((state.kind === 'kit' && kitOutcomes[state.outcome ?? 'stopped']) || word);
			return {text, tone, bold: true};
		}
	}
}

function serviceLine({kind, service}: RunState, {glyphs}: Theme): Line {
	if (kind === 'kit') {
		return [{text: t('nothing is installed on this machine'), tone: 'quiet'}];
	}

	if (service === undefined) {
		return [{text: `${t('Service')}  `}, {text: t('not asked yet'), tone: 'quiet'}];
	}

	const reply = harmless(service.reply, glyphs.dot);
	const time = service.milliseconds === undefined ? '' : `${glyphs.separator}${Math.round(service.milliseconds)} ms`;
	return service.answers
		? [
				{text: `${t('Service')}  `},
				{text: t('answers'), tone: 'good'},
				{text: `${glyphs.separator}${reply}${time}`, tone: 'quiet'},
			]
		: [
				{text: `${t('Service')}  `},
				{text: t('DOWN'), tone: 'bad', bold: true},
				{text: `${glyphs.separator}${reply}`, tone: 'quiet'},
			];
}

function outageLine(state: RunState, now: number): Line {
	if (state.kind === 'kit') {
		return [];
	}

	if (state.outageSince !== undefined) {
		const running = state.outageMilliseconds + Math.max(0, now - state.outageSince);
		const inTheEnd = outageInTheEnd(state);
		const expected = inTheEnd === undefined ? '' : t('expected {time}', {time: `~${roughly(inTheEnd)}`});
		return [
			// Before the clock, as it stands still.
			...(expected === '' ? [] : [{text: `${expected}  `, tone: 'quiet'} as const]),
			{text: ` ${t('DOWN {time}', {time: tenths(running)})} `, tone: 'bad', bold: true, inverse: true},
		];
	}

	return state.outageMilliseconds === 0
		? [{text: t('outage  none'), tone: 'quiet'}]
		: [
				{
					text:
						state.status === 'ended'
							? t('outage  {time} in all', {time: tenths(state.outageMilliseconds)})
							: t('outage  {time}', {time: tenths(state.outageMilliseconds)}),
				},
			];
}
