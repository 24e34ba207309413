import {roughly, sourceOf} from '../../engine/expected-words.js';
import type {Expected} from '../../engine/state.js';
import {type Step, StopRequest} from '../../engine/step.js';
import {mark, t} from '../../locales/index.js';
import type {Facts} from '../facts.js';
import {areInPlace} from './site.js';

/** Asks before the window is opened. Not asked again once it is: the engine then leaves out what comes before it. */
export const ready: Step<Facts> = {
	id: 'ready',
	title: mark('Open the window?'),
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
				prompt: whatComes(context.expectedOutage()),
				choices: [
					{
						value: 'later',
						label: t('Not now'),
						explanation: t('OMFLOW runs on. Start omflow-tui when the time has come; nothing is done twice.'),
					},
					{
						value: 'open',
						label: context.facts.backup ? t('Stop OMFLOW and put the backup back') : t('Stop OMFLOW and upgrade'),
						explanation: t('Stop, last backup, {work}, start, check.', {work: inTheWindow(context.facts)}),
					},
				],
				initial: 'later',
			},
			{kind: 'choice', value: 'open'},
			async ({value}) => {
				if (value === 'later') {
					throw new StopRequest(t('The window was not opened. Start omflow-tui when the time has come.'));
				}

				if (value !== 'open') {
					return t('Choose one of the two.');
				}

				return (await areInPlace(context, 'before'))
					? undefined
					: t(
							'The Apache site was changed since it was looked at. Choose “Not now” and start omflow-tui again: it is proposed anew.',
						);
			},
		);
	},
	async verify() {
		return [];
	},
};

function whatComes(outage: Expected | undefined): string {
	return outage
		? t(
				'Everything is prepared. OMFLOW stops now and is down for about {time} ({source}); if anything fails it comes back as it is.',
				{time: roughly(outage.milliseconds), source: sourceOf(outage)},
			)
		: t(
				'Everything is prepared. OMFLOW stops now, for how long is not known yet; if anything fails it comes back as it is.',
			);
}

function inTheWindow({backup, needs}: Facts): string {
	return backup ? t('files and database of the backup') : needs ? t('exchange, patch.sh') : 'patch.sh';
}
