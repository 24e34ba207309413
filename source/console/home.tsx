import {Box, Text, useCursor, useInput, usePaste} from 'ink';
import SelectInput from 'ink-select-input';
import {useRef, useState} from 'react';
import type {Fact, Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {moved} from './answer.js';
import {Row, Rule} from './components/lines.js';
import {homeParts} from './home-parts.js';
import {keyNames} from './key-names.js';
import {type Command, commandOf} from './keys.js';
import {fit, type Line, lineWidth, paragraph, plain} from './lines.js';
import {isSpoken, Session, type TerminalOptions, wantsAscii} from './session.js';
import {edit, editWindow, insert, type TextEdit, textEdit} from './text-edit.js';
import {createTheme, type Glyphs, type Theme, ThemeProvider, useTheme} from './theme.js';

export type HomeChoice<Value extends string = string> = {
	readonly value: Value;
	readonly label: string;
	/** One sentence, shown while the choice is under the cursor. */
	readonly explanation: string;
};

export type HomeOptions<Value extends string = string> = TerminalOptions & {
	readonly title: string;
	/** What was found on this host. */
	readonly facts: readonly Fact[];
	/** Below the facts; what has no room is scrolled to. */
	readonly findings?: readonly Finding[];
	readonly choices: ReadonlyArray<HomeChoice<Value>>;
};

/** Shows what was found and what can be done. Resolves to the chosen value, or to nothing when the person leaves. */
export async function runHome<Value extends string>(options: HomeOptions<Value>): Promise<Value | undefined> {
	let chosen: Value | undefined;
	await showScreen(options, (end, columns, rows) => (
		<Home
			title={options.title}
			facts={options.facts}
			findings={options.findings ?? []}
			choices={options.choices}
			columns={columns}
			rows={rows}
			onChoose={value => {
				chosen = value as Value | undefined;
				end();
			}}
		/>
	));
	return chosen;
}

/** Asks for a path. Resolves to what was typed or pasted, or to nothing after Esc. */
export async function promptPath(
	options: TerminalOptions & {readonly prompt: string; readonly initial?: string; readonly problem?: string},
): Promise<string | undefined> {
	let path: string | undefined;
	await showScreen(options, (end, columns) => (
		<PathPrompt
			prompt={options.prompt}
			initial={options.initial ?? ''}
			problem={options.problem}
			columns={columns}
			onDone={value => {
				path = value;
				end();
			}}
		/>
	));
	return path === undefined || path.trim() === '' ? undefined : path.trim();
}

async function showScreen(
	options: TerminalOptions,
	content: (end: () => void, columns: number, rows: number) => React.JSX.Element,
): Promise<void> {
	const theme: Theme = createTheme({
		ascii: wantsAscii(options),
		color: options.color,
		isSpoken: isSpoken(),
	});
	const session = new Session(options);
	const {screen} = session;
	const node = () => (
		<ThemeProvider value={theme}>
			<Box flexDirection="column" width={screen.columns} height={screen.rows} overflow="hidden">
				{content(() => session.end(), screen.columns, screen.rows)}
			</Box>
		</ThemeProvider>
	);
	screen.on('resize', () => session.redraw());
	await session.show(node);
}

export function Home({
	title,
	facts,
	findings = [],
	choices,
	columns,
	rows = 24,
	onChoose,
}: {
	readonly title: string;
	readonly facts: readonly Fact[];
	readonly findings?: readonly Finding[];
	readonly choices: readonly HomeChoice[];
	readonly columns: number;
	readonly rows?: number;
	onChoose(value: string | undefined): void;
}) {
	const {glyphs} = useTheme();
	const [highlighted, setHighlighted] = useState(choices[0]);
	const [top, setTop] = useState(0);
	const room = Math.max(10, columns - 4);
	const {about, scrolled, visible, shown} = homeParts({facts, findings, choices, room, rows, glyphs});
	const last = Math.max(0, scrolled.length - visible);
	const from = Math.min(top, last);
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			const command = commandOf('help', name);
			if (command !== undefined && paging.has(command)) {
				setTop(at => moved(Math.min(at, last), command, Math.max(1, visible - 1), last) ?? at);
			} else if (name === 'q' || name === 'esc' || name === 'ctrl-c') {
				onChoose(undefined);
				return;
			}
		}
	});
	return (
		<>
			<Box paddingX={1}>
				<Text bold inverse>
					{' '}
					omflow-tui{' '}
				</Text>

				<Text bold>{`  ${fit(title, columns - 16, glyphs.more)}`}</Text>
			</Box>

			<Rule columns={columns} />

			{about.length > 0 && <Column lines={about} />}

			{scrolled.length > 0 && <Column lines={scrolled.slice(from, from + visible)} />}

			<Box paddingX={2} flexDirection="column" flexShrink={0}>
				<Row
					line={
						last > 0
							? plain(
									t('{from}-{visible} of {scrolled} lines', {
										from: from + 1,
										visible: from + visible,
										scrolled: scrolled.length,
									}),
									'quiet',
								)
							: []
					}
				/>

				<SelectInput
					limit={shown}
					items={choices.map(({value, label}) => ({value, label: fit(label, room - 2, glyphs.more), key: value}))}
					onHighlight={item => setHighlighted(choices.find(({value}) => value === item.value))}
					onSelect={item => onChoose(item.value)}
					indicatorComponent={Indicator}
					itemComponent={Item}
				/>
			</Box>

			<Column lines={paragraph(highlighted?.explanation ?? '', room, 'quiet')} />

			<Box flexGrow={1} />

			<Rule columns={columns} />

			<Box paddingX={1}>
				<Row line={homeKeys(last > 0, columns - 2, glyphs)} />
			</Box>
		</>
	);
}

/** Keys of a scrolled text; up and down go to the choices. */
const paging: ReadonlySet<Command> = new Set(['page-up', 'page-down', 'first', 'last']);

/** Home and End are named where there is room to. */
function homeKeys(isScrolled: boolean, columns: number, glyphs: Glyphs): Line {
	const keys = (scrolling: string) =>
		keysOf([
			[glyphs.unicode ? '↑ ↓' : 'Up Down', t('move')],
			...(isScrolled ? [[scrolling, t('scroll')] as const] : []),
			['Enter', t('choose')],
			['q', t('leave')],
		]);
	const all = keys('PgUp PgDn Home End');
	return lineWidth(all) <= columns ? all : keys('PgUp PgDn');
}

function keysOf(keys: ReadonlyArray<readonly [key: string, label: string]>): Line {
	return keys.flatMap(([key, label], index) => [
		{text: `${index === 0 ? '' : '   '}${key}`, tone: 'accent' as const},
		{text: ` ${label}`, tone: 'quiet' as const},
	]);
}

function Indicator({isSelected = false}: {readonly isSelected?: boolean}) {
	const {glyphs, style} = useTheme();
	return <Text {...style({tone: 'accent'})}>{isSelected ? `${glyphs.cursor} ` : '  '}</Text>;
}

function Item({isSelected = false, label}: {readonly isSelected?: boolean; readonly label: string}) {
	return (
		<Text bold={isSelected} inverse={isSelected}>
			{label}
		</Text>
	);
}

function Column({lines}: {readonly lines: readonly Line[]}) {
	return (
		<Box paddingX={2} paddingTop={1} flexDirection="column" flexShrink={0}>
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
				<Row key={index} line={line} />
			))}
		</Box>
	);
}

export function PathPrompt({
	prompt,
	initial,
	problem,
	columns,
	onDone,
}: {
	readonly prompt: string;
	readonly initial: string;
	readonly problem: string | undefined;
	readonly columns: number;
	onDone(path: string | undefined): void;
}) {
	const [typed, setTyped] = useState<TextEdit>(textEdit(initial));
	const {setCursorPosition} = useCursor();
	// Several keys may come before the next frame: each works on what the one before left.
	const latest = useRef(typed);
	const change = (next: TextEdit) => {
		latest.current = next;
		setTyped(next);
	};
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			if (name === 'enter') {
				onDone(latest.current.text);
			} else if (name === 'esc' || name === 'ctrl-c') {
				onDone(undefined);
			} else {
				change(edit(latest.current, name === 'space' ? ' ' : name));
			}
		}
	});
	// Dropping a file onto a terminal often quotes its path.
	usePaste(text => change(insert(latest.current, text.trim().replace(/^(['"])(.*)\1$/, '$2'))));
	const room = Math.max(10, columns - 4);
	const shown = editWindow(typed, room);
	const lines = paragraph(prompt, room);
	setCursorPosition({x: 2 + shown.column, y: 2 + lines.length + 1});
	return (
		<>
			<Box paddingX={1}>
				<Text bold inverse>
					{' '}
					omflow-tui{' '}
				</Text>
			</Box>

			<Column lines={lines} />

			<Box paddingX={2} paddingTop={1}>
				<Text wrap="truncate">{shown.text === '' ? ' ' : shown.text}</Text>
			</Box>

			<Column lines={problem === undefined ? [] : paragraph(problem, room, 'bad')} />

			<Box flexGrow={1} />

			<Rule columns={columns} />

			<Box paddingX={1}>
				<Row
					line={keysOf([
						['Enter', t('accept')],
						['Esc', t('back')],
					])}
				/>
			</Box>
		</>
	);
}
