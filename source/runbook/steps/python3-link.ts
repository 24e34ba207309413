import type {Step} from '../../engine/step.js';
import {type LinkState, pointAt, putLinkBack, pythonLink} from '../../host/alternatives.js';
import {showCommand} from '../../host/process.js';
import {t} from '../../locales/index.js';
import {type Facts, needsOf, recorded, type StepContext} from '../facts.js';

const link = '/usr/bin/python3';

/** Lets `python3` be the new Python. Only if asked for: tools of the system may stop working with it. */
export const python3Link: Step<Facts> = {
	id: 'python3-link',
	title: 'python3 link',
	phase: 'window',
	documented: '4',
	wanted: context => context.facts.python3Link,
	async look(context) {
		return (await pythonLink())?.target === target(context) ? 'done' : 'todo';
	},
	async do(context) {
		if (context.recall(recorded.python3) === undefined) {
			await context.record(recorded.python3, (await pythonLink()) ?? null);
		}

		await pointAt(target(context));
	},
	async verify(context) {
		const {stdout} = await context.capture([link, '-I', '-V']);
		return stdout.includes(` ${needsOf(context).python}.`)
			? []
			: [{severity: 'warning', id: 'python3', sentence: t('python3 is {stdout} now.', {stdout: stdout.trim()})}];
	},
	async undo(context) {
		const before = context.recall<LinkState | null>(recorded.python3);
		if (before === undefined) {
			return [];
		}

		try {
			await putLinkBack(before ?? undefined);
			return [];
		} catch (error) {
			// OMFLOW does not need this link: it must not keep files and database from going back.
			const sentence = t('{link} is not as it was: {message}', {link, message: (error as Error).message});
			return [
				{
					severity: 'warning',
					id: 'python3',
					sentence,
					remedy: t('When that is put right: {before}', {before: command(before)}),
				},
			];
		}
	},
	undoes(context) {
		const before = context.recall<LinkState | null>(recorded.python3);
		return before
			? t('Let {link} point to {target} again.', {link, target: before.target})
			: t('Let {link} be as it was.', {link});
	},
	async byHand(context) {
		const before = context.recall<LinkState | null>(recorded.python3);
		return before === undefined ? [] : [command(before)];
	},
};

/** What puts the link back; null is for one that was not there. */
function command(before: LinkState | null): string {
	return showCommand(before ? ['ln', '-sfn', before.target, link] : ['rm', '-f', link]);
}

function target(context: StepContext): string {
	return `/usr/bin/python${needsOf(context).python}`;
}
