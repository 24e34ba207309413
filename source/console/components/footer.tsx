import {Box, Text} from 'ink';
import Spinner from 'ink-spinner';
import type {RunState} from '../../engine/state.js';
import {mark, t} from '../../locales/index.js';
import {consequence} from '../consequence.js';
import {keyLabel} from '../key-names.js';
import {type Command, type Context, footerOf} from '../keys.js';
import {fitLine, type Line, lineWidth, pad, type Span, width, wrap} from '../lines.js';
import {blockedStep, contextOf, isAnswering, type View} from '../model.js';
import {canCut} from '../silence.js';
import {type Glyphs, useTheme} from '../theme.js';
import {Row, Rows} from './lines.js';

const ROTATE_MILLISECONDS = 6000;
const heading = mark('If you stop now');

/** The line "If you stop now", and below it the keys, or a notice in their place. */
export function Footer({
	state,
	view,
	driving,
	columns,
	stop,
	now,
}: {
	readonly state: RunState;
	readonly view: View;
	readonly driving: boolean;
	readonly columns: number;
	readonly stop: number;
	readonly now: number;
}) {
	const {glyphs, style} = useTheme();
	const room = columns - 2;
	const keys = keysLine(contextOf(view, state), uselessKeys(state, view, driving), room, glyphs);
	return (
		<Box flexDirection="column" flexShrink={0} height={stop + 1} paddingX={1}>
			<Rows lines={stopLines(state, room, stop, now).map(line => fitLine(line, room, glyphs.more))} rows={stop} />

			{isAnswering(view, state) && view.answer?.sent ? (
				<Text {...style({tone: 'busy'})}>
					{t('The answer was sent and is being checked')}
					<Spinner type="simpleDots" />
				</Text>
			) : (
				<Row line={view.notice === undefined ? keys : noticeLine(view.notice, room, glyphs)} />
			)}
		</Box>
	);
}

/** Three rows say it one under the other, two in a flow; where there is one row the sentences take turns. May be too long. */
export function stopLines(state: RunState, columns: number, rows: number, now: number): Line[] {
	const {connection, program, machine} = consequence(state);
	if (state.status === 'ended') {
		return [[{text: `${t(heading)}  `, tone: 'quiet'}, {text: machine}]];
	}

	const parts = [
		[t('connection'), connection],
		[t('program'), program],
		[t('machine'), machine],
	] as const;
	const line = (label: string, name: string, text: string): Line => [
		{text: label, tone: 'quiet'},
		{text: name, tone: 'accent'},
		{text: ` ${text}`},
	];
	if (rows >= 3) {
		return parts.map(([name, text], index) =>
			line(`${index === 0 ? t(heading) : ' '.repeat(width(t(heading)))}  `, pad(name, 11), text),
		);
	}

	// Seconds of the day, not of this console: two consoles side by side say the same.
	const turn = Math.floor(now / ROTATE_MILLISECONDS) % parts.length;
	const one = (index: number): Line => {
		const [name, text] = parts[index % parts.length] ?? parts[0];
		return line(`${t(heading)}, `, `${name}:`, text);
	};

	if (rows === 2) {
		// What happens to the machine matters most and has a row of its own.
		const both = (first: string, second: string): Line => [
			{text: `${t(heading)}  `, tone: 'quiet'},
			{text: t('connection'), tone: 'accent'},
			{text: ` ${first}  `},
			{text: t('program'), tone: 'accent'},
			{text: ` ${second}`},
		];
		const full = both(connection, program);
		return [lineWidth(full) <= columns ? full : both(brief(connection), brief(program)), machineLine(machine, columns)];
	}

	return [one(turn)];
}

/** Under its heading; at the left edge when only that has room for all of it. */
function machineLine(sentence: string, columns: number): Line {
	const name = {text: t('machine'), tone: 'accent'} as const;
	const under: Line = [{text: ' '.repeat(width(t(heading)) + 2)}, name, {text: `    ${sentence}`}];
	const whole: Line = [name, {text: `  ${sentence}`}];
	if (lineWidth(under) <= columns) {
		return under;
	}

	return lineWidth(whole) <= columns
		? whole
		: [{text: ' '.repeat(width(t(heading)) + 2)}, name, {text: `    ${brief(sentence)}`}];
}

/** The sentence up to its semicolon, where there is no room for all of it. */
function brief(sentence: string): string {
	const [, first, mark] = /^(.*?)([;\uFF1B]|\u3002(?!$))/.exec(sentence) ?? [];
	return first === undefined ? sentence : first + (mark === ';' ? '.' : '。');
}

export function keysLine(context: Context, useless: ReadonlySet<Command>, columns: number, glyphs: Glyphs): Line {
	const spans: Span[] = [];
	let used = 0;
	for (const binding of footerOf(context).filter(({command}) => !useless.has(command))) {
		const key = keyLabel(binding.keys[0] ?? '', !glyphs.unicode);
		const label = t(binding.label ?? '');
		const gap = used === 0 ? '' : '   ';
		const size = gap.length + width(key) + 1 + width(label);
		if (used + size > columns) {
			break;
		}

		spans.push({text: gap}, {text: key, tone: 'accent'}, {text: ` ${label}`, tone: 'quiet'});
		used += size;
	}

	return spans;
}

/** Keys that would do nothing now are not offered. */
export function uselessKeys(state: RunState, view: View, driving: boolean): ReadonlySet<Command> {
	const useless: Command[] = [];
	if (driving || state.status === 'ended') {
		useless.push('take-over');
	}

	if (!driving || state.status === 'ended' || state.status === 'rolling-back') {
		useless.push('stop', 'roll-back');
	}

	// Nothing of it is in the way of anything, so that giving it up needs no offer; the key is there all the same.
	if (state.kind === 'kit') {
		useless.push('roll-back');
	}

	if (!driving || !canCut(state)) {
		useless.push('cut');
	}

	if (state.status === 'stopping') {
		useless.push('stop');
	}

	if (state.question === undefined) {
		useless.push('open');
	}

	if (!blockedStep(state)) {
		useless.push('findings');
	}

	if (view.follow && view.log === undefined) {
		useless.push('follow');
	}

	return new Set(useless);
}

function noticeLine(notice: string, columns: number, glyphs: Glyphs): Line {
	const [first = ''] = wrap(notice, columns);
	return [{text: first === notice ? first : `${first}${glyphs.more}`, tone: 'warn'}];
}
