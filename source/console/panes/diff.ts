import type {Pane} from '../../engine/state.js';
import {type DiffRow, diff} from '../diff.js';
import {harmless} from '../harmless.js';
import {fit, type Line, plain} from '../lines.js';
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
	return [
		plain(fit(harmless(file.path, glyphs.dot), columns, glyphs.more), 'title'),
		...(rows.length === 0 ? [plain('No line changes.', 'quiet')] : rows.map(row => rowLine(row, columns, glyphs))),
	];
}

function rowLine(row: DiffRow, columns: number, glyphs: Glyphs): Line {
	if (row.mark === 'gap') {
		return plain(`     ${glyphs.more} ${row.count} unchanged ${row.count === 1 ? 'line' : 'lines'}`, 'quiet');
	}

	const tone = row.mark === '-' ? ('remove' as const) : row.mark === '+' ? ('add' as const) : ('plain' as const);
	return [
		{text: `${String(row.number).padStart(4)} `, tone: 'quiet'},
		{text: fit(`${row.mark} ${harmless(row.text, glyphs.dot)}`, columns - 5, glyphs.more), tone},
	];
}
