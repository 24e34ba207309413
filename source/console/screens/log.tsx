import {Box} from 'ink';
import {t} from '../../locales/index.js';
import {Row, Rows} from '../components/lines.js';
import {harmless} from '../harmless.js';
import type {Layout} from '../layout.js';
import {ends, type Line, type Span, slice, width} from '../lines.js';
import type {LogLine} from '../log-file.js';
import {type LogRow, rowsOf} from '../log-rows.js';
import type {LogState, LogWindow} from '../log-view.js';
import {editWindow, type TextEdit} from '../text-edit.js';
import {type Glyphs, useTheme} from '../theme.js';

/** What a log has of a screen: a row is for the title, and a column at either side is free. */
export function logWindow({body, columns}: Pick<Layout, 'body' | 'columns'>): LogWindow {
	return {columns: columns - 2, rows: Math.max(1, body - 1)};
}

/** The visible part of a log and where in the file it is. */
export function Log({
	log,
	title,
	typing,
	columns,
	rows,
}: {
	readonly log: LogState;
	readonly title: string;
	readonly typing: TextEdit | undefined;
	readonly columns: number;
	readonly rows: number;
}) {
	const {glyphs} = useTheme();
	return (
		<Box flexDirection="column" height={rows} paddingX={1} flexShrink={0} overflow="hidden">
			<Row line={titleLine(log, title, typing, columns - 2, glyphs)} />
			<Rows lines={textLines(log, columns - 2, glyphs)} rows={rows - 1} />
		</Box>
	);
}

/** Column at which the cursor stands while a search is typed. */
export function searchColumn(typing: TextEdit): number {
	return 1 + width(t('Search: ')) + editWindow(typing, 40).column;
}

function titleLine(log: LogState, title: string, typing: TextEdit | undefined, columns: number, glyphs: Glyphs): Line {
	if (typing !== undefined) {
		return [{text: t('Search: '), tone: 'accent'}, {text: editWindow(typing, 40).text}];
	}

	const last = log.lines.at(-1);
	const end = last?.next ?? log.size;
	const percent = log.size === 0 ? 100 : Math.min(100, Math.floor((end / log.size) * 100));
	const place = log.follow ? t('following') : `${percent} %`;
	return ends(
		[
			{text: t('Log of {title}', {title}), bold: true},
			{text: log.message === undefined ? '' : `  ${log.message}`, tone: 'warn'},
			{
				text:
					log.message === undefined && log.query !== ''
						? t('  n: "{query}" further up, N: further down', {query: log.query})
						: '',
				tone: 'quiet',
			},
		],
		[{text: log.column > 0 ? `${glyphs.arrow} ${log.column}${glyphs.separator}` : '', tone: 'quiet'}, {text: place}],
		columns,
		glyphs.more,
	);
}

function textLines(log: LogState, columns: number, glyphs: Glyphs): Line[] {
	return log.lines
		.flatMap(line => (log.wrap ? wrapped(line, log, columns, glyphs) : [cut(line, log, columns, glyphs)]))
		.slice(log.skip);
}

/** What lies between two columns of a line. */
function cut(line: LogLine, log: LogState, columns: number, glyphs: Glyphs): Line {
	const shown = harmless(line.text, glyphs.dot);
	const visible = slice(shown, log.column, log.column + columns);
	const text = width(shown) > log.column + columns ? slice(visible, 0, columns - 1) + glyphs.more.slice(0, 1) : visible;
	return marked({from: 0, text}, found(text, log.query), line.at === log.hit);
}

/** All of a line, in as many rows as it takes. A found text may go on in the next row. */
function wrapped(line: LogLine, log: LogState, columns: number, glyphs: Glyphs): Line[] {
	const shown = harmless(line.text, glyphs.dot);
	const places = found(shown, log.query);
	return rowsOf(shown, columns).map(row => marked(row, places, line.at === log.hit));
}

/** Where a text begins in a line. */
function found(shown: string, query: string): Found {
	const [text, wanted] = [shown.toLowerCase(), query.toLowerCase()];
	const at: number[] = [];
	for (
		let next = text.indexOf(wanted);
		wanted !== '' && next !== -1;
		next = text.indexOf(wanted, next + wanted.length)
	) {
		at.push(next);
	}

	return {at, length: query.length};
}

type Found = {readonly at: readonly number[]; readonly length: number};

/** A row with what was found in its line; the line found last stands out from the others that hold the same. */
function marked({from, text}: LogRow, {at, length}: Found, isHit: boolean): Line {
	const spans: Span[] = [];
	let done = 0;
	for (const place of at) {
		const [start, end] = [Math.max(done, place - from), Math.min(text.length, place + length - from)];
		if (start < end) {
			spans.push({text: text.slice(done, start)});
			spans.push({text: text.slice(start, end), tone: 'warn', bold: true, inverse: isHit});
			done = end;
		}
	}

	return [...spans, {text: text.slice(done)}];
}
