import assert from 'node:assert/strict';
import test from 'node:test';
import {initialView, settle} from '../../source/console/model.js';
import {Store} from '../../source/console/store.js';
import {createTheme} from '../../source/console/theme.js';
import {TrialTimer} from '../../source/console/trial.js';
import type {ToWorker} from '../../source/engine/protocol.js';
import type {RunState} from '../../source/engine/state.js';
import {asking, questions} from './fixtures/states.js';

const {glyphs} = createTheme({ascii: false, color: false});
const trial = 'Apache accepts this draft.';

test('what is typed is tried once nothing is typed any more, and each answer once', t => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const state = {...asking('lines'), question: {...questions.lines, trial}};
	const sent: ToWorker[] = [];
	const connection = {
		state: () => state,
		driving: () => true,
		subscribe: () => () => {},
		send: (message: ToWorker) => sent.push(message),
	};
	const store = new Store(connection, glyphs, {columns: 80, rows: 24}, {isTicking: false});
	t.after(() => store.close());
	const lines = () =>
		sent.map(message =>
			message.type === 'try' && message.answer.kind === 'lines' ? message.answer.files[0]?.lines[0] : '',
		);
	store.press('ctrl-u');
	store.press('a');
	t.mock.timers.tick(300);
	store.press('b');
	t.mock.timers.tick(300);
	assert.deepEqual(lines(), []);
	t.mock.timers.tick(100);
	assert.deepEqual(lines(), ['ab']);
	store.press('left');
	t.mock.timers.tick(1000);
	assert.deepEqual(lines(), ['ab']);
	store.paste('/x');
	t.mock.timers.tick(400);
	assert.deepEqual(lines(), ['ab', 'a/xb']);
});

test('a question that offers no trial is not tried, nor is one that another console answers', t => {
	t.mock.timers.enable({apis: ['setTimeout']});
	for (const [question, driving] of [
		[questions.lines, true],
		[{...questions.lines, trial}, false],
	] as const) {
		const state = {...asking('lines'), question};
		const connection = {
			state: () => state,
			driving: () => driving,
			subscribe: () => () => {},
			send: () => assert.fail(),
		};
		const store = new Store(connection, glyphs, {columns: 80, rows: 24}, {isTicking: false});
		store.press('x');
		t.mock.timers.tick(1000);
		store.close();
	}
});

test('a trial that ends after the answer was sent does not ask again', () => {
	const state = asking('lines');
	const view = settle(initialView, state);
	assert.ok(view.answer);
	const sent = {...view, answer: {...view.answer, sent: true}};
	const tried: RunState = {
		...state,
		question: {...questions.lines, tried: {answer: {kind: 'lines', files: []}}},
	};
	assert.equal(settle(sent, tried, state).answer?.sent, true);
});

test('what was refused after it was sent is tried again when the question comes back', t => {
	t.mock.timers.enable({apis: ['setTimeout']});
	const asked: string[] = [];
	const timer = new TrialTimer(question => asked.push(question));
	const wanted = {...questions.lines, answer: {kind: 'lines', files: []}} as const;
	timer.see(wanted);
	t.mock.timers.tick(400);
	timer.see(wanted);
	t.mock.timers.tick(400);
	assert.equal(asked.length, 1);
	timer.see(undefined);
	timer.see(wanted);
	t.mock.timers.tick(400);
	assert.equal(asked.length, 2);
});
