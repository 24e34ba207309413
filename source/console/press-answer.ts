import type {Answer} from '../engine/state.js';
import {t} from '../locales/index.js';
import {
	type AnswerView,
	answerOf,
	changeText,
	completeLine,
	editedFiles,
	endTyping,
	moveAnswer,
	moved,
	resetLine,
	typeInto,
} from './answer.js';
import {only, type Pressed, type Situation, watching, watchingTyped} from './effect.js';
import type {Command} from './keys.js';
import type {View} from './model.js';

/** A key while a question fills the screen. */
export function pressAnswer(
	view: View,
	answer: AnswerView,
	key: string,
	command: Command | undefined,
	now: Situation,
): Pressed {
	const to = (next: AnswerView | undefined) => only(next === undefined ? view : {...view, answer: next});
	if (command === 'back' && !(answer.kind === 'text' && answer.typing) && !(answer.kind === 'lines' && answer.review)) {
		return only({...view, aside: true});
	}

	if (answer.sent) {
		return only({...view, notice: t('The answer was sent and is being checked.')});
	}

	if (answer.kind === 'text' && answer.typing !== undefined) {
		return to(
			command === 'accept' || command === 'back' ? endTyping(answer, command === 'accept') : typeInto(answer, key),
		);
	}

	if (answer.kind === 'line') {
		return pressLine(view, answer, key, command, now);
	}

	if (answer.kind === 'lines') {
		if (answer.review && command === 'back') {
			return to({...answer, review: false});
		}

		if (!answer.review) {
			return pressLines(view, answer, key, command, now);
		}
	}

	if (command === 'accept') {
		return sendAnswer(view, answer, now);
	}

	if (command === 'editor' && answer.kind === 'text' && now.state.question?.kind === 'text') {
		const text = `${answer.rows.map(row => row.text).join('\n')}\n`;
		return {view, effects: [{type: 'editor', name: now.state.question.name, text}]};
	}

	if (command === 'editor' && answer.kind === 'lines') {
		return openFile(view, answer, now);
	}

	const read = command === undefined ? undefined : readOn(answer, command, now);
	if (read !== undefined) {
		return to(read);
	}

	const changed = command !== undefined && answer.kind === 'text' ? changeText(answer, command) : undefined;
	return to(changed ?? (command === undefined ? undefined : moveAnswer(answer, command, now.page)));
}

/** Where there is something to be read before a choice, only the arrows move between the choices. */
function readOn(answer: AnswerView, command: Command, {reading}: Situation): AnswerView | undefined {
	if (answer.kind !== 'choice' || answer.scroll === undefined || command === 'up' || command === 'down') {
		return undefined;
	}

	const {rows, last} = reading ?? {rows: 1, last: 0};
	// The last row that was seen stays as the first one.
	const scroll = moved(answer.scroll, command, Math.max(1, rows - 1), last);
	return scroll === undefined ? undefined : {...answer, scroll};
}

function pressLines(
	view: View,
	answer: AnswerView & {kind: 'lines'},
	key: string,
	command: Command | undefined,
	now: Situation,
): Pressed {
	switch (command) {
		case 'editor':
			return openFile(view, answer, now);
		case 'accept':
			return only({...view, answer: {...answer, review: true, scroll: 0}});
		case 'complete':
			return only({...view, answer: completeLine(answer)});
		case 'reset': {
			const place = answer.places[answer.at];
			return only(
				place === undefined || place.edit.text === place.proposed
					? {...view, aside: true}
					: {...view, answer: resetLine(answer), notice: t('The line is as it was proposed.')},
			);
		}

		case 'up':
		case 'down':
			return only({...view, answer: moveAnswer(answer, command, 1) ?? answer});
		default:
			return only({...view, answer: typeInto(answer, key)});
	}
}

/** The file under the cursor as it was typed so far, in the person's own editor. */
function openFile(view: View, answer: AnswerView & {kind: 'lines'}, {state: {question}}: Situation): Pressed {
	const place = answer.places[answer.at];
	const file = question?.kind === 'lines' ? editedFiles(answer, question)[place?.file ?? 0] : undefined;
	return file === undefined
		? only(view)
		: {view, effects: [{type: 'editor', name: file.path, text: file.lines.join('\n')}]};
}

/** What is typed for a program; only an empty line can be the end of its input, as at a terminal. */
function pressLine(
	view: View,
	answer: AnswerView & {kind: 'line'},
	key: string,
	command: Command | undefined,
	now: Situation,
): Pressed {
	if (command === 'accept') {
		return sendAnswer(view, answer, now);
	}

	return command === 'end-input' && answer.edit.text === ''
		? sendAnswer(view, answer, now, {kind: 'line', text: '', end: true})
		: only({...view, answer: typeInto(answer, key)});
}

function sendAnswer(view: View, answer: AnswerView, now: Situation, instead?: Answer): Pressed {
	if (!now.driving) {
		const isTyped = answer.kind === 'line' || answer.kind === 'lines';
		return only({...view, notice: t(isTyped ? watchingTyped : watching)});
	}

	const {question} = now.state;
	const value = question === undefined ? undefined : (instead ?? answerOf(answer, question));
	return question === undefined || value === undefined
		? only(view)
		: {
				view: {...view, answer: {...answer, sent: true}},
				effects: [{type: 'send', message: {type: 'answer', question: question.id, answer: value}}],
			};
}
