import {type Step, StopRequest} from '../../engine/step.js';
import type {Facts} from '../facts.js';
import {areInPlace} from './site.js';

/** Asks before the window is opened. Not asked again once it is: the engine then leaves out what comes before it. */
export const ready: Step<Facts> = {
	id: 'ready',
	title: 'Open the window?',
	phase: 'prepare',
	async look() {
		return 'todo';
	},
	async do(context) {
		await context.ask(
			{
				id: 'ready/open',
				always: true,
				kind: 'choice',
				prompt: 'Everything is prepared. OMFLOW stops now for some seconds; if anything fails it comes back as it is.',
				choices: [
					{
						value: 'later',
						label: 'Not now',
						explanation: 'OMFLOW runs on. Start omflow-tui when the time has come; nothing is done twice.',
					},
					{
						value: 'open',
						label: context.facts.backup ? 'Stop OMFLOW and put the backup back' : 'Stop OMFLOW and upgrade',
						explanation: `Stop, last backup, ${inTheWindow(context.facts)}, start, check.`,
					},
				],
				initial: 'later',
			},
			{kind: 'choice', value: 'open'},
			async ({value}) => {
				if (value === 'later') {
					throw new StopRequest('The window was not opened. Start omflow-tui when the time has come.');
				}

				if (value !== 'open') {
					return 'Choose one of the two.';
				}

				return (await areInPlace(context, 'before'))
					? undefined
					: 'The Apache site was changed since it was looked at. Choose “Not now” and start omflow-tui again: it is proposed anew.';
			},
		);
	},
	async verify() {
		return [];
	},
};

function inTheWindow({backup, needs}: Facts): string {
	return backup ? 'files and database of the backup' : needs ? 'exchange, patch.sh' : 'patch.sh';
}
