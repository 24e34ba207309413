import type {Fact, Finding} from '../engine/state.js';
import type {HomeChoice} from './home.js';
import {type Line, paragraph} from './lines.js';
import {factLines} from './panes/facts.js';
import {findingLines} from './panes/findings.js';
import {joined} from './step-lines.js';
import type {Glyphs} from './theme.js';

/**
What goes where above the choices. All choices are seen if there is any way to; facts stay in place as long as that
leaves the findings three rows, and are scrolled with them otherwise.
*/
export function homeParts({
	facts,
	findings,
	choices,
	room,
	rows,
	glyphs,
}: {
	readonly facts: readonly Fact[];
	readonly findings: readonly Finding[];
	readonly choices: readonly HomeChoice[];
	readonly room: number;
	readonly rows: number;
	readonly glyphs: Glyphs;
}): {about: readonly Line[]; scrolled: readonly Line[]; visible: number; shown: number} {
	const about = factLines(facts, room, glyphs);
	const found = findingLines(findings, room, glyphs);
	// Of all explanations, so that nothing moves with the cursor.
	const tallest = Math.max(0, ...choices.map(({explanation}) => paragraph(explanation, room).length));
	// Title, two rules, keys, and an empty line above facts, choices and explanation.
	const free = rows - tallest - 7;
	const shown = Math.min(choices.length, Math.max(5, free - about.length));
	const above = Math.max(1, free - shown);
	const [scrolled, left] = found.length > 0 ? [found, above - about.length - 1] : [[], above - about.length];
	return left >= Math.min(3, scrolled.length)
		? {about, scrolled, visible: Math.min(left, scrolled.length), shown}
		: {about: [], scrolled: joined([about, found]), visible: above, shown};
}
