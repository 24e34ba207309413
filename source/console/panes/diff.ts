import type {Pane} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {type DiffRow, diff} from '../diff.js';
import {harmless} from '../harmless.js';
import {fit, type Line, plain, slice, width} from '../lines.js';
import type {Glyphs} from '../theme.js';
import {factLines} from './facts.js';

type Diff = Extract<Pane, {kind: 'diff'}>;
type File = Pick<Diff['files'][number], 'path' | 'before' | 'after'>;

// A pane object never changes, so that its comparison is made once and not in every frame.
const compared = new WeakMap<File, DiffRow[]>();

export function diffLines(pane: Diff, columns: number, glyphs: Glyphs): Line[] {
	return [
		...pane.files.flatMap((file, index) => [...(index > 0 ? [plain('')] : []), ...fileLines(file, columns, glyphs)]),
		...(pane.facts.length === 0 ? [] : [plain(''), ...factLines(pane.facts, columns, glyphs)]),
	];
}

export function fileLines(file: File, columns: number, glyphs: Glyphs): Line[] {
	const rows = compared.get(file) ?? diff(file.before, file.after);
	compared.set(file, rows);
	const partners = pairs(rows);
	return [
		plain(fit(harmless(file.path, glyphs.dot), columns, glyphs.more), 'title'),
		...(rows.length === 0
			? [plain(t('No line changes.'), 'quiet')]
			: rows.map((row, index) => rowLine(row, partners.get(index), columns, glyphs))),
	];
}

/** Which added line takes the place of which removed one, both ways. */
function pairs(rows: readonly DiffRow[]): Map<number, string> {
	const result = new Map<number, string>();
	let index = 0;
	while (index < rows.length) {
		const removed: number[] = [];
		const added: number[] = [];
		while (rows[index]?.mark === '-') {
			removed.push(index++);
		}

		while (rows[index]?.mark === '+') {
			added.push(index++);
		}

		for (const [number, from] of removed.entries()) {
			const to = added[number];
			const a = rows[from];
			const b = to === undefined ? undefined : rows[to];
			if (to !== undefined && a !== undefined && b !== undefined && 'text' in a && 'text' in b) {
				result.set(from, b.text);
				result.set(to, a.text);
			}
		}

		if (removed.length === 0 && added.length === 0) {
			index++;
		}
	}

	return result;
}

const NUMBER = 5;
const MARK = 2;

function rowLine(row: DiffRow, partner: string | undefined, columns: number, glyphs: Glyphs): Line {
	if (row.mark === 'gap') {
		return plain(
			row.count === 1
				? t('     {more} {count} unchanged line', {more: glyphs.more, count: row.count})
				: t('     {more} {count} unchanged lines', {more: glyphs.more, count: row.count}),
			'quiet',
		);
	}

	const tone = row.mark === '-' ? ('remove' as const) : row.mark === '+' ? ('add' as const) : ('plain' as const);
	const room = Math.max(1, columns - NUMBER - MARK);
	const text = harmless(row.text, glyphs.dot);
	const shown = partner === undefined ? text : atDifference(text, harmless(partner, glyphs.dot), room, glyphs);
	return [
		{text: `${String(row.number).padStart(NUMBER - 1)} `, tone: 'quiet'},
		{text: `${row.mark} ${fit(shown, room, glyphs.more)}`, tone},
	];
}

/**
A changed line that is too long begins shortly before the place where it differs from its partner, so that
what changes can be seen. Both of a pair begin at the same column.
*/
export function atDifference(text: string, partner: string, room: number, glyphs: Glyphs): string {
	if (Math.max(width(text), width(partner)) <= room) {
		return text;
	}

	let same = 0;
	while (same < text.length && text[same] === partner[same]) {
		same++;
	}

	const from = width(text.slice(0, same)) - Math.floor(room / 3);
	return from <= 0 ? text : glyphs.more + slice(text, from + width(glyphs.more), Number.MAX_SAFE_INTEGER);
}
