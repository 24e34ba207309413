import assert from 'node:assert/strict';
import test from 'node:test';
import {edited} from '../../source/console/edited.js';
import type {Effect, Situation} from '../../source/console/effect.js';
import {bindings, commandOf} from '../../source/console/keys.js';
import {contextOf, initialView, settle, type View} from '../../source/console/model.js';
import {paste, press} from '../../source/console/press.js';
import type {RunState} from '../../source/engine/state.js';
import {agreeing} from './fixtures/agreement.js';
import {asking, kitRunning, packagesRunning, questions, runningAt, windowDown, withSteps} from './fixtures/states.js';

/** Presses keys one after the other, as the store does. */
function run(
	state: RunState,
	keys: readonly string[],
	options: {driving?: boolean; view?: View; reading?: Situation['reading']} = {},
) {
	let view = settle(options.view ?? initialView, state);
	const effects: Effect[] = [];
	for (const key of keys) {
		const {driving = true, reading} = options;
		const pressed = press(view, key, {state, driving, reading, page: 5, paneLast: 3, helpLast: 9});
		view = pressed.view;
		effects.push(...pressed.effects);
	}

	return {view, effects};
}

const type = (text: string) => [...text].map(character => (character === ' ' ? 'space' : character));

test('the cursor follows the running step until it is moved', () => {
	const first = settle(initialView, packagesRunning());
	assert.equal(first.selected, 'packages');
	assert.equal(settle(first, windowDown()).selected, 'apply');
	const moved = run(packagesRunning(), ['down', 'j', 'down']).view;
	assert.equal(moved.selected, 'python-packages');
	assert.equal(settle(moved, windowDown()).selected, 'python-packages');
	assert.equal(run(windowDown(), ['f'], {view: moved}).view.selected, 'apply');
});

const moves: ReadonlyArray<readonly [keys: readonly string[], selected: string]> = [
	[['up'], 'patch'],
	[['up', 'up', 'up', 'up'], 'check'],
	[['home'], 'check'],
	[['g'], 'check'],
	[['end'], 'keep'],
	[['G', 'k'], 'health'],
	[['pagedown'], 'backup'],
	[['pagedown', 'pageup'], 'packages'],
];

for (const [keys, selected] of moves) {
	test(`${keys.join(' ')} selects ${selected}`, () => {
		assert.equal(run(packagesRunning(), keys).view.selected, selected);
	});
}

test('Tab moves to the pane, whose lines then move, and not beyond the last', () => {
	const {view} = run(packagesRunning(), ['tab', 'down', 'pagedown']);
	assert.equal(view.scroll, 3);
	assert.equal(view.selected, 'packages');
});

test('rolling back asks first, with No under the cursor', () => {
	assert.deepEqual(run(windowDown(), ['r']).view.confirm, {yes: false});
	assert.deepEqual(run(windowDown(), ['r', 'enter']).effects, []);
	assert.deepEqual(run(windowDown(), ['r', 'esc']).effects, []);
	assert.equal(run(windowDown(), ['r', 'enter']).view.confirm, undefined);
	assert.deepEqual(run(windowDown(), ['r', 'j', 'enter']).effects, [{type: 'send', message: {type: 'roll-back'}}]);
	assert.deepEqual(run(windowDown(), ['r', 'y']).effects, [{type: 'send', message: {type: 'roll-back'}}]);
});

test('s stops after this step', () => {
	assert.deepEqual(run(packagesRunning(), ['s']).effects, [{type: 'send', message: {type: 'stop'}}]);
});

for (const keys of [['s'], ['r'], ['enter']]) {
	test(`a watching console sends nothing for ${keys.join(' ')}, and says so`, () => {
		const state = keys[0] === 'enter' ? asking('choice') : packagesRunning();
		const {view, effects} = run(state, keys, {driving: false});
		assert.deepEqual(effects, []);
		assert.equal(view.notice, 'Another console answers. Press t to take over.');
	});
}

test('t takes over', () => {
	assert.deepEqual(run(asking('choice'), ['t'], {driving: false}).effects, [
		{type: 'send', message: {type: 'take-over'}},
	]);
});

test('a choice begins at the safe one, and is sent once', () => {
	const {view, effects} = run(asking('choice'), ['enter', 'enter']);
	assert.deepEqual(effects, [
		{type: 'send', message: {type: 'answer', question: 'keep/decision', answer: {kind: 'choice', value: 'later'}}},
	]);
	assert.match(view.notice ?? '', /being checked/);
});

test('what is to be read before a choice is moved through to its ends, and the arrows still choose', () => {
	const state = agreeing();
	const reading = {rows: 10, last: 24};
	const after = (...keys: string[]) => {
		const {answer} = run(state, keys, {reading}).view;
		return answer?.kind === 'choice' ? [answer.scroll, answer.index] : undefined;
	};
	assert.deepEqual(after(), [0, 0]);
	assert.deepEqual(after('pagedown', 'space'), [18, 0]);
	assert.deepEqual(after('pagedown', 'pagedown', 'pagedown', 'pagedown', 'pageup'), [15, 0]);
	assert.deepEqual(after('G', 'down'), [24, 1]);
	assert.deepEqual(after('end', 'j', 'g', 'k'), [0, 0]);
	assert.deepEqual(run(state, ['end', 'down', 'enter'], {reading}).effects, [
		{type: 'send', message: {type: 'answer', question: 'agreement/begin', answer: {kind: 'choice', value: 'agree'}}},
	]);
});

test('Esc puts a question aside, Enter brings it back as it was', () => {
	const state = asking('choice');
	const aside = run(state, ['up', 'esc']).view;
	assert.equal(contextOf(aside, state), 'run');
	const back = run(state, ['enter'], {view: aside}).view;
	assert.equal(contextOf(back, state), 'choice');
	assert.equal(back.answer?.kind === 'choice' && back.answer.index, 0);
});

test('lines of a text are edited, added and dropped', () => {
	const {effects} = run(asking('text'), [
		'home',
		'enter',
		...type('x'),
		'enter',
		'o',
		...type('new==1'),
		'enter',
		'G',
		'd',
		'o',
		'esc',
		'a',
	]);
	assert.deepEqual(effects, [
		{
			type: 'send',
			message: {
				type: 'answer',
				question: 'requirements/list',
				answer: {
					kind: 'text',
					text: 'asgiref==3.7.2x\nnew==1\nDjango>=4.2,<4.3\n# pkg-resources==0.0.0\npsycopg2-binary>=2.9.5\n# requests==2.31.0\n',
				},
			},
		},
	]);
});

test('the first remark is under the cursor, and e opens the editor', () => {
	const {view, effects} = run(asking('text'), ['e']);
	assert.equal(view.answer?.kind === 'text' && view.answer.at, 1);
	assert.equal(effects[0]?.type === 'editor' && effects[0].name, 'requirements.txt');
});

test('lines of a file are edited in place, reset, completed, and confirmed', () => {
	const state = asking('lines');
	const {question} = state;
	assert.equal(question?.kind, 'lines');
	const typed = run(state, ['ctrl-u', ...type('Load q?')]).view;
	const place = (view: View) => (view.answer?.kind === 'lines' ? view.answer.places[view.answer.at] : undefined);
	assert.equal(place(typed)?.edit.text, 'Load q?');
	assert.equal(place(run(state, ['tab'], {view: typed}).view)?.edit.text, place(typed)?.completions[0]);
	assert.equal(place(run(state, ['esc'], {view: typed}).view)?.edit.text, place(typed)?.proposed);
	assert.equal(contextOf(run(state, ['esc', 'esc'], {view: typed}).view, state), 'run');
	const review = run(state, ['enter'], {view: typed});
	assert.deepEqual(review.effects, []);
	assert.equal(contextOf(review.view, state), 'review');
	const {effects} = run(state, ['enter'], {view: review.view});
	const [effect] = effects;
	assert.ok(effect?.type === 'send' && effect.message.type === 'answer' && effect.message.answer.kind === 'lines');
	assert.equal(effect.message.answer.files[0]?.lines[0], 'Load q?');
	assert.equal(
		effect.message.answer.files[0]?.lines[4],
		questions.lines.kind === 'lines' && questions.lines.files[0]?.lines[4],
	);
});

test('a file is opened in the editor, and only its marked lines are taken from it', () => {
	const state = asking('lines');
	for (const keys of [
		['X', 'ctrl-o'],
		['X', 'enter', 'e'],
	]) {
		const {view, effects} = run(state, keys);
		const [effect] = effects;
		assert.ok(effect?.type === 'editor');
		const lines = effect.text.split('\n');
		assert.match(lines[0] ?? '', /X$/);
		const back = (changed: readonly string[]) =>
			edited(view, state.question, effect.name, {text: `${changed.join('\n')}\n`});
		const {answer, notice} = back(lines.with(4, 'WSGIDaemonProcess omflow'));
		assert.ok(answer?.kind === 'lines');
		assert.equal(answer.places[1]?.edit.text, 'WSGIDaemonProcess omflow');
		assert.equal(notice, undefined);
		for (const [changed, why] of [
			[lines.with(2, '<VirtualHost *:8080>'), /^Line 3 differs too/],
			[[...lines, '# more'], /another number of lines/],
		] as const) {
			assert.match(back(changed).notice ?? '', why);
			assert.deepEqual(back(changed).answer, view.answer);
		}
	}
});

test('a line for a program is typed at once, and an empty one can be the end of its input', () => {
	const state = asking('line');
	const answer = (effects: ReturnType<typeof run>['effects']) =>
		effects[0]?.type === 'send' && effects[0].message.type === 'answer' ? effects[0].message.answer : undefined;
	const typed = run(state, [...type('q? x'), 'backspace', 'enter']);
	assert.deepEqual(answer(typed.effects), {kind: 'line', text: 'q? '});
	assert.equal(typed.view.answer?.sent, true);
	assert.deepEqual(answer(run(state, ['ctrl-d']).effects), {kind: 'line', text: '', end: true});
	assert.deepEqual(
		run(state, ['a', 'left', 'ctrl-d', 'enter']).effects.map(effect => answer([effect])?.kind),
		['line'],
	);
	assert.equal(contextOf(run(state, ['esc']).view, state), 'run');
});

test('only what is safe to end is ended by a key', () => {
	const waiting = (cuttable: boolean) =>
		({since: 1, on: {kind: 'time', pid: 1}, processes: [], more: 0, cuttable}) as const;
	const state = (cuttable: boolean) => withSteps(packagesRunning(), {packages: {waiting: waiting(cuttable)}});
	assert.deepEqual(run(state(true), ['x']).effects, [{type: 'send', message: {type: 'cut'}}]);
	assert.deepEqual(run(state(false), ['x']).effects, []);
	assert.deepEqual(run(packagesRunning(), ['x']).effects, []);
	assert.deepEqual(run(withSteps(windowDown(), {apply: {waiting: waiting(true)}}), ['x']).effects, []);
});

test('a refused answer keeps what was typed', () => {
	const state = asking('lines');
	const sent = run(state, ['X', 'enter', 'enter']).view;
	assert.equal(sent.answer?.sent, true);
	const again = {...state, question: {...questions.lines, problem: 'The module is not there.'}};
	const view = settle(sent, again, state);
	assert.equal(view.answer?.sent, false);
	assert.ok(view.answer?.kind === 'lines' && view.answer.places[0]?.edit.text.endsWith('X'));
});

test('a paste is text where text is typed, and nothing elsewhere', () => {
	const lines = asking('lines');
	const view = paste(settle(initialView, lines), '/new\r\nq', lines);
	assert.ok(view.answer?.kind === 'lines' && view.answer.places[0]?.edit.text.endsWith('/newq'));
	const running = packagesRunning();
	const before = settle(initialView, running);
	assert.equal(paste(before, 'q\rr', running), before);
});

test('a log is opened for the selected step, and q leaves only the log', () => {
	const {view, effects} = run(packagesRunning(), ['k', 'l', '/', ...type('no such'), 'enter', 'n']);
	assert.deepEqual(view.log, {step: 'patch'});
	assert.deepEqual(effects, [
		{type: 'search', query: 'no such'},
		{type: 'log', command: 'search-next'},
	]);
	assert.deepEqual(run(packagesRunning(), ['q'], {view}).effects, []);
	assert.equal(run(packagesRunning(), ['q'], {view}).view.log, undefined);
	assert.deepEqual(run(packagesRunning(), ['ctrl-c'], {view}).effects, [{type: 'leave'}]);
});

test('w wraps this log and the next one, y shows its lines alone', () => {
	const {view, effects} = run(packagesRunning(), ['l', 'w', 'y', 'q', 'k', 'l']);
	assert.equal(view.wrap, true);
	assert.deepEqual(effects, [{type: 'copy'}]);
	assert.equal(run(packagesRunning(), ['w'], {view}).view.wrap, false);
	assert.deepEqual(run(packagesRunning(), ['l', '/', 'w', 'y']).view.log?.typing?.text, 'wy');
});

test('Ctrl-C, Ctrl-L and Ctrl-Z work wherever the keys go', () => {
	const places: ReadonlyArray<readonly [RunState, readonly string[]]> = [
		[packagesRunning(), []],
		[packagesRunning(), ['l']],
		[packagesRunning(), ['l', '/']],
		[packagesRunning(), ['?']],
		[windowDown(), ['r']],
		[asking('choice'), []],
		[asking('text'), []],
		[asking('text'), ['enter']],
		[asking('lines'), []],
		[asking('lines'), ['enter']],
	];
	for (const [state, keys] of places) {
		const {view} = run(state, keys);
		for (const [key, effect] of [
			['ctrl-c', 'leave'],
			['ctrl-l', 'redraw'],
			['ctrl-z', 'suspend'],
		] as const) {
			assert.deepEqual(run(state, [key], {view}).effects, [{type: effect}], `${key} after ${keys.join(' ')}`);
		}
	}
});

test('no key means two things in one place', () => {
	for (const binding of bindings) {
		for (const context of binding.contexts) {
			for (const key of binding.keys) {
				assert.equal(commandOf(context, key), binding.command, `${key} in ${context}`);
			}
		}
	}
});

test('keys that would type are never commands where something is typed', () => {
	for (const context of ['search', 'typing', 'lines'] as const) {
		const printable = bindings
			.filter(binding => binding.contexts.includes(context))
			.flatMap(binding => binding.keys)
			.filter(key => key.length === 1 || key === 'space');
		assert.deepEqual(printable, [], context);
	}
});

test('a step that is gone from the run is not looked for', () => {
	const view = {...initialView, selected: 'sample', follow: false};
	assert.equal(settle(view, runningAt('stop')).selected, 'stop');
});

test('a kit has no service to show, and is given up without a word of taking back', () => {
	const shown = run(kitRunning(), ['v']).view;
	assert.equal(shown.service, false);
	assert.match(shown.notice ?? '', /no service/);
	const {effects, view} = run(kitRunning(), ['r', 'y']);
	assert.deepEqual(effects, [{type: 'send', message: {type: 'roll-back'}}]);
	const givingUp: RunState = {...kitRunning(), status: 'rolling-back'};
	const notices = [view, run(givingUp, ['r']).view, run(givingUp, ['s']).view].map(({notice}) => notice ?? '');
	for (const notice of notices) {
		assert.match(notice, /given up/);
		assert.doesNotMatch(notice, /back/);
	}
});

test('what is typed on for a program that asks no more counts as no key, until Esc', () => {
	const before = run(asking('line'), type('geh')).view;
	const gone = settle(before, windowDown(), asking('line'));
	assert.equal(contextOf(gone, windowDown()), 'typed-ahead');
	const {effects, view} = run(windowDown(), ['r', 'y', 'enter', 's', 'q'], {view: gone});
	assert.deepEqual(effects, []);
	assert.equal(view.confirm, undefined);
	assert.equal(contextOf(run(windowDown(), ['esc'], {view}).view, windowDown()), 'run');
	assert.equal(contextOf(settle(gone, asking('line'), windowDown()), asking('line')), 'line');
});
