import './fixtures/colored.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import {Box, renderToString} from 'ink';
import type {ReactNode} from 'react';
import {App} from '../../source/console/app.js';
import {asciiOnly, withoutSigns} from '../../source/console/charset.js';
import {Home} from '../../source/console/home.js';
import {headerRows, layoutOf} from '../../source/console/layout.js';
import {width} from '../../source/console/lines.js';
import {PathPrompt} from '../../source/console/path-prompt.js';
import {Store} from '../../source/console/store.js';
import {createTheme, type Theme, ThemeProvider} from '../../source/console/theme.js';
import {type Language, languages, speak} from '../../source/locales/index.js';
import {Picture} from './fixtures/picture.js';
import {type Shown, screens} from './fixtures/screens.js';
import {START} from './fixtures/states.js';
import {widened} from './fixtures/wide.js';

/*
Every screen in every size, with and without UTF-8, in every language and with wide characters in all that comes from
elsewhere, drawn over one another by the components themselves and looked at cell by cell.
*/

const sizes = [
	[60, 16],
	[80, 24],
	[200, 60],
] as const;

const allScreens = {
	plain: screens,
	wide: Object.fromEntries(Object.entries(widened(screens)).map(([name, shown]) => [`${name}, wide`, shown])),
} as const;
type Texts = keyof typeof allScreens;

/** What a terminal can show: the options, and what is left of text that it cannot. */
const charsets = {
	'UTF-8': {ascii: false, charset: (text: string) => text},
	'--ascii': {ascii: true, charset: withoutSigns},
	'no UTF-8': {ascii: true, charset: asciiOnly},
} as const;

/** The language falls back to English where its characters cannot be shown. */
const variants: ReadonlyArray<readonly [language: Language, charset: keyof typeof charsets, texts: readonly Texts[]]> =
	[
		['en', 'UTF-8', ['plain', 'wide']],
		['en', '--ascii', ['plain']],
		['en', 'no UTF-8', ['plain', 'wide']],
		...(Object.keys(languages) as Language[])
			.filter(language => language !== 'en')
			.flatMap(language => (['UTF-8', '--ascii'] as const).map(name => [language, name, ['plain']] as const)),
	];

for (const [columns, rows] of sizes) {
	for (const [language, name, texts] of variants) {
		test(`every screen at ${columns}x${rows}, ${name}, ${language}`, async t => {
			await speak(language);
			t.after(() => speak('en'));
			const {ascii, charset} = charsets[name];
			const theme = createTheme({ascii, color: true});
			const picture = new Picture(columns, rows, charset);
			t.after(() => picture.close());
			for (const [screen, shown] of texts.flatMap(kind => Object.entries(allScreens[kind]))) {
				const {isRun, node, close} = await build(shown, theme, columns, rows);
				try {
					await picture.show(node);
					assertWhole(picture, node, charsets[name], screen);
					assertColors(picture, screen);
					if (isRun) {
						assertBorders(picture, theme, screen);
					}
				} finally {
					close();
				}
			}

			if (name === 'no UTF-8') {
				// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
				assert.match(picture.output, /^[\u0000-\u007E]*$/);
			}
		});
	}
}

/** A screen of the fixtures as the program would show it. */
async function build(shown: Shown, theme: Theme, columns: number, rows: number) {
	const within = (content: ReactNode) => (
		<ThemeProvider key={Math.random()} value={theme}>
			<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
				{content}
			</Box>
		</ThemeProvider>
	);
	const close = () => {};
	if ('home' in shown) {
		return {isRun: false, close, node: within(<Home {...shown.home} {...{columns, rows}} onChoose={() => {}} />)};
	}

	if ('path' in shown) {
		return {isRun: false, close, node: within(<PathPrompt {...shown.path} columns={columns} onDone={() => {}} />)};
	}

	const {driving = true, keys = [], log, lost, shrunk, state} = shown;
	const connection = {
		state: () => state,
		driving: () => driving,
		subscribe: () => () => {},
		send: () => {},
		...(lost === undefined ? {} : {lost}),
		...(log === undefined ? {} : {readLog: () => log}),
	};
	const size = shrunk ? {columns: columns - 5, rows: 12} : {columns, rows};
	const store = new Store(connection, theme.glyphs, size, {time: () => START + 80_300, isTicking: false});
	for (const key of keys) {
		store.press(key);
	}

	if (log !== undefined) {
		await read(store, !keys.includes('enter') && !keys.includes('g'));
	}

	const shot = store.snapshot();
	const isRun = !shrunk && shot.view.log === undefined && store.context === 'run';
	return {isRun, close: () => store.close(), node: <App key={Math.random()} store={store} theme={theme} />};
}

/** The log is on the screen, at its end or where keys have moved it. */
async function read(store: Store, isAtEnd: boolean): Promise<void> {
	await new Promise<void>(resolve => {
		const look = () => {
			const log = store.snapshot().log;
			if (log !== undefined && log.lines.length > 0 && log.follow === isAtEnd) {
				unsubscribe();
				resolve();
			}
		};
		const unsubscribe = store.subscribe(look);
		look();
	});
}

/** Each row holds what the components said, all of it and nothing else; no wide character is cut in half. */
function assertWhole(
	picture: Picture,
	node: ReactNode,
	{ascii, charset}: (typeof charsets)[keyof typeof charsets],
	what: string,
): void {
	const expected = stripVTControlCharacters(renderToString(node, {columns: picture.columns})).split('\n');
	const seen = picture.lines();
	assert.ok(expected.length <= picture.rows, `${what}: ${expected.length} rows`);
	assert.deepEqual(picture.wrapped(), [], `${what}: rows that go on\n${seen.join('\n')}`);
	assert.equal(picture.isScrolled, false, `${what}: scrolled`);
	assert.ok(what.startsWith('small') || seen.at(-1) !== '', `${what}: no keys\n${seen.join('\n')}`);
	for (let at = 0; at < picture.rows; at++) {
		const said = (expected[at] ?? '').trimEnd();
		assert.ok(width(said) <= picture.columns, `${what}: row ${at} is ${width(said)} wide: ${said}`);
		// Ink's own mark: what a row has no room for must have been cut by who knows what matters in it.
		assert.ok(!ascii || !said.includes('…'), `${what}: row ${at} was too long for its place: ${said}`);
		assert.equal(picture.text(at), charset(said), `${what}: row ${at}`);
		const cells = picture.row(at);
		const isHalf = cells.some(({width: size}, column) => size === 2 && cells[column + 1]?.width !== 0);
		assert.equal(isHalf, false, `${what}: half a character in row ${at}`);
	}
}

/** The lines between the parts of the screen meet, whatever stands beside them. */
function assertBorders(picture: Picture, {glyphs}: Theme, what: string): void {
	const {body, left} = layoutOf(picture.columns, picture.rows);
	const show = () => `${what}:\n${picture.lines().join('\n')}`;
	for (const [row, tee] of [
		[headerRows - 1, glyphs.teeDown],
		[headerRows + body, glyphs.teeUp],
	] as const) {
		const rule = picture.row(row).map(({text}) => text);
		const isPlain = rule.every((text, column) => text === (column === left ? tee : glyphs.horizontal));
		// The lower one may say what comes next, over the tee; it still goes from edge to edge.
		const isLabelled = row > headerRows && rule[0] === glyphs.horizontal && rule.at(-1) === glyphs.horizontal;
		assert.ok(isPlain || isLabelled, show());
	}

	for (let row = headerRows; row < headerRows + body; row++) {
		assert.equal(picture.row(row)[left]?.text, glyphs.vertical, `row ${row} of ${show()}`);
	}
}

/** Only colours that every terminal has, and none that a light or a dark background swallows: no black, no white, no grey. */
function assertColors(picture: Picture, what: string): void {
	for (let row = 0; row < picture.rows; row++) {
		for (const [column, {color}] of picture.row(row).entries()) {
			const isSeen = color === 'own' || (typeof color === 'number' && color >= 1 && color <= 6);
			assert.ok(isSeen, `${what}: colour ${color} at row ${row}, column ${column}`);
		}
	}
}
