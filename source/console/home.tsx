import {Box, Text, useInput} from 'ink';
import SelectInput from 'ink-select-input';
import {useRef, useState} from 'react';
import type {Fact, Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {moved} from './answer.js';
import {Row, Rule} from './components/lines.js';
import {homeParts} from './home-parts.js';
import {keyLabel, keyNames} from './key-names.js';
import {type Command, commandOf, footerOf} from './keys.js';
import {fit, type Line, lineWidth, paragraph, plain} from './lines.js';
import type {TerminalOptions} from './session.js';
import {showScreen} from './show.js';
import {type Glyphs, useTheme} from './theme.js';

export type HomeChoice<Value extends string = string> = {
	readonly value: Value;
	readonly label: string;
	/** One sentence, shown while the choice is under the cursor. */
	readonly explanation: string;
	/** A key that chooses it at once. */
	readonly command?: HomeCommand;
};

export type HomeCommand = 'findings' | 'backups' | 'evidence' | 'kits';

export type HomeOptions<Value extends string = string> = TerminalOptions & {
	readonly title: string;
	/** What was found on this host. */
	readonly facts: readonly Fact[];
	/** Below the facts; what has no room is scrolled to. */
	readonly findings?: readonly Finding[];
	readonly choices: ReadonlyArray<HomeChoice<Value>>;
	/** What is under the cursor at first; else the first. */
	readonly initial?: Value | undefined;
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
			initial={options.initial}
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

export function Home({
	title,
	facts,
	findings = [],
	choices,
	initial,
	columns,
	rows = 24,
	onChoose,
}: {
	readonly title: string;
	readonly facts: readonly Fact[];
	readonly findings?: readonly Finding[];
	readonly choices: readonly HomeChoice[];
	readonly initial?: string | undefined;
	readonly columns: number;
	readonly rows?: number;
	onChoose(value: string | undefined): void;
}) {
	const {glyphs} = useTheme();
	const first = Math.max(
		0,
		choices.findIndex(({value}) => value === initial),
	);
	const [highlighted, setHighlighted] = useState(choices[first]);
	const under = useRef(choices[first]?.value);
	const [top, setTop] = useState(0);
	const room = Math.max(10, columns - 4);
	const {about, scrolled, visible, shown} = homeParts({facts, findings, choices, room, rows, glyphs});
	const last = Math.max(0, scrolled.length - visible);
	const from = Math.min(top, last);
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			const command = commandOf('home', name);
			const choice = choices.find(each => each.command !== undefined && each.command === command);
			if (choice) {
				onChoose(choice.value);
				return;
			}

			if (command === 'leave' || command === 'quit') {
				onChoose(undefined);
				return;
			}

			if (command !== undefined && paging.has(command)) {
				setTop(at => moved(Math.min(at, last), command, Math.max(1, visible - 1), last) ?? at);
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
					initialIndex={first}
					items={choices.map(({value, label}) => ({value, label: fit(label, room - 2, glyphs.more), key: value}))}
					onHighlight={item => {
						under.current = item.value;
						setHighlighted(choices.find(({value}) => value === item.value));
					}}
					// The list takes digits as well, and would choose at once what nobody has looked at.
					onSelect={item => item.value === under.current && onChoose(item.value)}
					indicatorComponent={Indicator}
					itemComponent={Item}
				/>
			</Box>

			<Column lines={paragraph(highlighted?.explanation ?? '', room, 'quiet')} />

			<Box flexGrow={1} />

			<Rule columns={columns} />

			<Box paddingX={1}>
				<Row line={homeKeys(last > 0, choices, columns - 2, glyphs)} />
			</Box>
		</>
	);
}

/** Keys of a scrolled text; up and down go to the choices. */
const paging: ReadonlySet<Command> = new Set(['page-up', 'page-down', 'first', 'last']);

/** What is self-evident is named where there is room to. */
function homeKeys(isScrolled: boolean, choices: readonly HomeChoice[], columns: number, glyphs: Glyphs): Line {
	const commands = new Set<Command | undefined>(choices.map(({command}) => command));
	const shortcuts = footerOf('home').flatMap(({command, keys: [key = ''], label = ''}) =>
		commands.has(command) ? [[keyLabel(key, !glyphs.unicode), t(label)] as const] : [],
	);
	const keys = (scrolling: string, isMoving: boolean) =>
		keysOf([
			...(isMoving ? [[glyphs.unicode ? '↑ ↓' : 'Up Down', t('move')] as const] : []),
			...(isScrolled ? [[scrolling, t('scroll')] as const] : []),
			['Enter', t('choose')],
			...shortcuts,
			['q', t('leave')],
		]);
	const all = [keys('PgUp PgDn Home End', true), keys('PgUp PgDn', true)];
	return all.find(line => lineWidth(line) <= columns) ?? keys('PgUp PgDn', false);
}

export function keysOf(keys: ReadonlyArray<readonly [key: string, label: string]>): Line {
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

export function Column({lines}: {readonly lines: readonly Line[]}) {
	return (
		<Box paddingX={2} paddingTop={1} flexDirection="column" flexShrink={0}>
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
				<Row key={index} line={line} />
			))}
		</Box>
	);
}
