import type {Fact} from '../../engine/state.js';
import {harmless} from '../harmless.js';
import {type Line, pad, width, wrap} from '../lines.js';
import type {Glyphs} from '../theme.js';

/** Labels in one column, values in the next; a long value goes on below itself. */
export function factLines(facts: readonly Fact[], columns: number, glyphs: Glyphs): Line[] {
	const shown = facts.map(([label, value]) => [harmless(label, glyphs.dot), harmless(value, glyphs.dot)] as const);
	const most = Math.max(0, ...shown.map(([label]) => width(label)));
	const labels = Math.min(most, Math.floor(columns / 2) - 2);
	return shown.flatMap(([label, value]) =>
		wrap(value, Math.max(8, columns - labels - 2)).map((part, index) => [
			{text: `${pad(index === 0 ? label : '', labels, 'right', glyphs.more)}  `, tone: 'quiet' as const},
			{text: part},
		]),
	);
}
