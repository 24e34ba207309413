import type {Question} from '../../engine/state.js';
import {t} from '../../locales/index.js';
import {type AnswerView, answerOf, editedFiles, filesBefore, type Place} from '../answer.js';
import {harmless} from '../harmless.js';
import {windowStart} from '../layout.js';
import {fit, type Line, paragraph, plain} from '../lines.js';
import {atDifference, fileLines} from '../panes/diff.js';
import {complete, editWindow} from '../text-edit.js';
import type {Glyphs} from '../theme.js';
import {trialLine} from '../trial.js';
import type {Page, PageSize} from './question.js';

type LinesQuestion = Question & {kind: 'lines'};
type LinesAnswer = AnswerView & {kind: 'lines'};

const NUMBER = 6;
// The rule, the line before and after, and what its trial says; below that what Tab offers.
const CHANGE = 4;
// On a screen with room for them.
const MOST_OFFERS = 5;
const ROOMY = 13;

/** The file around the line being edited, with that line before and after below it; or all changes, to confirm. */
export function fileLinesOf(question: LinesQuestion, answer: LinesAnswer, size: PageSize): Page {
	return answer.review ? reviewPage(question, answer, size) : editPage(question, answer, size);
}

function editPage(question: LinesQuestion, answer: LinesAnswer, size: PageSize): Page {
	const place = answer.places[answer.at];
	const file = place === undefined ? undefined : question.files[place.file];
	if (place === undefined || file === undefined) {
		return {lines: [plain(t('There is no line to edit. Press Enter.'), 'quiet')]};
	}

	const {columns, glyphs} = size;
	// As many rows whatever is typed, so that the file does not move.
	const offered = Math.min(size.rows < ROOMY ? 1 : MOST_OFFERS, place.completions.length);
	const rows = Math.max(1, size.rows - 1 - CHANGE - offered);
	const from = windowStart(place.index, rows, file.lines.length);
	const lines = editedFiles(answer, question)[place.file]?.lines ?? [];
	const visible = lines.slice(from, from + rows);
	const editable = new Set(answer.places.filter(({file: number}) => number === place.file).map(({index}) => index));
	const typing = editWindow(place.edit, columns - NUMBER);
	return {
		lines: [
			plain(fit(`${harmless(file.path, glyphs.dot)}${position(answer)}`, columns, glyphs.more), 'title'),
			...visible.map((text, offset) => contextLine(text, from + offset, place, editable, size)),
			...Array.from({length: rows - visible.length}, () => plain('')),
			plain(glyphs.horizontal.repeat(columns), 'quiet'),
			...changeLines(place, columns, size),
			trialLine(question, answerOf(answer, question), columns, glyphs),
			...offersOf(place, columns, glyphs).slice(0, offered),
		],
		cursor: {row: 1 + place.index - from, column: NUMBER + typing.column},
	};
}

function position(answer: LinesAnswer): string {
	return answer.places.length < 2
		? ''
		: t('   change {index} of {places}', {index: answer.at + 1, places: answer.places.length});
}

function contextLine(text: string, index: number, place: Place, editable: Set<number>, size: PageSize): Line {
	const {columns, glyphs} = size;
	const isChosen = index === place.index;
	const mark = isChosen ? glyphs.cursor : editable.has(index) ? glyphs.dot : ' ';
	const head = {
		text: `${mark}${String(index + 1).padStart(4)} `,
		tone: isChosen ? ('accent' as const) : ('quiet' as const),
	};
	if (isChosen) {
		// While it is typed the line is shown as it is, so that the cursor stands where it types.
		return [head, {text: editWindow(place.edit, columns - NUMBER, glyphs.dot).text, bold: true}];
	}

	return [head, {text: fit(harmless(text, glyphs.dot), columns - NUMBER, glyphs.more), tone: 'quiet'}];
}

/** The line on disk and the line as typed, both moved to where they begin to differ. */
function changeLines(place: Place, columns: number, {glyphs}: PageSize): Line[] {
	const before = harmless(place.before, glyphs.dot);
	const after = harmless(place.edit.text, glyphs.dot);
	const room = columns - 2;
	return [
		...(before === after
			? [plain(t('  This line does not change.'), 'quiet'), plain('')]
			: [
					plain(fit(`- ${atDifference(before, after, room, glyphs)}`, columns, glyphs.more), 'remove'),
					plain(fit(`+ ${atDifference(after, before, room, glyphs)}`, columns, glyphs.more), 'add'),
				]),
	];
}

const TAB = 'Tab  ';

/** What fits here, each from where it differs from the line as typed. The one that Tab puts in next says so. */
function offersOf({completions, edit}: Place, columns: number, glyphs: Glyphs): Line[] {
	const typed = harmless(edit.text, glyphs.dot);
	const next = complete(edit, completions).text;
	const others = completions.filter(value => value !== edit.text);
	// Beginning with the next one, so that it is seen where only one is.
	const from = Math.max(0, others.indexOf(next));
	return [...others.slice(from), ...others.slice(0, from)].map((value): Line => {
		const shown = atDifference(harmless(value, glyphs.dot), typed, columns - TAB.length, glyphs);
		return [
			{text: value === next ? TAB : ' '.repeat(TAB.length), tone: 'accent'},
			{text: fit(shown, columns - TAB.length, glyphs.more), tone: value === next ? 'plain' : 'quiet'},
		];
	});
}

function reviewPage(question: LinesQuestion, answer: LinesAnswer, {columns, rows, glyphs}: PageSize): Page {
	const before = filesBefore(question);
	const lines = editedFiles(answer, question).flatMap((file, number) => [
		...(number === 0 ? [] : [plain('')]),
		...fileLines({path: file.path, before: before[number] ?? [], after: file.lines}, columns, glyphs),
	]);
	const asked = paragraph(t('Use these lines? Enter confirms, Esc goes back to them.'), columns, 'accent');
	const room = rows - 1 - asked.length;
	const from = Math.max(0, Math.min(answer.scroll, lines.length - room));
	return {lines: [...lines.slice(from, from + room), plain(''), ...asked]};
}
