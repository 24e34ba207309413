import type {
	Answer,
	ByHand,
	Expected,
	Fact,
	Finding,
	Outcome,
	Pane,
	Question,
	RunState,
	ServiceState,
	StepState,
	StepStatus,
} from './state.js';
import type {Waiting} from './waiting.js';

/**
Everything that happens in a run. These objects are also what `--json` prints, one a line, so names
and shapes are part of the program's interface.
*/
export type RunEvent = {readonly time: number} & (
	| {readonly event: 'run-started'; readonly run: string; readonly kind: RunState['kind']; readonly to: string}
	| {readonly event: 'installation'; readonly from: string; readonly facts: readonly Fact[]}
	| {
			readonly event: 'step';
			readonly step: string;
			readonly status: StepStatus;
			readonly note?: string;
			readonly remedy?: string;
			readonly findings?: readonly Finding[];
			/** When it is done and was done in one go: how long its own work took, in milliseconds. */
			readonly worked?: number;
	  }
	| {
			/** What is expected from now on; in place of all that was expected before. */
			readonly event: 'expected';
			readonly steps: Readonly<Record<string, Expected>>;
			readonly outage?: Expected;
	  }
	| {readonly event: 'command'; readonly step: string; readonly command: string}
	| {readonly event: 'pane'; readonly step: string; readonly pane: Pane}
	| {readonly event: 'output'; readonly step: string; readonly tail: readonly string[]}
	/** A command prints nothing for long. Over with the next output, pane, command or end of the step. */
	| {
			readonly event: 'waiting';
			readonly step: string;
			readonly waiting: Waiting;
			/** It waits for the same as before, only its processes may be others: for screens, and in no file. */
			readonly again?: true;
	  }
	| {readonly event: 'question'; readonly question: Question}
	| {
			readonly event: 'answered';
			readonly question: string;
			readonly answer: Answer;
			/** `program`: it does not ask any more, whatever the answer would have been. */
			readonly by: 'console' | 'default' | 'deadline' | 'program';
	  }
	| {readonly event: 'tried'; readonly question: string; readonly answer: Answer; readonly problem?: string}
	| {readonly event: 'service'; readonly service: ServiceState}
	| {readonly event: 'outage-began'}
	| {readonly event: 'outage-ended'; readonly milliseconds: number}
	| {readonly event: 'undo'; readonly undo: readonly string[]}
	| {readonly event: 'stopping'}
	| {readonly event: 'rolling-back'; readonly reason: string}
	| {
			readonly event: 'run-ended';
			readonly outcome: Outcome;
			readonly message: string;
			readonly downtimeSeconds: number;
			/** On a way of several hops that ended before its last one: the version that was reached and kept. */
			readonly reached?: string;
			/** What is left of a rollback that could not finish, in order. */
			readonly byHand?: readonly ByHand[];
	  }
);

/** Applies one event to a state and returns the new state. The only place where state changes. */
export function update(state: RunState, event: RunEvent): RunState {
	switch (event.event) {
		case 'run-started': {
			// A run that is gone on with has no end yet, whatever an earlier worker said.
			const {outcome, message, endedAt, question, byHand, ...rest} = state;
			return {...rest, status: 'running', startedAt: state.startedAt || event.time};
		}
		case 'installation':
			return {...state, from: event.from};
		case 'step':
			return {...changeStep(state, event.step, step => stepAfter(step, event))};
		case 'expected': {
			const {expectedOutage, ...rest} = state;
			return {
				...rest,
				...(event.outage ? {expectedOutage: event.outage} : {}),
				steps: state.steps.map(step => withExpected(step, event.steps[step.id])),
			};
		}
		case 'command':
			return changeStep(state, event.step, step => ({...heard(step), command: event.command}));
		case 'pane':
			return changeStep(state, event.step, step => ({...heard(step), pane: event.pane}));
		case 'output':
			return changeStep(state, event.step, step => ({...heard(step), tail: event.tail}));
		case 'waiting':
			return changeStep(state, event.step, step => ({...step, waiting: event.waiting}));
		case 'question':
			return {...state, question: event.question, status: 'asking'};
		case 'answered': {
			const {question, ...rest} = state;
			// Whoever was cut at a question may be stopping already.
			const status = state.status === 'asking' ? 'running' : state.status;
			return question?.id === event.question ? {...rest, status} : state;
		}
		case 'tried': {
			const {answer, problem} = event;
			const tried = {answer, ...(problem === undefined ? {} : {problem})};
			return state.question?.id === event.question ? {...state, question: {...state.question, tried}} : state;
		}
		case 'service':
			return {...state, service: event.service};
		case 'outage-began':
			return {...state, outageSince: event.time};
		case 'outage-ended': {
			const {outageSince, ...rest} = state;
			return {...rest, outageMilliseconds: state.outageMilliseconds + event.milliseconds};
		}
		case 'undo':
			return {...state, undo: event.undo};
		case 'stopping':
			return {...state, status: 'stopping'};
		case 'rolling-back': {
			const {question, ...rest} = state;
			return {...rest, status: 'rolling-back', message: event.reason};
		}
		case 'run-ended': {
			const {question, ...rest} = state;
			const {byHand, message, outcome, time: endedAt} = event;
			return {...rest, status: 'ended', outcome, message, endedAt, ...(byHand ? {byHand} : {})};
		}
	}
}

function changeStep(state: RunState, id: string, change: (step: StepState) => StepState): RunState {
	return {...state, steps: state.steps.map(step => (step.id === id ? change(step) : step))};
}

function withExpected({expected: _, ...step}: StepState, expected: Expected | undefined): StepState {
	return expected ? {...step, expected} : step;
}

function heard({waiting: _, ...step}: StepState): StepState {
	return step;
}

function stepAfter(step: StepState, event: RunEvent & {event: 'step'}): StepState {
	const {note: _note, remedy: _remedy, waiting, ...rest} = step;
	const begins = event.status === 'running' || event.status === 'undoing';
	const ends = !begins && event.status !== 'asking' && event.status !== 'pending';
	return {
		...rest,
		status: event.status,
		findings: event.findings ?? step.findings,
		...(event.note === undefined ? {} : {note: event.note}),
		...(event.remedy === undefined ? {} : {remedy: event.remedy}),
		...(event.worked === undefined ? {} : {worked: event.worked}),
		...(begins && step.status !== 'asking' ? {startedAt: event.time, endedAt: undefined} : {}),
		...(ends ? {endedAt: event.time, command: undefined} : waiting === undefined ? {} : {waiting}),
	};
}
