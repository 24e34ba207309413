import type {RunState, StepState} from '../engine/state.js';
import {type AnswerView, answerContext, answerView} from './answer.js';
import {currentStep} from './consequence.js';
import type {Context} from './keys.js';

/** What the person looks at. Changed only by `press` and `settle`; everything shown follows from it and the run. */
export type View = {
	/** Id of the step under the cursor. */
	readonly selected: string | undefined;
	/** Whether the cursor goes with the step that runs. */
	readonly follow: boolean;
	readonly side: 'steps' | 'pane';
	/** First visible line of the pane. */
	readonly scroll: number;
	/** The service instead of the step. */
	readonly service: boolean;
	/** First visible line of the help; absent while it is closed. */
	readonly help?: number;
	/** The question whether to roll back. */
	readonly confirm?: {readonly yes: boolean};
	/** Whether long lines of a log are broken at the edge. */
	readonly wrap: boolean;
	readonly log?: {readonly step: string; readonly typing?: {readonly text: string; readonly cursor: number}};
	readonly answer?: AnswerView;
	/** The open question is not shown now. */
	readonly aside: boolean;
	/**
	A program has stopped asking: what is typed now was meant for it, and counts as nothing until nobody types any more. Its
	next question takes a moment to be seen.
	*/
	readonly typedAhead?: true;
	/** One sentence about the last key, until the next one. */
	readonly notice?: string;
};

export const initialView: View = {
	selected: undefined,
	follow: true,
	side: 'steps',
	scroll: 0,
	service: false,
	wrap: false,
	aside: false,
};

/** Brings the view in line with a new state of the run: follows the running step, opens and closes questions. */
export function settle(view: View, state: RunState, before?: RunState): View {
	return settleQuestion(settleSelection(view, state), state, before);
}

function settleSelection(view: View, state: RunState): View {
	const known = state.steps.some(step => step.id === view.selected);
	if (!view.follow && known) {
		return view;
	}

	const selected = currentStep(state)?.id;
	return selected === view.selected ? view : {...view, selected, scroll: 0};
}

function settleQuestion(view: View, state: RunState, before: RunState | undefined): View {
	const {question} = state;
	if (question === undefined) {
		if (view.answer === undefined) {
			return view;
		}

		const {answer, ...rest} = view;
		return {...rest, aside: false, ...(answer.kind === 'line' && !view.aside ? {typedAhead: true as const} : {})};
	}

	if (view.answer?.id !== question.id) {
		const {typedAhead: _, ...rest} = view;
		return {...rest, answer: answerView(question), aside: false};
	}

	// Asked again: what was typed stays, so that only the mistake has to be put right. Nothing was tried then yet.
	return view.answer.sent && question !== before?.question && question.tried === undefined
		? {...view, answer: {...view.answer, sent: false}, aside: false}
		: view;
}

/** Where keys go now. */
export function contextOf(view: View, state: RunState): Context {
	if (view.help !== undefined) {
		return 'help';
	}

	if (view.typedAhead) {
		return 'typed-ahead';
	}

	if (view.confirm !== undefined) {
		return 'confirm';
	}

	if (view.log !== undefined) {
		return view.log.typing === undefined ? 'log' : 'search';
	}

	return isAnswering(view, state) && view.answer !== undefined ? answerContext(view.answer) : 'run';
}

/** Where keys go once the help is closed. */
export function beneath({help: _, ...view}: View, state: RunState): Context {
	return contextOf(view, state);
}

/** Whether the question fills the screen. */
export function isAnswering(view: View, state: RunState): boolean {
	return state.question !== undefined && view.answer !== undefined && !view.aside;
}

/** The step whose findings stand in the way: the one that asks, or of a run that is over the last that had any. */
export function blockedStep({question, status, steps}: RunState): StepState | undefined {
	const step = status === 'ended' ? steps.findLast(isBlocked) : steps.find(({id}) => id === question?.step);
	return step && isBlocked(step) ? step : undefined;
}

function isBlocked({findings}: StepState): boolean {
	return findings.some(({severity}) => severity === 'blocker');
}
