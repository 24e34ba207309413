import type {Pane} from '../../engine/state.js';
import type {Line} from '../lines.js';
import type {Glyphs} from '../theme.js';
import {diffLines} from './diff.js';
import {factLines} from './facts.js';
import {findingLines} from './findings.js';
import {progressLines} from './progress.js';
import {tableLines} from './table.js';

/** The whole pane as lines of at most so many columns; the screen shows the part that fits. */
export function paneLines(pane: Pane, columns: number, glyphs: Glyphs): Line[] {
	switch (pane.kind) {
		case 'progress':
			return progressLines(pane, columns, glyphs);
		case 'table':
			return tableLines(pane, columns, glyphs);
		case 'facts':
			return factLines(pane.facts, columns, glyphs);
		case 'findings':
			return findingLines(pane.findings, columns, glyphs);
		case 'diff':
			return diffLines(pane, columns, glyphs);
	}
}
