import type {Key} from 'ink';
import {graphemes} from './lines.js';

/** Where the keys go: one at a time. */
export type Context = 'run' | 'log' | 'search' | 'choice' | 'text' | 'lines' | 'typing' | 'review' | 'confirm' | 'help';

export type Command =
	| 'up'
	| 'down'
	| 'page-up'
	| 'page-down'
	| 'first'
	| 'last'
	| 'left'
	| 'right'
	| 'open'
	| 'accept'
	| 'complete'
	| 'reset'
	| 'yes'
	| 'no'
	| 'add'
	| 'drop'
	| 'editor'
	| 'search'
	| 'search-next'
	| 'search-previous'
	| 'side'
	| 'service'
	| 'follow'
	| 'log'
	| 'stop'
	| 'roll-back'
	| 'take-over'
	| 'back'
	| 'help'
	| 'redraw'
	| 'suspend'
	| 'leave'
	| 'quit';

export type Binding = {
	readonly command: Command;
	/** Names as `keyNames` gives them. */
	readonly keys: readonly string[];
	readonly contexts: readonly Context[];
	/** For the footer, one or two words; absent: not in the footer. */
	readonly label?: string;
	/** For the help and the documentation. */
	readonly help: string;
};

const everywhere: readonly Context[] = [
	'run',
	'log',
	'search',
	'choice',
	'text',
	'lines',
	'typing',
	'review',
	'confirm',
	'help',
];
const lists: readonly Context[] = ['run', 'log', 'choice', 'text', 'review', 'help'];
const questions: readonly Context[] = ['choice', 'text', 'lines', 'review'];

/** The only list of keys: help, footer and documentation are made from it. The first match counts. */
export const bindings: readonly Binding[] = [
	{
		command: 'open',
		keys: ['enter'],
		contexts: ['run'],
		label: 'answer',
		help: 'Answer the open question; else open the log of the step.',
	},
	{command: 'accept', keys: ['enter'], contexts: ['choice'], label: 'choose', help: 'Choose what is under the cursor.'},
	{command: 'open', keys: ['enter'], contexts: ['text'], label: 'edit', help: 'Edit the line under the cursor.'},
	{command: 'accept', keys: ['a'], contexts: ['text'], label: 'accept', help: 'Accept the text as it stands.'},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['lines'],
		label: 'review',
		help: 'Look at all changes, then confirm.',
	},
	{command: 'accept', keys: ['enter'], contexts: ['search', 'typing'], label: 'done', help: 'Take what was typed.'},
	{command: 'accept', keys: ['enter', 'y'], contexts: ['review'], label: 'confirm', help: 'Use these lines.'},
	{command: 'accept', keys: ['enter'], contexts: ['confirm'], label: 'choose', help: 'Do what is under the cursor.'},
	{command: 'yes', keys: ['y'], contexts: ['confirm'], label: 'yes', help: 'Yes.'},
	{command: 'no', keys: ['n', 'esc', 'q'], contexts: ['confirm'], label: 'no', help: 'No.'},
	{command: 'left', keys: ['left', 'up', 'k', 'h'], contexts: ['confirm'], help: 'Move to No.'},
	{command: 'right', keys: ['right', 'down', 'j', 'l', 'tab'], contexts: ['confirm'], help: 'Move to Yes.'},
	{command: 'up', keys: ['up', 'k'], contexts: lists, help: 'One up.'},
	{command: 'down', keys: ['down', 'j'], contexts: lists, help: 'One down.'},
	{command: 'up', keys: ['up'], contexts: ['lines'], help: 'The line above that can be edited.'},
	{command: 'down', keys: ['down'], contexts: ['lines'], label: 'next line', help: 'The next line that can be edited.'},
	{command: 'page-up', keys: ['pageup', 'ctrl-b'], contexts: lists, help: 'One page up.'},
	{command: 'page-down', keys: ['pagedown', 'space'], contexts: lists, help: 'One page down.'},
	{command: 'first', keys: ['home', 'g'], contexts: lists, help: 'To the beginning.'},
	{command: 'last', keys: ['end', 'G'], contexts: lists, help: 'To the end; in a log, follow it.'},
	{command: 'left', keys: ['left'], contexts: ['log'], help: 'Move long lines to the left.'},
	{command: 'right', keys: ['right'], contexts: ['log'], help: 'Move long lines to the right.'},
	{command: 'side', keys: ['tab', 'left', 'right'], contexts: ['run'], help: 'Between the steps and the pane.'},
	{command: 'follow', keys: ['f'], contexts: ['run', 'log'], label: 'follow', help: 'Follow the step that runs.'},
	{command: 'log', keys: ['l'], contexts: ['run'], label: 'log', help: 'Open the whole log of the step.'},
	{command: 'service', keys: ['v'], contexts: ['run'], help: 'Show the service and its log, or the step again.'},
	{command: 'search', keys: ['/'], contexts: ['log'], label: 'search', help: 'Search the log upwards.'},
	{command: 'search-next', keys: ['n'], contexts: ['log'], help: 'The next place further up.'},
	{command: 'search-previous', keys: ['N'], contexts: ['log'], help: 'The next place further down.'},
	{
		command: 'complete',
		keys: ['tab'],
		contexts: ['lines'],
		label: 'complete',
		help: 'Complete from what is on this host.',
	},
	{command: 'add', keys: ['o'], contexts: ['text'], label: 'add', help: 'Add a line below.'},
	{command: 'drop', keys: ['d'], contexts: ['text'], label: 'drop', help: 'Turn the line into a comment, or back.'},
	{command: 'editor', keys: ['e'], contexts: ['text'], label: 'editor', help: 'Edit the text in $EDITOR.'},
	{command: 'reset', keys: ['esc'], contexts: ['lines'], label: 'reset', help: 'Reset the line; again: go back.'},
	{
		command: 'stop',
		keys: ['s'],
		contexts: ['run'],
		label: 'stop',
		help: 'Stop after this step; the run can be continued later.',
	},
	{command: 'roll-back', keys: ['r'], contexts: ['run'], label: 'roll back', help: 'Take everything back; asks first.'},
	{
		command: 'take-over',
		keys: ['t'],
		contexts: ['run', 'choice', 'text', 'review'],
		label: 'take over',
		help: 'Let this console answer; the other one watches.',
	},
	{
		command: 'back',
		keys: ['esc'],
		contexts: ['log', 'search', 'choice', 'text', 'typing', 'review', 'help'],
		label: 'back',
		help: 'Go back; a question waits.',
	},
	{command: 'back', keys: ['q'], contexts: ['log', 'help'], help: 'Go back.'},
	{command: 'back', keys: ['n'], contexts: ['review'], help: 'Back to the lines.'},
	{
		command: 'help',
		keys: ['?'],
		contexts: ['run', ...questions.filter(name => name !== 'lines'), 'log'],
		label: 'keys',
		help: 'This list.',
	},
	{command: 'back', keys: ['?', 'enter'], contexts: ['help'], help: 'Close this list.'},
	{
		command: 'leave',
		keys: ['q'],
		contexts: ['run', 'choice', 'text'],
		label: 'leave',
		help: 'Leave; the run goes on. omflow-tui shows it again.',
	},
	{command: 'quit', keys: ['ctrl-c'], contexts: everywhere, help: 'Leave at once; the run goes on.'},
	{command: 'redraw', keys: ['ctrl-l'], contexts: everywhere, help: 'Draw the screen anew.'},
	{command: 'suspend', keys: ['ctrl-z'], contexts: everywhere, help: 'Suspend the console; the run goes on.'},
];

export function commandOf(context: Context, key: string): Command | undefined {
	return bindings.find(binding => binding.keys.includes(key) && binding.contexts.includes(context))?.command;
}

/** Bindings of a context, for the footer. */
export function footerOf(context: Context): Binding[] {
	return bindings.filter(binding => binding.label !== undefined && binding.contexts.includes(context));
}

const named: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	esc: 'Esc',
	tab: 'Tab',
	space: 'Space',
};

/** A key as people write it: `Ctrl-L`, `PgUp`, `j`. */
export function keyLabel(key: string, ascii = false): string {
	if (key.startsWith('ctrl-')) {
		return `Ctrl-${key.slice(5).toUpperCase()}`;
	}

	return ascii && ['up', 'down', 'left', 'right'].includes(key)
		? `${key[0]?.toUpperCase()}${key.slice(1)}`
		: (named[key] ?? key);
}

/**
Names of the keys in one input event. Ink gives characters that arrived together as one string; each of
them is a key of its own here.
*/
export function keyNames(input: string, key: Key): string[] {
	const special = specialName(key);
	if (special !== undefined) {
		return [special];
	}

	if (key.ctrl && input.length === 1) {
		return [`ctrl-${input}`];
	}

	return graphemes(input).flatMap(characterName);
}

function specialName(key: Key): string | undefined {
	if (key.upArrow) {
		return 'up';
	}

	if (key.downArrow) {
		return 'down';
	}

	if (key.leftArrow) {
		return 'left';
	}

	if (key.rightArrow) {
		return 'right';
	}

	if (key.pageUp) {
		return 'pageup';
	}

	if (key.pageDown) {
		return 'pagedown';
	}

	if (key.home) {
		return 'home';
	}

	if (key.end) {
		return 'end';
	}

	if (key.return) {
		return 'enter';
	}

	if (key.escape) {
		return 'esc';
	}

	if (key.tab) {
		return key.shift ? 'shift-tab' : 'tab';
	}

	if (key.backspace) {
		return 'backspace';
	}

	return key.delete ? 'delete' : undefined;
}

function characterName(character: string): string[] {
	switch (character) {
		case '\r\n':
		case '\r':
		case '\n':
			return ['enter'];
		case '\t':
			return ['tab'];
		case '\u001B':
			return ['esc'];
		case '\u007F':
		case '\b':
			return ['backspace'];
		case ' ':
			return ['space'];
		default: {
			const code = character.charCodeAt(0);
			return code < 32 ? [`ctrl-${String.fromCharCode(code + 96)}`] : [character];
		}
	}
}
