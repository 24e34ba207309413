import type {Step} from '../../engine/step.js';
import {type LinkState, pointAt, pythonLink} from '../../host/alternatives.js';
import {type Facts, needsOf, recorded, type StepContext} from '../facts.js';

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
		const {stdout} = await context.capture(['/usr/bin/python3', '-I', '-V']);
		return stdout.includes(` ${needsOf(context).python}.`)
			? []
			: [{severity: 'warning', id: 'python3', sentence: `python3 is ${stdout.trim()} now.`}];
	},
	async undo(context) {
		const before = context.recall<LinkState | null>(recorded.python3);
		if (!before) {
			return;
		}

		// OMFLOW does not need this link: it must not keep files and database from going back.
		await pointAt(before.target).catch(async (error: Error) =>
			context.say(
				`/usr/bin/python3 does not point to ${before.target} again: ${error.message} ` +
					`When that is put right: ln -sfn ${before.target} /usr/bin/python3`,
			),
		);
	},
	undoes: () => 'Let /usr/bin/python3 point where it pointed.',
};

function target(context: StepContext): string {
	return `/usr/bin/python${needsOf(context).python}`;
}
