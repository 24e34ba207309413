import {writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {Resvg} from '@resvg/resvg-js';
import type {Terminal} from '../test/terminal.js';

/*
Pictures of real screens: the cells of the terminal emulator become an SVG, and that a PNG. Fonts are named
by family only, so that the pictures are the same wherever they are made.
*/

const CELL = {width: 10.35, height: 20, font: 17.18, baseline: 15.95} as const;
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
};

type Run = Look & {readonly column: number; readonly columns: number; readonly text: string};

type Cell = NonNullable<
	ReturnType<NonNullable<ReturnType<Terminal['emulator']['buffer']['active']['getLine']>>['getCell']>
>;

/** The screen as a drawing. */
export function screenSvg(terminal: Terminal): string {
	const {cols, rows} = terminal.emulator;
	const width = Math.ceil(cols * CELL.width) + 2 * MARGIN;
	const height = rows * CELL.height + 2 * MARGIN;
	const parts = Array.from({length: rows}, (_, row) =>
		runsOf(terminal, row)
			.map(run => draw(run, row))
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

/** The screen as PNG. */
export function svgPng(svg: string): Buffer {
	const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
	const names = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf'];
	const image = new Resvg(svg, {
		fitTo: {mode: 'zoom', value: 1},
		font: {
			fontFiles: names.map(name => join(fonts, name)),
			loadSystemFonts: false,
			defaultFontFamily: 'DejaVu Sans Mono',
			monospaceFamily: 'DejaVu Sans Mono',
		},
	});
	return image.render().asPng();
}

/** Saves what is on the screen now, as SVG or PNG by the name of the file. */
export async function saveScreen(terminal: Terminal, path: string): Promise<void> {
	const svg = screenSvg(terminal);
	await writeFile(path, path.endsWith('.png') ? svgPng(svg) : svg);
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
	return {column, columns: 0.12, text: ' ', foreground: FOREGROUND, background: FOREGROUND, bold: false, dim: false};
}

function isSame(a: Look, b: Look): boolean {
	return a.foreground === b.foreground && a.background === b.background && a.bold === b.bold && a.dim === b.dim;
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

function draw(run: Run, row: number): string {
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
	// The length keeps columns aligned whatever font is at hand.
	return `${back}<text x="${x}" y="${y + CELL.baseline}" fill="${run.foreground}" textLength="${width}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${weight}${opacity}>${escapeXml(run.text)}</text>`;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
	return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
}
