import type {RunState} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {harmless} from '../harmless.js';
import {type Line, paragraph, plain} from '../lines.js';
import type {Page, PageSize} from './question.js';
import {optionLines} from './question-choice.js';

/** Asks whether to roll back, and says what undo will do. */
export function confirmPage(state: RunState, yes: boolean, size: PageSize): Page {
	const {columns, rows, glyphs} = size;
	const changes: Line[] =
		state.undo.length === 0
			? paragraph(t('Nothing was changed yet; the run only ends.'), columns)
			: [
					...paragraph(t('This is taken back, in this order:'), columns),
					...state.undo.flatMap((sentence, index) =>
						paragraph(`${index + 1}. ${harmless(sentence, glyphs.dot)}`, columns, 'plain', 2),
					),
				];
	const isKit = state.kind === 'kit';
	const options = [
		{label: t('No, go on'), explanation: t('The run is not touched.')},
		isKit
			? {label: t('Yes, give up'), explanation: t('What was fetched stays, and serves the next one.')}
			: {
					label: t('Yes, roll back'),
					explanation: t('The server gets {version} back.', {version: state.from ?? t('its old version')}),
				},
	];
	// The choice is always in sight; a long list of changes is cut before it.
	const room = Math.max(1, rows - 7);
	const shown =
		changes.length <= room
			? changes
			: [
					...changes.slice(0, room - 1),
					plain(t('  {more} and {count} more lines', {more: glyphs.more, count: changes.length - room + 1}), 'quiet'),
				];
	return {
		lines: [
			plain(isKit ? t('Give up this kit?') : t('Roll back?'), 'title'),
			plain(''),
			...shown,
			plain(''),
			...optionLines(options, yes ? 1 : 0, {...size, rows: 4}).lines,
		],
	};
}
