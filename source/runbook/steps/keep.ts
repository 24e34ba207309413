import {milestones} from '../../engine/stage.js';
import {RollBackRequest, type Step} from '../../engine/step.js';
import {removeTree} from '../../host/files.js';
import {type Facts, installationBefore, paths, type StepContext} from '../facts.js';
import {removeAside} from './environment.js';

/** Until here one key takes everything back; after this only the backup remains. */
export const keep: Step<Facts> = {
	id: 'keep',
	title: 'Keep or roll back',
	phase: 'confirm',
	async look() {
		// Tidying up again does no harm.
		return 'todo';
	},
	async do(context) {
		if (!context.recall(milestones.kept)) {
			await decide(context);
			await context.commit();
		}

		await removeAside(context);
		await removeTree(paths.pipCache(context));
	},
	async verify(context) {
		return [{severity: 'info', id: 'backup', sentence: `The backup stays at ${paths.backup(context)}.`}];
	},
};

async function decide(context: StepContext): Promise<void> {
	const {version} = installationBefore(context);
	await context.ask(
		{
			id: 'keep/decision',
			kind: 'choice',
			prompt: `OMFLOW ${context.facts.to} is in service and every check is passed. Log in and look at it, then decide.`,
			choices: [
				{
					value: 'keep',
					label: `Keep ${context.facts.to}`,
					explanation: context.facts.needs ? 'The old environment is removed; the backup stays.' : 'The backup stays.',
				},
				{
					value: 'roll-back',
					label: `Roll back to ${version.text}`,
					explanation: `${context.facts.needs ? 'Environment, site file, files' : 'Files'} and database go back together. What was entered since is lost.`,
				},
			],
			initial: 'keep',
		},
		{kind: 'choice', value: 'keep'},
		async ({value}) => {
			if (value === 'roll-back') {
				throw new RollBackRequest('Rolled back on request.');
			}

			return value === 'keep' ? undefined : 'Choose one of the two.';
		},
	);
}
