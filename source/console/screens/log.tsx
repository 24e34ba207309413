import {Box} from 'ink';
import {t} from '../../locales/index.js';
import {Row, Rows} from '../components/lines.js';
import {harmless} from '../harmless.js';
import {ends, type Line, plain, slice, width} from '../lines.js';
import type {LogLine} from '../log-file.js';
import type {LogState} from '../log-view.js';
import {editWindow, type TextEdit} from '../text-edit.js';
import {type Glyphs, useTheme} from '../theme.js';

/** Rows of a log on a screen of so many: one for the title, one for where it is. */
export function logRows(body: number): number {
	return Math.max(1, body - 1);
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

			<Rows lines={log.lines.map(line => textLine(line, log, columns - 2, glyphs))} rows={rows - 1} />
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
	const end = last === undefined ? log.size : last.at + Buffer.byteLength(last.text) + 1;
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

function textLine({at: byte, text}: LogLine, log: LogState, columns: number, glyphs: Glyphs): Line {
	const shown = harmless(text, glyphs.dot);
	const visible = slice(shown, log.column, log.column + columns);
	const cut = width(shown) > log.column + columns ? slice(visible, 0, columns - 1) + glyphs.more.slice(0, 1) : visible;
	const at = log.query === '' ? -1 : cut.toLowerCase().indexOf(log.query.toLowerCase());
	if (at === -1) {
		return plain(cut);
	}

	const end = at + log.query.length;
	// The line found last stands out from the others that hold the same.
	const isHit = byte === log.hit;
	return [
		{text: cut.slice(0, at)},
		{text: cut.slice(at, end), tone: 'warn', bold: true, inverse: isHit},
		{text: cut.slice(end)},
	];
}
