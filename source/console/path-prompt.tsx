import {Box, Text, useCursor, useInput, usePaste} from 'ink';
import {useRef, useState} from 'react';
import {t} from '../locales/index.js';
import {Row, Rule} from './components/lines.js';
import {Column, keysOf} from './home.js';
import {keyNames} from './key-names.js';
import {paragraph} from './lines.js';
import type {TerminalOptions} from './session.js';
import {showScreen} from './show.js';
import {edit, editWindow, insert, type TextEdit, textEdit} from './text-edit.js';

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
