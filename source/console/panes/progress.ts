import type {Pane} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {bytes, duration} from '../format.js';
import {harmless} from '../harmless.js';
import {ends, fit, fitLine, type Line, plain} from '../lines.js';
import type {Glyphs} from '../theme.js';
import {factLines} from './facts.js';

type Progress = Extract<Pane, {kind: 'progress'}>;

/** Stage and what is worked on, the bar over the whole step, speed and time left, then the plan. */
export function progressLines(pane: Progress, columns: number, glyphs: Glyphs): Line[] {
	const percent = pane.percent === undefined ? undefined : Math.max(0, Math.min(100, pane.percent));
	const rate = [
		...(pane.bytesPerSecond === undefined ? [] : [`${bytes(pane.bytesPerSecond)}/s`]),
		...(pane.secondsLeft === undefined ? [] : [`${duration(pane.secondsLeft * 1000)} left`]),
	].join(glyphs.separator);
	return [
		fitLine(
			ends([{text: harmless(pane.stage, glyphs.dot), tone: 'title'}], [{text: rate}], columns, glyphs.more),
			columns,
			glyphs.more,
		),
		// Unknown is said in words: a bar at nothing would read as nothing done.
		percent === undefined
			? plain(fit(t('How much is left is not known yet.'), columns, glyphs.more), 'quiet')
			: bar(percent, columns, glyphs),
		plain(fit(harmless(pane.current ?? '', glyphs.dot), columns, glyphs.more), 'quiet'),
		...factLines(pane.facts, columns, glyphs),
	];
}

export function bar(percent: number, columns: number, glyphs: Glyphs): Line {
	const room = Math.max(4, columns - 5);
	const done = Math.round((percent / 100) * room);
	return [
		{text: glyphs.full.repeat(done), tone: 'busy'},
		{text: glyphs.empty.repeat(room - done), tone: 'quiet'},
		{text: `${Math.floor(percent)} %`.padStart(5)},
	];
}
