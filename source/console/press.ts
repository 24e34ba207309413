import type {RunState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {moved, typeInto} from './answer.js';
import {only, type Pressed, type Situation, watching} from './effect.js';
import {type Command, commandOf} from './keys.js';
import {blockedStep, contextOf, settle, type View} from './model.js';
import {pressAnswer} from './press-answer.js';
import {canCut} from './silence.js';
import {edit, insert, textEdit} from './text-edit.js';

/** One key: the next view, and what is to be done. Pure, so that every key counts however fast they come. */
export function press(before: View, key: string, now: Situation): Pressed {
	const {notice: _, ...view} = before;
	const context = contextOf(view, now.state);
	const command = commandOf(context, key);
	switch (command) {
		case 'quit':
		case 'leave':
			return {view, effects: [{type: 'leave'}]};
		case 'redraw':
		case 'suspend':
			return {view, effects: [{type: command}]};
		case 'help':
			return only({...view, help: 0});
		case 'findings':
			return blockedStep(now.state) ? {view, effects: [{type: 'findings'}]} : only(view);
		case 'take-over':
			return now.driving
				? only({...view, notice: t('This console answers already.')})
				: {view, effects: [{type: 'send', message: {type: 'take-over'}}]};
		default:
	}

	switch (context) {
		case 'help':
			return only(pressHelp(view, command, now));
		case 'confirm':
			return pressConfirm(view, command, now);
		case 'log':
		case 'search':
			return pressLog(view, key, command);
		case 'typed-ahead':
			return only(command === 'back' ? {...view, typedAhead: undefined} : view);
		case 'run':
			return pressRun(view, command, now);
		default:
			return view.answer === undefined ? only(view) : pressAnswer(view, view.answer, key, command, now);
	}
}

/** Text pasted at once, by the terminal's bracketed paste. It is never taken for keys. */
export function paste(view: View, text: string, state: RunState): View {
	if (view.log?.typing !== undefined) {
		return {...view, log: {...view.log, typing: insert(view.log.typing, text)}};
	}

	const context = contextOf(view, state);
	return view.answer !== undefined && (context === 'typing' || context === 'line' || context === 'lines')
		? {...view, answer: typeInto(view.answer, text, true)}
		: view;
}

/** What is said about the way back; a kit has none, and is only given up. */
function inWords({kind}: RunState): {readonly asked: string; readonly underWay: string; readonly already: string} {
	return kind === 'kit'
		? {
				asked: t('The kit is given up. What was fetched stays.'),
				underWay: t('The kit is being given up; that is not stopped halfway.'),
				already: t('The kit is being given up already.'),
			}
		: {
				asked: t('The roll back was asked for.'),
				underWay: t('Everything is being taken back; that is not stopped halfway.'),
				already: t('Everything is being taken back already.'),
			};
}

function pressHelp(view: View, command: Command | undefined, now: Situation): View {
	if (command === 'back') {
		const {help: _, ...rest} = view;
		return rest;
	}

	const to = command === undefined ? undefined : moved(view.help ?? 0, command, now.page, now.helpLast);
	return to === undefined ? view : {...view, help: to};
}

function pressConfirm(view: View, command: Command | undefined, now: Situation): Pressed {
	const {confirm, ...rest} = view;
	if (command === 'left' || command === 'right') {
		return only({...view, confirm: {yes: command === 'right'}});
	}

	if (command === 'yes' || (command === 'accept' && confirm?.yes)) {
		return now.driving
			? {
					view: {...rest, follow: true, notice: inWords(now.state).asked},
					effects: [{type: 'send', message: {type: 'roll-back'}}],
				}
			: only({...rest, notice: t(watching)});
	}

	return only(command === undefined ? view : rest);
}

function pressLog(view: View, key: string, command: Command | undefined): Pressed {
	const {log, ...rest} = view;
	if (log === undefined) {
		return only(view);
	}

	if (log.typing !== undefined) {
		if (command === 'accept') {
			return {view: {...rest, log: {step: log.step}}, effects: [{type: 'search', query: log.typing.text}]};
		}

		const typing = edit(log.typing, key === 'space' ? ' ' : key);
		return only({...rest, log: command === 'back' ? {step: log.step} : {...log, typing}});
	}

	switch (command) {
		case 'back':
			return only(rest);
		case 'search':
			return only({...rest, log: {...log, typing: textEdit('')}});
		case 'wrap':
			return only({...view, wrap: !view.wrap});
		case 'copy':
			return {view, effects: [{type: 'copy'}]};
		case undefined:
			return only(view);
		default:
			return {view, effects: [{type: 'log', command}]};
	}
}

function pressRun(view: View, command: Command | undefined, now: Situation): Pressed {
	const {state} = now;
	switch (command) {
		case undefined:
			return only(view);
		case 'open':
			if (state.question !== undefined && state.status !== 'ended') {
				return only({...view, aside: false});
			}

			return state.status === 'ended' && blockedStep(state)
				? {view, effects: [{type: 'findings'}]}
				: only(openLog(view));
		case 'log':
			return only(openLog(view));
		case 'side':
			return only({...view, side: view.side === 'steps' ? 'pane' : 'steps'});
		case 'service':
			if (state.kind === 'kit') {
				return only({...view, notice: t('Nothing is installed on this machine, so there is no service to show.')});
			}

			return only({...view, service: !view.service, scroll: 0});
		case 'follow':
			return only(settle({...view, follow: true, side: 'steps', scroll: 0}, state, state));
		case 'stop':
			return pressStop(view, now);
		case 'cut':
			return pressCut(view, now);
		case 'roll-back':
			return only(pressRollBack(view, now));
		default:
	}

	if (view.side === 'pane') {
		const scroll = moved(view.scroll, command, now.page, now.paneLast);
		return only(scroll === undefined ? view : {...view, scroll});
	}

	const at = state.steps.findIndex(step => step.id === view.selected);
	const to = moved(at, command, now.page, state.steps.length - 1);
	return only(
		to === undefined
			? view
			: {...view, selected: state.steps[to]?.id, follow: false, service: false, scroll: to === at ? view.scroll : 0},
	);
}

function openLog(view: View): View {
	return view.selected === undefined ? view : {...view, log: {step: view.selected}};
}

function pressStop(view: View, now: Situation): Pressed {
	if (now.state.status === 'ended') {
		return only({...view, notice: t('The run is over. Press q to leave.')});
	}

	if (now.state.status === 'rolling-back') {
		return only({...view, notice: inWords(now.state).underWay});
	}

	if (now.state.status === 'stopping') {
		return only({...view, notice: t('The run stops after this step already.')});
	}

	return now.driving
		? {
				view: {...view, notice: t('The run stops after this step.')},
				effects: [{type: 'send', message: {type: 'stop'}}],
			}
		: only({...view, notice: t(watching)});
}

function pressCut(view: View, now: Situation): Pressed {
	if (!canCut(now.state)) {
		return only({...view, notice: t('Nothing runs now that could be ended; r takes everything back.')});
	}

	return now.driving
		? {view: {...view, notice: t('What runs is being ended.')}, effects: [{type: 'send', message: {type: 'cut'}}]}
		: only({...view, notice: t(watching)});
}

function pressRollBack(view: View, now: Situation): View {
	if (now.state.status === 'ended') {
		return {...view, notice: t('The run is over. Press q to leave.')};
	}

	if (now.state.status === 'rolling-back') {
		return {...view, notice: inWords(now.state).already};
	}

	return now.driving ? {...view, confirm: {yes: false}} : {...view, notice: t(watching)};
}
