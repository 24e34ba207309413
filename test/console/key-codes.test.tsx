import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import test from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {Text, useInput} from 'ink';
import {render} from 'ink-testing-library';
import {keyNames} from '../../source/console/key-names.js';
import {type Command, commandOf} from '../../source/console/keys.js';
import {KeyStream} from '../../source/console/stdin.js';

/** What keys are called after everything they go through: the stream, Ink, the names. */
async function namesOf(sent: readonly string[]): Promise<string[]> {
	const names: string[] = [];
	function Listener() {
		useInput((input, key) => {
			names.push(...keyNames(input, key));
		});
		return <Text>listens</Text>;
	}

	const {stdin, unmount} = render(<Listener />);
	const source = new PassThrough();
	const stream = new KeyStream(source);
	stream.on('readable', () => {
		for (let key = stream.read(); key !== null; key = stream.read()) {
			stdin.write(key);
		}
	});
	stream.setRawMode(true);
	// Each is followed by a letter, which tells that all before have come.
	source.write(sent.map(sequence => `${sequence}|`).join(''));
	while (names.filter(name => name === '|').length < sent.length) {
		await setImmediate();
	}

	stream.setRawMode(false);
	unmount();
	return names
		.join(' ')
		.split('|')
		.slice(0, -1)
		.map(name => name.trim());
}

type Sent = Readonly<Record<string, string>>;

const common: Sent = {
	'\r': 'enter',
	'\t': 'tab',
	'\u0003': 'ctrl-c',
	'\u000C': 'ctrl-l',
	'\u001A': 'ctrl-z',
	'\u001B[5~': 'pageup',
	'\u001B[6~': 'pagedown',
	'\u001B[3~': 'delete',
	'\u001B[2~': '',
};
const cursor: Sent = {'\u001B[A': 'up', '\u001B[B': 'down', '\u001B[C': 'right', '\u001B[D': 'left'};
const application: Sent = {'\u001BOA': 'up', '\u001BOB': 'down', '\u001BOC': 'right', '\u001BOD': 'left'};
const numberedEnds: Sent = {'\u001B[1~': 'home', '\u001B[4~': 'end'};
const letteredEnds: Sent = {'\u001B[H': 'home', '\u001B[F': 'end', '\u001BOH': 'home', '\u001BOF': 'end'};

function none(...sequences: string[]): Sent {
	return Object.fromEntries(sequences.map(sequence => [`\u001B${sequence}`, '']));
}

const functionKeys = none('OP', 'OQ', 'OR', 'OS', ...[15, 17, 18, 19, 20, 21, 23, 24].map(number => `[${number}~`));
const withModifiers: Sent = {
	'\u001B[1;5A': 'up',
	'\u001B[1;2B': 'down',
	'\u001B[1;5H': 'home',
	'\u001B[5;5~': 'pageup',
	'\u001B[3;2~': 'delete',
	...none('[1;2P', '[15;5~', '[25~', '[34~'),
};

const terminals: Readonly<Record<string, Sent>> = {
	'xterm, and Windows Terminal': {
		...common,
		...cursor,
		...application,
		...letteredEnds,
		...functionKeys,
		...withModifiers,
		'\u007F': 'backspace',
		'\b': 'backspace',
		'\u001B[Z': 'shift-tab',
	},
	PuTTY: {
		...common,
		...cursor,
		...application,
		...numberedEnds,
		...functionKeys,
		...none('[11~', '[12~', '[13~', '[14~', '[25~', '[26~', '[28~', '[29~', '[31~', '[34~'),
		'\u007F': 'backspace',
		'\b': 'backspace',
	},
	'PuTTY as rxvt': {'\u001B[H': 'home', '\u001BOw': 'end'},
	'PuTTY as the Linux console': none('[[A', '[[B', '[[C', '[[D', '[[E'),
	'PuTTY as a VT100+': none('OT', 'OU', 'OV', 'OW', 'OX', 'OY', 'OZ', 'O['),
	'the keypad in application mode': {
		...Object.fromEntries([...'pqrstuvxy'].map((letter, at) => [`\u001BO${letter}`, '012345689'[at] ?? ''])),
		'\u001BOM': 'enter',
		'\u001BOn': '.',
		'\u001BOo': '/',
		'\u001BOm': '-',
	},
	'the Linux console': {
		...common,
		...cursor,
		...numberedEnds,
		...none('[[A', '[[B', '[[C', '[[D', '[[E', '[17~', '[24~', '[25~', '[G', '[P'),
		'\u007F': 'backspace',
	},
	'tmux and screen': {
		...common,
		...cursor,
		...application,
		...numberedEnds,
		...functionKeys,
		...none('[1;2P'),
		'\u007F': 'backspace',
		'\u001B[Z': 'shift-tab',
	},
	'a VT100': {'\r': 'enter', '\b': 'backspace', ...cursor, ...application, ...none('OP', 'OQ', 'OR', 'OS')},
	rxvt: {
		'\u001B[7~': 'home',
		'\u001B[8~': 'end',
		'\u001BOa': 'up',
		'\u001B[b': 'down',
		'\u001B[5^': 'pageup',
		'\u001B[6$': 'pagedown',
	},
	'late answers to another program': none(
		']11;rgb:1a1a/1b1b/1c1c\u0007',
		']11;rgb:1a1a/1b1b/1c1c\u001B\\',
		'P>|XTerm(390)\u001B\\',
		'P1$r0m\u001B\\',
		'[?62;22c',
		'[>41;390;0c',
		'[12;40R',
		'[?2026;2$y',
		'[I',
		'[O',
		'[M',
		'[<0;10;5M',
		'[201~',
	),
};

for (const [terminal, sent] of Object.entries(terminals)) {
	test(`keys of ${terminal}`, async () => {
		const names = await namesOf(Object.keys(sent));
		assert.deepEqual(
			Object.keys(sent).map((sequence, index) => [sequence, names[index]]),
			Object.entries(sent),
		);
	});
}

const meanings: ReadonlyArray<readonly [key: string, context: Parameters<typeof commandOf>[0], command: Command]> = [
	['home', 'run', 'first'],
	['end', 'log', 'last'],
	['pageup', 'log', 'page-up'],
	['pagedown', 'help', 'page-down'],
	['up', 'choice', 'up'],
	['down', 'lines', 'down'],
	['enter', 'confirm', 'accept'],
	['tab', 'run', 'side'],
	['esc', 'log', 'back'],
	['ctrl-l', 'typing', 'redraw'],
	['ctrl-z', 'search', 'suspend'],
	['ctrl-c', 'lines', 'quit'],
];

for (const [key, context, command] of meanings) {
	test(`${key} is ${command} in ${context}`, () => assert.equal(commandOf(context, key), command));
}
