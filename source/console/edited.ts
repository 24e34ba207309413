import type {Question} from '../engine/state.js';
import {t} from '../locales/index.js';
import {type AnswerView, replaceText} from './answer.js';
import type {View} from './model.js';
import {textEdit} from './text-edit.js';

/** What came back from the person's own editor, put into the answer in the making, or said why not. */
export function edited(
	view: View,
	question: Question | undefined,
	name: string,
	result: {readonly text: string} | {readonly problem: string},
): View {
	const {answer} = view;
	if ('problem' in result) {
		return {...view, notice: result.problem};
	}

	if (answer?.kind === 'text') {
		return {...view, answer: replaceText(answer, result.text)};
	}

	if (answer?.kind !== 'lines' || question?.kind !== 'lines') {
		return view;
	}

	const changed = replaceFile(answer, question, name, result.text);
	return typeof changed === 'string' ? {...view, notice: changed} : {...view, answer: changed};
}

/**
A file of a `lines` question that came back from an editor: the answer with it, or why it is not taken. Only the lines
that the question is about may differ.
*/
function replaceFile(
	view: AnswerView & {kind: 'lines'},
	question: Question & {kind: 'lines'},
	path: string,
	text: string,
): AnswerView | string {
	const file = question.files.findIndex(each => each.path === path);
	const before = question.files[file]?.lines ?? [];
	const given = text.split('\n');
	// Editors end the last line.
	const lines = given.length === before.length + 1 && given.at(-1) === '' ? given.slice(0, -1) : given;
	const isOpen = (index: number) => view.places.some(place => place.file === file && place.index === index);
	const other = before.findIndex((line, index) => line !== lines[index] && !isOpen(index));
	if (lines.length !== before.length || other !== -1) {
		return other === -1
			? t('The file has another number of lines now, so nothing was taken: only the marked lines can be changed here.')
			: t('Line {line} differs too, so nothing was taken: only the marked lines can be changed here.', {
					line: other + 1,
				});
	}

	const places = view.places.map(place =>
		place.file === file ? {...place, edit: textEdit(lines[place.index] ?? '')} : place,
	);
	return {...view, places};
}
