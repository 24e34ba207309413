import {Box, Text} from 'ink';
import {type Line, type Tone, width} from '../lines.js';
import {useTheme} from '../theme.js';

/** One row of spans. Must fit: it is cut, never wrapped. */
export function Row({line}: {readonly line: Line}) {
	const theme = useTheme();
	// An empty row still has its height.
	if (line.length === 0 || line.every(span => span.text === '')) {
		return <Text> </Text>;
	}

	return (
		<Text wrap="truncate">
			{line.map((span, index) => {
				const style = theme.style(span);
				// Every element costs time in every frame; what has no style needs none.
				return Object.keys(style).length === 0 ? (
					span.text
				) : (
					// biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity than their place
					<Text key={index} {...style}>
						{span.text}
					</Text>
				);
			})}
		</Text>
	);
}

/** So many rows, neither more nor fewer, so that nothing below them moves. */
export function Rows({lines, rows}: {readonly lines: readonly Line[]; readonly rows: number}) {
	return (
		<Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
			{lines.slice(0, rows).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
				<Row key={index} line={line} />
			))}
		</Box>
	);
}

/** A horizontal line with words in it, and a tee where the vertical line meets it. */
export function Rule({
	columns,
	label = '',
	end = '',
	tee,
	tone = 'quiet',
	labelTone = tone,
}: {
	readonly columns: number;
	readonly label?: string;
	readonly end?: string;
	readonly tee?: {readonly at: number; readonly side: 'teeDown' | 'teeUp'};
	readonly tone?: Tone;
	readonly labelTone?: Tone;
}) {
	const {glyphs, style} = useTheme();
	const line = [...glyphs.horizontal.repeat(Math.max(0, columns))];
	if (tee !== undefined) {
		line[tee.at] = glyphs[tee.side];
	}

	const before = label === '' ? '' : `${label} `;
	const after = end === '' ? '' : ` ${end}`;
	const rest = line.slice(width(before), Math.max(width(before), columns - width(after))).join('');
	return (
		<Text wrap="truncate" aria-hidden={before === '' && after === ''}>
			<Text {...style({tone: labelTone})}>{before}</Text>
			<Text {...style({tone})}>
				{rest}
				{after}
			</Text>
		</Text>
	);
}
