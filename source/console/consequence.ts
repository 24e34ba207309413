import type {RunState, StepState} from '../engine/state.js';
import {t} from '../locales/index.js';

/** What happens to the upgrade if one of three things stops now. One short sentence each. */
export type Consequence = {readonly connection: string; readonly program: string; readonly machine: string};

/** The line "If you stop now" as a function of the run alone. */
export function consequence(state: RunState): Consequence {
	if (state.status === 'ended') {
		return ended(state);
	}

	if (state.kind === 'kit') {
		return ofKit(state);
	}

	return {
		connection:
			state.status === 'asking'
				? t('the run waits; start omflow-tui to answer.')
				: t('the run goes on; start omflow-tui to see it.'),
		program:
			state.status === 'rolling-back'
				? t('start omflow-tui; it finishes the roll back.')
				: t('start omflow-tui again; it continues.'),
		machine: machine(state),
	};
}

/** Nothing is down and nothing goes back. The whole command has room on the machine's row only. */
function ofKit({status}: RunState): Consequence {
	const givenUp = t('what was fetched stays; the kit is given up.');
	return {
		connection:
			status === 'asking'
				? t('the run waits; start omflow-tui kit build to answer.')
				: t('the run goes on; start omflow-tui kit build to see it.'),
		program: status === 'rolling-back' ? givenUp : t('start kit build again; it continues.'),
		machine: status === 'rolling-back' ? givenUp : t('what was fetched stays; start omflow-tui kit build to go on.'),
	};
}

function machine(state: RunState): string {
	if (state.kind === 'rehearsal') {
		return t('only the rehearsal is lost; this host stays as it is.');
	}

	const version = state.from === undefined ? t('its old version') : state.from;
	if (state.status === 'rolling-back') {
		return state.outageSince === undefined
			? t('start omflow-tui; it finishes the roll back.')
			: isHeld(state)
				? t('OMFLOW is down until it is taken back; that goes on by itself at a boot.')
				: t('OMFLOW is down until you start omflow-tui; it finishes the roll back.');
	}

	const step = currentStep(state);
	switch (step?.phase) {
		case 'window':
			return isHeld(state)
				? t('OMFLOW is down until the run is over; it goes on by itself at a boot.')
				: t('OMFLOW is down until you start omflow-tui; it resumes or rolls back.');
		case 'confirm':
			return state.outageSince === undefined
				? t('OMFLOW has {to}; start omflow-tui to keep it or roll back.', {to: step.hop ?? state.to})
				: t('OMFLOW is down until you start omflow-tui; it resumes or rolls back.');
		default:
			return t('OMFLOW comes back with {version}, untouched.', {version});
	}
}

/** Whether the host was told not to start the service at a boot, but to go on with the run. */
function isHeld({steps}: RunState): boolean {
	const hold = steps.findLast(({id, status}) => /^hold(@|$)/.test(id) && status !== 'pending');
	return hold?.status === 'done';
}

function ended(state: RunState): Consequence {
	const sentence =
		state.outcome === 'needs-attention'
			? t('the run is over, but something is left to do; see above.')
			: state.outcome === 'stopped'
				? state.kind === 'kit'
					? t('nothing changes; start omflow-tui kit build to go on.')
					: t('nothing changes; start omflow-tui again to continue the run.')
				: t('nothing happens; the run is over.');
	return {connection: sentence, program: sentence, machine: sentence};
}

/** The step that runs or asks; else the one that was worked on last; else the first. */
export function currentStep(state: RunState): StepState | undefined {
	return (
		state.steps.find(step => step.status === 'running' || step.status === 'asking' || step.status === 'undoing') ??
		state.steps.findLast(step => step.status === 'failed') ??
		state.steps.findLast(step => step.status !== 'pending') ??
		state.steps[0]
	);
}
