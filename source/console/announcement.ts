import {roughly, sourceOf} from '../engine/expected-words.js';
import type {RunState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {currentStep} from './consequence.js';

/**
The next dangerous moment, while everything before it is harmless: that the window opens, for how long, and whether
somebody is asked before. The same in fewer words after it, for where there is no room; empty when it is not ahead.
*/
export function announcement(state: RunState): readonly string[] {
	if (!isAhead(state)) {
		return [];
	}

	const {expectedOutage: outage, unattended} = state;
	if (!outage) {
		return unattended
			? [
					t('Next: the window opens and OMFLOW is down, for how long is not known yet; nobody is asked.'),
					t('Next: the window opens and OMFLOW is down; nobody is asked.'),
					t('Next: OMFLOW is down for a while; nobody is asked.'),
				]
			: [
					t('Next: the window opens and OMFLOW is down, for how long is not known yet; you are asked first.'),
					t('Next: the window opens and OMFLOW is down; you are asked first.'),
					t('Next: OMFLOW is down for a while; you are asked first.'),
				];
	}

	const time = roughly(outage.milliseconds);
	const source = sourceOf(outage);
	return unattended
		? [
				t('Next: the window opens, OMFLOW is down for about {time} ({source}); nobody is asked.', {time, source}),
				t('Next: the window opens, OMFLOW is down for about {time}; nobody is asked.', {time}),
				t('Next: OMFLOW is down for about {time}; nobody is asked.', {time}),
				t('Next: down for about {time}; nobody is asked.', {time}),
			]
		: [
				t('Next: the window opens, OMFLOW is down for about {time} ({source}); you are asked first.', {time, source}),
				t('Next: the window opens, OMFLOW is down for about {time}; you are asked first.', {time}),
				t('Next: OMFLOW is down for about {time}; you are asked first.', {time}),
				t('Next: down for about {time}; you are asked first.', {time}),
			];
}

/** Whether the run is on its way to a window. With its own question open it is announced there. */
function isAhead(state: RunState): boolean {
	const step = currentStep(state);
	if ((state.status !== 'running' && state.status !== 'asking') || step?.phase !== 'prepare') {
		return step?.phase === 'sample' && state.status === 'running';
	}

	const next = state.steps[state.steps.indexOf(step) + 1];
	return !(state.status === 'asking' && next?.phase === 'window') && state.steps.some(({phase}) => phase === 'window');
}
