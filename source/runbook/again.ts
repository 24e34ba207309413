import {StopRequest} from '../engine/step.js';
import {t} from '../locales/index.js';
import type {StepContext} from './facts.js';

/** OMFLOW was stopped by the run, and runs: somebody, or the machine at its start, started it. People may be at work. */
export type RunsAgain = {
	readonly id: string;
	/** What was found, and what stopping it would do to what was entered since. */
	readonly found: string;
	readonly leave: string;
	readonly stop: string;
	/** What was entered since would be lost: without a person nobody decides that. */
	readonly loses: boolean;
};

/** Asks whether it may be stopped. Returns when it may; else the run ends here, and can be gone on with. */
export async function askToStop(context: StepContext, {id, found, leave, stop, loses}: RunsAgain): Promise<void> {
	await context.ask(
		{
			id,
			always: true,
			kind: 'choice',
			prompt: found,
			choices: [
				{value: 'later', label: t('Leave it running'), explanation: leave},
				{value: 'stop', label: t('Stop it and go on'), explanation: stop},
			],
			initial: 'later',
		},
		{kind: 'choice', value: loses ? 'undecided' : 'stop'},
		async ({value}) => {
			if (value === 'undecided') {
				throw new StopRequest(t('{found} Start omflow-tui in a terminal and decide.', {found}), 'needs-attention');
			}

			if (value === 'later') {
				throw new StopRequest(t('OMFLOW runs on as it is. Start omflow-tui when it may be stopped.'));
			}

			return value === 'stop' ? undefined : t('Choose one of the two.');
		},
	);
}
