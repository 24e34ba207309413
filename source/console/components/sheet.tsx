import {Box, Text} from 'ink';
import Spinner from 'ink-spinner';
import type {ReactNode} from 'react';
import type {Command, Context} from '../keys.js';
import {ends, fit, type Line, wrap} from '../lines.js';
import {useTheme} from '../theme.js';
import {keysLine} from './footer.js';
import {Row, Rows, Rule} from './lines.js';

/** Rows of a sheet that are not its body: title, two rules, keys. */
export const sheetFrame = 4;

/** A screen that is no run's: what it is about, its lines, and the keys that count, or a sentence in their place. */
export function Sheet({
	title,
	aside = '',
	lines,
	children,
	context,
	useless = new Set(),
	notice,
	busy,
	columns,
	rows,
}: {
	readonly title: string;
	/** At the right of the title. */
	readonly aside?: string;
	readonly lines: readonly Line[];
	/** Instead of the lines. */
	readonly children?: ReactNode;
	readonly context: Context;
	/** Keys that would do nothing now. */
	readonly useless?: ReadonlySet<Command>;
	readonly notice?: string | undefined;
	/** What is being waited for. */
	readonly busy?: string | undefined;
	readonly columns: number;
	readonly rows: number;
}) {
	const {glyphs, style} = useTheme();
	const room = columns - 2;
	const body = Math.max(1, rows - sheetFrame);
	const [sentence = '', ...more] = wrap(notice ?? '', room - 1);
	return (
		<>
			<Box paddingX={1} flexShrink={0}>
				<Row
					line={ends(
						[
							{text: ' omflow-tui ', inverse: true, bold: true},
							{text: `  ${title}`, bold: true},
						],
						[{text: aside, tone: 'quiet'}],
						room,
						glyphs.more,
					)}
				/>
			</Box>
			<Rule columns={columns} />
			{children ?? (
				<Box height={body} paddingX={1} flexShrink={0}>
					<Rows lines={lines} rows={body} />
				</Box>
			)}
			<Rule columns={columns} />
			<Box paddingX={1} flexShrink={0}>
				{busy === undefined ? (
					<Row
						line={
							notice === undefined
								? keysLine(context, useless, room, glyphs)
								: [{text: more.length > 0 ? `${sentence}${glyphs.more}` : sentence, tone: 'warn'}]
						}
					/>
				) : (
					<Text {...style({tone: 'busy'})} wrap="truncate">
						{fit(busy, room - 4, glyphs.more)} <Spinner type="simpleDots" />
					</Text>
				)}
			</Box>
		</>
	);
}
