import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {Resvg} from '@resvg/resvg-js';
import type {Language} from '../source/locales/index.js';
import type {Terminal} from '../test/terminal.js';

/*
Pictures of real screens: the cells of the terminal emulator become an SVG, and that a PNG. The machine's own fonts
are not asked, so that the pictures are the same wherever they are made.
*/

const CELL = {width: 10.35, height: 20, font: 17.18, baseline: 15.95} as const;
/** A character of two columns. */
const WIDE = {font: 18.4, baseline: 16.4} as const;
/** From the package fonts-noto-cjk: as large as all others that `npm ci` brings, so it is not among them. */
export const wideFonts = ['Regular', 'Bold'].map(weight => `/usr/share/fonts/opentype/noto/NotoSansCJK-${weight}.ttc`);
const wideFamilies = {
	en: 'Noto Sans Mono CJK JP',
	ja: 'Noto Sans Mono CJK JP',
	'zh-Hant': 'Noto Sans Mono CJK TC',
} as const satisfies Record<Language, string>;
const MARGIN = 14;
const BACKGROUND = '#1b1e25';
const FOREGROUND = '#d7dae0';
const palette = [
	'#2b303b',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#d7dae0',
	'#7f848e',
	'#ef8891',
	'#a9d38b',
	'#f0cf8e',
	'#7dc0ff',
	'#d791ec',
	'#6cc7d2',
	'#ffffff',
] as const;

type Look = {
	readonly foreground: string;
	readonly background: string | undefined;
	readonly bold: boolean;
	readonly dim: boolean;
	/** Of two columns each, from another font. */
	readonly wide: boolean;
};

type Run = Look & {readonly column: number; readonly columns: number; readonly text: string};

type Cell = NonNullable<
	ReturnType<NonNullable<ReturnType<Terminal['emulator']['buffer']['active']['getLine']>>['getCell']>
>;

/** The screen as a drawing. Chinese characters are drawn as the language writes them. */
export function screenSvg(terminal: Terminal, language: Language): string {
	const {cols, rows} = terminal.emulator;
	const width = Math.ceil(cols * CELL.width) + 2 * MARGIN;
	const height = rows * CELL.height + 2 * MARGIN;
	const parts = Array.from({length: rows}, (_, row) =>
		runsOf(terminal, row)
			.map(run => draw(run, row, language))
			.join(''),
	);
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, monospace" font-size="${CELL.font}">
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<g transform="translate(${MARGIN} ${MARGIN})">
${parts.filter(part => part !== '').join('\n')}
</g>
</svg>
`;
}

/** The drawing as PNG. */
export function svgPng(svg: string): Buffer {
	return rendered(svg).asPng();
}

/** The drawing as pixels of four bytes, without its round corners. */
export function svgPixels(svg: string): {
	readonly pixels: Uint8Array;
	readonly width: number;
	readonly height: number;
} {
	const {pixels, width, height} = rendered(svg, BACKGROUND);
	return {pixels, width, height};
}

function rendered(svg: string, background?: string) {
	const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
	const names = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf'];
	return new Resvg(svg, {
		...(background === undefined ? {} : {background}),
		font: {
			fontFiles: [...names.map(name => join(fonts, name)), ...wideFonts],
			loadSystemFonts: false,
			defaultFontFamily: 'DejaVu Sans Mono',
			monospaceFamily: 'DejaVu Sans Mono',
		},
	}).render();
}

/** Cells of a row that look the same, together. */
function runsOf(terminal: Terminal, row: number): Run[] {
	const buffer = terminal.emulator.buffer.active;
	const line = buffer.getLine(buffer.viewportY + row);
	const runs: Run[] = [];
	for (let column = 0; column < terminal.emulator.cols; column++) {
		const cell = line?.getCell(column);
		if (cell === undefined || cell.getWidth() === 0) {
			continue;
		}

		const look = lookOf(cell);
		const text = cell.getChars() === '' ? ' ' : cell.getChars();
		const last = runs.at(-1);
		if (last !== undefined && isSame(last, look)) {
			runs[runs.length - 1] = {...last, text: last.text + text, columns: last.columns + cell.getWidth()};
		} else {
			runs.push({...look, column, columns: cell.getWidth(), text});
		}
	}

	const {cursorX, cursorY} = buffer;
	const isTyping = terminal.isCursorVisible && cursorY === row;
	return isTyping ? [...runs, cursorRun(cursorX)] : runs;
}

function cursorRun(column: number): Run {
	const look = {foreground: FOREGROUND, background: FOREGROUND, bold: false, dim: false, wide: false};
	return {...look, column, columns: 0.12, text: ' '};
}

function isSame(a: Look, b: Look): boolean {
	const names = ['foreground', 'background', 'bold', 'dim', 'wide'] as const;
	return names.every(name => a[name] === b[name]);
}

function lookOf(cell: Cell): Look {
	const foreground = cell.isFgDefault() ? FOREGROUND : color(cell.isFgRGB(), cell.getFgColor());
	const background = cell.isBgDefault() ? undefined : color(cell.isBgRGB(), cell.getBgColor());
	const isInverse = cell.isInverse() !== 0;
	return {
		foreground: isInverse ? (background ?? BACKGROUND) : foreground,
		background: isInverse ? foreground : background,
		bold: cell.isBold() !== 0,
		dim: cell.isDim() !== 0,
		wide: cell.getWidth() === 2,
	};
}

function color(isRgb: boolean, value: number): string {
	if (isRgb) {
		return `#${value.toString(16).padStart(6, '0')}`;
	}

	if (value < 16) {
		return palette[value] ?? FOREGROUND;
	}

	// The colour cube and the greys of 256 colours.
	const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
	const rest = value - 16;
	const rgb =
		value < 232
			? [level(Math.floor(rest / 36)), level(Math.floor(rest / 6) % 6), level(rest % 6)]
			: Array.from({length: 3}, () => 8 + (value - 232) * 10);
	return `rgb(${rgb.join(' ')})`;
}

function draw(run: Run, row: number, language: Language): string {
	const x = round(run.column * CELL.width);
	const y = row * CELL.height;
	const width = round(run.columns * CELL.width);
	const back =
		run.background === undefined
			? ''
			: `<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${run.background}" shape-rendering="crispEdges"/>`;
	if (run.text.trim() === '') {
		return back;
	}

	const opacity = run.dim ? ' opacity="0.6"' : '';
	const weight = run.bold ? ' font-weight="bold"' : '';
	if (run.wide) {
		const middle = (at: number) => round((run.column + 2 * at) * CELL.width + CELL.width - WIDE.font / 2);
		const places = [...run.text].map((_, at) => middle(at)).join(' ');
		return `${back}<text x="${places}" y="${y + WIDE.baseline}" fill="${run.foreground}" font-family="${wideFamilies[language]}" font-size="${WIDE.font}"${weight}${opacity}>${escapeXml(run.text)}</text>`;
	}

	// The length keeps columns aligned whatever font is at hand.
	return `${back}<text x="${x}" y="${y + CELL.baseline}" fill="${run.foreground}" textLength="${width}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${weight}${opacity}>${escapeXml(run.text)}</text>`;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
	return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
}
