import type {Answer, Mood, Question} from '../engine/state.js';
import type {Command, Context} from './keys.js';
import {complete, edit, insert, type TextEdit, textEdit} from './text-edit.js';

/** An answer in the making. */
export type AnswerView = {readonly id: string; readonly sent: boolean} & (
	| {
			readonly kind: 'choice';
			readonly index: number;
			readonly values: readonly string[];
			/** First visible row of what is to be read before; absent where there is nothing. */
			readonly scroll?: number;
	  }
	| {readonly kind: 'text'; readonly rows: readonly TextRow[]; readonly at: number; readonly typing?: TextEdit}
	| {readonly kind: 'line'; readonly edit: TextEdit}
	| {
			readonly kind: 'lines';
			readonly places: readonly Place[];
			readonly at: number;
			readonly review: boolean;
			/** First visible row of the review. */
			readonly scroll: number;
	  }
);

/** A line of a text, with what is remarked about it: both move together when lines are added. */
export type TextRow = {
	readonly text: string;
	readonly remark?: string;
	readonly mood?: Mood;
	readonly added?: boolean;
};

/** A line that may be edited: where it is, what it was proposed to be, what it is now. */
export type Place = {
	readonly file: number;
	readonly index: number;
	readonly before: string;
	readonly proposed: string;
	readonly edit: TextEdit;
	readonly completions: readonly string[];
};

export function answerView(question: Question): AnswerView {
	const {id} = question;
	switch (question.kind) {
		case 'choice': {
			const values = question.choices.map(choice => choice.value);
			const index = Math.max(0, values.indexOf(question.initial));
			return {kind: 'choice', id, sent: false, values, index, ...(question.details === undefined ? {} : {scroll: 0})};
		}

		case 'text': {
			const remarks = new Map(question.remarks.map(({index, ...remark}) => [index, remark]));
			const rows = question.text
				.replace(/\n$/, '')
				.split('\n')
				.map((text, index): TextRow => ({text, ...remarks.get(index)}));
			return {
				kind: 'text',
				id,
				sent: false,
				rows,
				at: Math.max(
					0,
					rows.findIndex(row => row.remark !== undefined),
				),
			};
		}

		case 'line':
			return {kind: 'line', id, sent: false, edit: textEdit('')};
		case 'lines': {
			const places = question.files.flatMap((file, number) =>
				file.editable.map(({index, before, completions}): Place => {
					const proposed = file.lines[index] ?? '';
					return {file: number, index, before, proposed, completions, edit: textEdit(proposed)};
				}),
			);
			return {kind: 'lines', id, sent: false, places, at: 0, review: false, scroll: 0};
		}
	}
}

export function answerContext(view: AnswerView): Context {
	switch (view.kind) {
		case 'choice':
			return 'choice';
		case 'text':
			return view.typing === undefined ? 'text' : 'typing';
		case 'line':
			return 'line';
		case 'lines':
			return view.review ? 'review' : 'lines';
	}
}

/** What would be sent. */
export function answerOf(view: AnswerView, question: Question): Answer | undefined {
	if (view.kind === 'choice') {
		const value = view.values[view.index];
		return value === undefined ? undefined : {kind: 'choice', value};
	}

	if (view.kind === 'text') {
		return {kind: 'text', text: `${view.rows.map(row => row.text).join('\n')}\n`};
	}

	if (view.kind === 'line') {
		return {kind: 'line', text: view.edit.text};
	}

	return question.kind === 'lines' ? {kind: 'lines', files: editedFiles(view, question)} : undefined;
}

/** The files of a `lines` question with what was typed put in. */
export function editedFiles(
	view: AnswerView & {kind: 'lines'},
	question: Question & {kind: 'lines'},
): Array<{readonly path: string; readonly lines: readonly string[]}> {
	return question.files.map((file, number) => ({
		path: file.path,
		lines: file.lines.map(
			(line, index) => view.places.find(place => place.file === number && place.index === index)?.edit.text ?? line,
		),
	}));
}

/** The files as they stand on disk, as far as the question tells. */
export function filesBefore(question: Question & {kind: 'lines'}): ReadonlyArray<readonly string[]> {
	return question.files.map(file =>
		file.lines.map((line, index) => file.editable.find(place => place.index === index)?.before ?? line),
	);
}

/** Moves the cursor or changes the text; `undefined` when the command means nothing here. */
export function moveAnswer(view: AnswerView, command: Command, page: number): AnswerView | undefined {
	if (view.kind === 'line') {
		return undefined;
	}

	const last =
		view.kind === 'choice'
			? view.values.length - 1
			: view.kind === 'text'
				? view.rows.length - 1
				: view.places.length - 1;
	if (view.kind === 'lines' && view.review) {
		const scroll = moved(view.scroll, command, page, Number.MAX_SAFE_INTEGER);
		return scroll === undefined ? undefined : {...view, scroll};
	}

	const from = view.kind === 'choice' ? view.index : view.at;
	const to = moved(from, command, page, last);
	if (to === undefined) {
		return undefined;
	}

	return view.kind === 'choice' ? {...view, index: to} : {...view, at: to};
}

export function moved(from: number, command: Command, page: number, last: number): number | undefined {
	const to = {
		up: from - 1,
		down: from + 1,
		'page-up': from - page,
		'page-down': from + page,
		first: 0,
		last,
	}[command as string];
	return to === undefined ? undefined : Math.max(0, Math.min(last, to));
}

/** Adds, drops and edits lines of a text. */
export function changeText(view: AnswerView & {kind: 'text'}, command: Command): AnswerView | undefined {
	const row = view.rows[view.at];
	switch (command) {
		case 'open':
			return row === undefined ? undefined : {...view, typing: textEdit(row.text)};
		case 'add':
			return {
				...view,
				rows: view.rows.toSpliced(view.at + 1, 0, {text: '', added: true}),
				at: view.at + 1,
				typing: textEdit(''),
			};
		case 'drop': {
			if (row === undefined) {
				return undefined;
			}

			const text = row.text.startsWith('# ') ? row.text.slice(2) : `# ${row.text}`;
			return {...view, rows: view.rows.with(view.at, {...row, text})};
		}

		default:
			return undefined;
	}
}

/** Ends the typing of a line; an added line left empty goes away again. */
export function endTyping(view: AnswerView & {kind: 'text'}, keep: boolean): AnswerView {
	const {typing, ...rest} = view;
	const row = view.rows[view.at];
	if (typing === undefined || row === undefined) {
		return rest;
	}

	const text = keep ? typing.text : row.text;
	return row.added && text === ''
		? {...rest, rows: view.rows.toSpliced(view.at, 1), at: Math.max(0, view.at - 1)}
		: {...rest, rows: view.rows.with(view.at, {...row, text})};
}

/** A text that came back from an editor; remarks stay with lines that are the same. */
export function replaceText(view: AnswerView & {kind: 'text'}, text: string): AnswerView {
	const remarks = new Map(view.rows.map(({added: _, ...row}) => [row.text, row]));
	const rows = text
		.replace(/\n$/, '')
		.split('\n')
		.map((line): TextRow => remarks.get(line) ?? {text: line});
	return {...view, rows, at: Math.min(view.at, rows.length - 1)};
}

/** A key or a paste into the line under the cursor. */
export function typeInto(view: AnswerView, key: string, pasted = false): AnswerView {
	const change = (state: TextEdit) => (pasted ? insert(state, key) : edit(state, key === 'space' ? ' ' : key));
	if (view.kind === 'line') {
		return {...view, edit: change(view.edit)};
	}

	if (view.kind === 'text' && view.typing !== undefined) {
		return {...view, typing: change(view.typing)};
	}

	return view.kind === 'lines' && !view.review ? changePlace(view, place => change(place.edit)) : view;
}

export function completeLine(view: AnswerView & {kind: 'lines'}): AnswerView {
	return changePlace(view, place => complete(place.edit, place.completions));
}

/** Puts the proposed line back. */
export function resetLine(view: AnswerView & {kind: 'lines'}): AnswerView {
	return changePlace(view, place => textEdit(place.proposed));
}

function changePlace(view: AnswerView & {kind: 'lines'}, change: (place: Place) => TextEdit): AnswerView {
	const place = view.places[view.at];
	return place === undefined ? view : {...view, places: view.places.with(view.at, {...place, edit: change(place)})};
}
