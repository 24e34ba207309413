import {mark, type Text} from '../locales/index.js';
import {type Command, type Context, catalogues, entries, everywhere, lists, questions} from './commands.js';

export type {Command, Context} from './commands.js';

export type Binding = {
	readonly command: Command;
	/** Names as `keyNames` in `key-names.ts` gives them. */
	readonly keys: readonly string[];
	readonly contexts: readonly Context[];
	/** For the footer, one or two words; absent: not in the footer. */
	readonly label?: Text;
	/** For the help and the documentation. */
	readonly help: Text;
};

/** The only list of keys: help, footer and documentation are made from it. The first match counts. */
export const bindings: readonly Binding[] = [
	{
		command: 'open',
		keys: ['enter'],
		contexts: ['run'],
		label: mark('answer'),
		help: mark('Answer the open question; else open the log of the step.'),
	},
	{
		command: 'open',
		keys: ['enter', 'right', 'l'],
		contexts: catalogues,
		label: mark('open'),
		help: mark('Open what is under the cursor.'),
	},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['choice', 'home'],
		label: mark('choose'),
		help: mark('Choose what is under the cursor.'),
	},
	{
		command: 'open',
		keys: ['enter'],
		contexts: ['text'],
		label: mark('edit'),
		help: mark('Edit the line under the cursor.'),
	},
	{
		command: 'accept',
		keys: ['a'],
		contexts: ['text'],
		label: mark('accept'),
		help: mark('Accept the text as it stands.'),
	},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['lines'],
		label: mark('review'),
		help: mark('Look at all changes, then confirm.'),
	},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['line'],
		label: mark('send'),
		help: mark('Send the line to the program.'),
	},
	{
		command: 'end-input',
		keys: ['ctrl-d'],
		contexts: ['line'],
		label: mark('end of input'),
		help: mark('With an empty line: send the end of input.'),
	},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['search', 'typing', 'filter'],
		label: mark('done'),
		help: mark('Take what was typed.'),
	},
	{
		command: 'accept',
		keys: ['enter', 'y'],
		contexts: ['review'],
		label: mark('confirm'),
		help: mark('Use these lines.'),
	},
	{
		command: 'accept',
		keys: ['enter'],
		contexts: ['confirm'],
		label: mark('choose'),
		help: mark('Do what is under the cursor.'),
	},
	{command: 'yes', keys: ['y'], contexts: ['confirm'], label: mark('yes'), help: mark('Yes.')},
	{command: 'no', keys: ['n', 'esc', 'q'], contexts: ['confirm'], label: mark('no'), help: mark('No.')},
	{command: 'left', keys: ['left', 'up', 'k', 'h'], contexts: ['confirm'], help: mark('Move to No.')},
	{command: 'right', keys: ['right', 'down', 'j', 'l', 'tab'], contexts: ['confirm'], help: mark('Move to Yes.')},
	{command: 'up', keys: ['up', 'k'], contexts: lists, help: mark('One up.')},
	{command: 'down', keys: ['down', 'j'], contexts: lists, help: mark('One down.')},
	{command: 'up', keys: ['up'], contexts: ['lines'], help: mark('The line above that can be edited.')},
	{
		command: 'down',
		keys: ['down'],
		contexts: ['lines'],
		label: mark('next line'),
		help: mark('The next line that can be edited.'),
	},
	{command: 'page-up', keys: ['pageup', 'ctrl-b'], contexts: lists, help: mark('One page up.')},
	{command: 'page-down', keys: ['pagedown', 'space'], contexts: lists, help: mark('One page down.')},
	{command: 'first', keys: ['home', 'g'], contexts: lists, help: mark('To the beginning.')},
	{command: 'last', keys: ['end', 'G'], contexts: lists, help: mark('To the end; in a log, follow it.')},
	{command: 'left', keys: ['left'], contexts: ['log'], help: mark('Move long lines to the left.')},
	{command: 'right', keys: ['right'], contexts: ['log'], help: mark('Move long lines to the right.')},
	{command: 'side', keys: ['tab', 'left', 'right'], contexts: ['run'], help: mark('Between the steps and the pane.')},
	{
		command: 'follow',
		keys: ['f'],
		contexts: ['run', 'log'],
		label: mark('follow'),
		help: mark('Follow the step that runs.'),
	},
	{command: 'log', keys: ['l'], contexts: ['run'], label: mark('log'), help: mark('Open the whole log of the step.')},
	{command: 'service', keys: ['v'], contexts: ['run'], help: mark('Show the service and its log, or the step again.')},
	{command: 'search', keys: ['/'], contexts: ['log'], label: mark('search'), help: mark('Search the log upwards.')},
	{
		command: 'findings',
		keys: ['f'],
		contexts: ['home'],
		label: mark('findings'),
		help: mark('See what would stand in the way.'),
	},
	{
		command: 'findings',
		keys: ['f'],
		contexts: ['choice'],
		label: mark('findings'),
		help: mark('See what the step has found, one by one, and check it again.'),
	},
	{command: 'backups', keys: ['b'], contexts: ['home'], label: mark('backups'), help: mark('See the backups.')},
	{command: 'evidence', keys: ['e'], contexts: ['home'], label: mark('evidence'), help: mark('See the runs so far.')},
	{
		command: 'kits',
		keys: ['o'],
		contexts: ['home'],
		label: mark('offline kits'),
		help: mark('See what can be done about kits.'),
	},
	{
		command: 'check',
		keys: ['c'],
		contexts: ['findings', 'finding'],
		label: mark('check'),
		help: mark('Check this one again.'),
	},
	{
		command: 'check-all',
		keys: ['C'],
		contexts: ['findings'],
		help: mark('Check everything again.'),
	},
	{
		command: 'check',
		keys: ['c'],
		contexts: ['backups', 'backup'],
		label: mark('check'),
		help: mark('Read all of it and compare it with its manifest; asks first.'),
	},
	{
		command: 'restore',
		keys: ['r'],
		contexts: ['backups', 'backup'],
		label: mark('restore'),
		help: mark('Put it back; asks first.'),
	},
	{
		command: 'remove',
		keys: ['d', 'delete'],
		contexts: ['backups', 'backup'],
		label: mark('remove'),
		help: mark('Remove it for good; asks first.'),
	},
	{
		command: 'open',
		keys: ['enter', 'right', 'l'],
		contexts: ['past'],
		label: mark('log'),
		help: mark('Open the whole log of the step.'),
	},
	{
		command: 'filter',
		keys: ['f'],
		contexts: ['findings'],
		label: mark('severity'),
		help: mark('Show blockers only, then warnings, notes, everything.'),
	},
	{command: 'blockers', keys: ['1'], contexts: ['findings'], help: mark('Show blockers only.')},
	{command: 'warnings', keys: ['2'], contexts: ['findings'], help: mark('Show warnings only.')},
	{command: 'notes', keys: ['3'], contexts: ['findings'], help: mark('Show notes only.')},
	{command: 'everything', keys: ['0'], contexts: ['findings'], help: mark('Show everything again.')},
	{
		command: 'search',
		keys: ['/'],
		contexts: ['findings'],
		label: mark('find'),
		help: mark('Show only what has a text in it.'),
	},
	{command: 'search-next', keys: ['n'], contexts: ['log'], help: mark('The next place further up.')},
	{command: 'search-previous', keys: ['N'], contexts: ['log'], help: mark('The next place further down.')},
	{
		command: 'wrap',
		keys: ['w'],
		contexts: ['log'],
		label: mark('wrap'),
		help: mark('Break long lines at the edge, or cut them.'),
	},
	{
		command: 'copy',
		keys: ['y'],
		contexts: ['log'],
		label: mark('copy'),
		help: mark('Show the visible lines alone and whole, to be selected; any key goes on, and back.'),
	},
	{
		command: 'complete',
		keys: ['tab'],
		contexts: ['lines'],
		label: mark('complete'),
		help: mark('Complete from what is on this host.'),
	},
	{command: 'add', keys: ['o'], contexts: ['text'], label: mark('add'), help: mark('Add a line below.')},
	{
		command: 'drop',
		keys: ['d'],
		contexts: ['text'],
		label: mark('drop'),
		help: mark('Turn the line into a comment, or back.'),
	},
	{command: 'editor', keys: ['e'], contexts: ['text'], label: mark('editor'), help: mark('Edit the text in $EDITOR.')},
	{
		command: 'editor',
		keys: ['ctrl-o'],
		contexts: ['lines'],
		label: mark('editor'),
		help: mark('Open the file in $EDITOR; only the marked lines are taken from it.'),
	},
	{
		command: 'editor',
		keys: ['e'],
		contexts: ['review'],
		label: mark('editor'),
		help: mark('Open the file in $EDITOR; only the marked lines are taken from it.'),
	},
	{
		command: 'reset',
		keys: ['esc'],
		contexts: ['lines'],
		label: mark('reset'),
		help: mark('Reset the line; again: go back.'),
	},
	{
		command: 'stop',
		keys: ['s'],
		contexts: ['run'],
		label: mark('stop'),
		help: mark('Stop after this step; the run can be continued later.'),
	},
	{
		command: 'cut',
		keys: ['x'],
		contexts: ['run'],
		label: mark('end it'),
		help: mark('End a silent command where that is safe; asks what then.'),
	},
	{
		command: 'roll-back',
		keys: ['r'],
		contexts: ['run'],
		label: mark('roll back'),
		help: mark('Take everything back; asks first.'),
	},
	{
		command: 'take-over',
		keys: ['t'],
		contexts: ['run', 'choice', 'text', 'review'],
		label: mark('take over'),
		help: mark('Let this console answer; the other one watches.'),
	},
	{
		command: 'back',
		keys: ['esc'],
		contexts: ['log', 'search', 'choice', 'text', 'line', 'typing', 'review', 'help'],
		label: mark('back'),
		help: mark('Go back; a question waits.'),
	},
	{
		command: 'back',
		keys: ['esc', 'q', 'left', 'h'],
		contexts: [...catalogues, ...entries],
		label: mark('back'),
		help: mark('Go back.'),
	},
	{
		command: 'back',
		keys: ['esc'],
		contexts: ['typed-ahead'],
		label: mark('keys again'),
		help: mark('Let keys count again, after what was typed for a program.'),
	},
	{command: 'back', keys: ['esc'], contexts: ['filter'], label: mark('back'), help: mark('Show everything again.')},
	{command: 'back', keys: ['q'], contexts: ['log', 'help'], help: mark('Go back.')},
	{command: 'back', keys: ['n'], contexts: ['review'], help: mark('Back to the lines.')},
	{
		command: 'help',
		keys: ['?'],
		contexts: ['run', ...questions.filter(name => name !== 'lines'), 'log', ...catalogues, ...entries],
		label: mark('keys'),
		help: mark('This list.'),
	},
	{command: 'back', keys: ['?', 'enter'], contexts: ['help'], help: mark('Close this list.')},
	{
		command: 'leave',
		keys: ['q'],
		contexts: ['run', 'choice', 'text'],
		label: mark('leave'),
		help: mark('Leave; the run goes on. omflow-tui shows it again.'),
	},
	{
		command: 'leave',
		keys: ['q', 'esc'],
		contexts: ['home'],
		label: mark('leave'),
		help: mark('Leave; nothing is under way.'),
	},
	{command: 'quit', keys: ['ctrl-c'], contexts: everywhere, help: mark('Leave at once; the run goes on.')},
	{command: 'redraw', keys: ['ctrl-l'], contexts: everywhere, help: mark('Draw the screen anew.')},
	{command: 'suspend', keys: ['ctrl-z'], contexts: everywhere, help: mark('Suspend the console; the run goes on.')},
];

export function commandOf(context: Context, key: string): Command | undefined {
	return bindings.find(binding => binding.keys.includes(key) && binding.contexts.includes(context))?.command;
}

/** Bindings of a context, for the footer. */
export function footerOf(context: Context): Binding[] {
	return bindings.filter(binding => binding.label !== undefined && binding.contexts.includes(context));
}
