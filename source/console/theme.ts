import type {TextProps} from 'ink';
import {createContext, useContext} from 'react';
import type {Mood, Severity, StepStatus} from '../engine/state.js';
import type {Span, Tone} from './lines.js';

export type Glyphs = {
	readonly unicode: boolean;
	readonly status: Readonly<Record<StepStatus, string>>;
	readonly severity: Readonly<Record<Severity, string>>;
	readonly cursor: string;
	readonly arrow: string;
	readonly more: string;
	readonly dot: string;
	readonly horizontal: string;
	readonly vertical: string;
	readonly teeDown: string;
	readonly teeUp: string;
	readonly full: string;
	readonly empty: string;
	readonly separator: string;
	readonly up: string;
	readonly down: string;
};

const unicode: Glyphs = {
	unicode: true,
	status: {
		pending: '·',
		running: '▶',
		asking: '?',
		done: '✔',
		skipped: '–',
		failed: '✘',
		undoing: '◀',
		undone: '↺',
	},
	severity: {blocker: '✘', warning: '!', info: '·'},
	cursor: '›',
	arrow: '→',
	more: '…',
	dot: '·',
	horizontal: '─',
	vertical: '│',
	teeDown: '┬',
	teeUp: '┴',
	full: '█',
	empty: '░',
	separator: ' · ',
	up: '↑',
	down: '↓',
};

const ascii: Glyphs = {
	unicode: false,
	status: {
		pending: '.',
		running: '*',
		asking: '?',
		done: '+',
		skipped: '-',
		failed: 'X',
		undoing: '<',
		undone: 'u',
	},
	severity: {blocker: 'X', warning: '!', info: '-'},
	cursor: '>',
	arrow: '->',
	more: '~',
	dot: '.',
	horizontal: '-',
	vertical: '|',
	teeDown: '+',
	teeUp: '+',
	full: '#',
	empty: '.',
	separator: ', ',
	up: 'up',
	down: 'down',
};

/** For a screen reader: no drawing, only words. */
const spoken: Glyphs = {
	...ascii,
	cursor: 'selected:',
	arrow: 'to',
	more: '',
	horizontal: '',
	vertical: '',
	teeDown: '',
	teeUp: '',
	full: '',
	empty: '',
};

export type Theme = {
	readonly glyphs: Glyphs;
	readonly color: boolean;
	style(span: Pick<Span, 'tone' | 'bold' | 'inverse'>): Omit<TextProps, 'children'>;
};

const colors: Readonly<Record<Tone, Omit<TextProps, 'children'>>> = {
	plain: {},
	quiet: {dimColor: true},
	title: {bold: true},
	accent: {color: 'cyan'},
	good: {color: 'green'},
	busy: {color: 'cyan'},
	warn: {color: 'yellow'},
	bad: {color: 'red'},
	add: {color: 'green'},
	remove: {color: 'red'},
};

// Weight and brightness are kept without colour: they are no colour, and a monochrome terminal has them.
const colorless: Readonly<Record<Tone, Omit<TextProps, 'children'>>> = {
	plain: {},
	quiet: {dimColor: true},
	title: {bold: true},
	accent: {},
	good: {},
	busy: {bold: true},
	warn: {bold: true},
	bad: {bold: true},
	add: {},
	remove: {},
};

export function createTheme(options: {
	readonly ascii: boolean;
	readonly color: boolean;
	readonly isSpoken?: boolean;
}): Theme {
	const tones = options.color ? colors : colorless;
	return {
		glyphs: options.isSpoken ? spoken : options.ascii ? ascii : unicode,
		color: options.color,
		style: span => ({
			...(span.tone === undefined ? {} : tones[span.tone]),
			...(span.bold ? {bold: true} : {}),
			...(span.inverse ? {inverse: true} : {}),
		}),
	};
}

export const statusTone: Readonly<Record<StepStatus, Tone>> = {
	pending: 'quiet',
	running: 'busy',
	asking: 'warn',
	done: 'good',
	skipped: 'quiet',
	failed: 'bad',
	undoing: 'warn',
	undone: 'quiet',
};

export const severityTone: Readonly<Record<Severity, Tone>> = {blocker: 'bad', warning: 'warn', info: 'quiet'};

export const moodTone: Readonly<Record<Mood, Tone>> = {good: 'good', busy: 'busy', bad: 'bad', dull: 'quiet'};

const ThemeContext = createContext<Theme>(createTheme({ascii: false, color: true}));

export const ThemeProvider = ThemeContext.Provider;

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
