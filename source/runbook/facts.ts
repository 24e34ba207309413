import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Plan} from '../engine/places.js';
import {type Context, StepError} from '../engine/step.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, releases} from '../omflow/releases.js';

/** What this runbook knows about its run. Everything else it asks the system. */
export type Facts = {
	readonly run: string;
	readonly to: string;
	/** The vendor's archive. */
	readonly patch: string;
	readonly python3Link: boolean;
	readonly release: Needs;
	/** Root of the installation. */
	readonly base: string;
};

export type StepContext = Context<Facts>;

/** Keys of the undo ledger. */
export const recorded = {
	/** The installation as it was before anything was done. */
	installation: 'installation',
	/** The site files: real path, pre-image and draft of each. */
	site: 'site',
	/** The final backup is complete; from then on it is not touched. */
	sealed: 'backup-sealed',
	/** patch.sh was begun; and that it came to its end. */
	patchBegun: 'patch-begun',
	patchDone: 'patch-done',
	python3: 'python3-link',
	/** Sizes of the service's logs before the new version started, by path. */
	logPositions: 'log-positions',
	pipBegun: 'pip-begun',
	pipDone: 'pip-done',
	/** How the service was found when the window opened. */
	before: 'before-the-window',
} as const;

export type RecordedSite = {
	readonly files: ReadonlyArray<{readonly path: string; readonly before: string; readonly draft: string}>;
	/** Module file in the new environment. */
	readonly module: string;
};

/** Reads the facts of a run from its plan. */
export function factsFrom(plan: Plan): Facts {
	const release = releases.find(({version}) => version === plan.to)?.needs;
	if (!release) {
		throw new Error(
			`The change of environment is known for ${releases.flatMap(({needs, version}) => (needs ? [version] : [])).join(', ')}, not for ${plan.to}.`,
		);
	}

	return {
		run: plan.id,
		to: plan.to,
		patch: String(plan.options.patch),
		python3Link: plan.options.python3Link === true,
		release,
		base: '/opt/omflow',
	};
}

/** The installation as it was found by the first step. Throws when that step never ran. */
export function installationBefore(context: StepContext): Installation {
	const found = context.recall<Installation>(recorded.installation);
	if (!found) {
		throw new StepError('The installation was not looked at yet.', 'Start omflow-tui again: it begins with that.');
	}

	return found;
}

/** Paths of a run. `aside` lies on the filesystem of the environment, so that both can change places. */
export const paths = {
	aside: (facts: Facts) => join(facts.base, '.omflow-tui'),
	staging: (facts: Facts) => join(facts.base, '.omflow-tui', facts.run, 'python'),
	environment: (facts: Facts) => join(facts.base, 'python'),
	server: (facts: Facts) => join(facts.base, 'server'),
	patch: (context: StepContext) => join(context.directory, 'patch'),
	requirements: (context: StepContext) => join(context.directory, 'requirements.txt'),
	constraints: (context: StepContext) => join(context.directory, 'constraints.txt'),
	packagesBefore: (context: StepContext) => join(context.directory, 'packages-before.txt'),
	pipCache: (context: StepContext) => join(context.directory, 'pip-cache'),
	drafts: (context: StepContext) => join(context.directory, 'site'),
	backup: (context: StepContext) => join(context.directory, 'backup'),
};

/** Lines of a text file without the empty ones. */
export async function linesOf(path: string): Promise<string[]> {
	return (await readFile(path, 'utf8')).split('\n').filter(line => line.trim() !== '');
}
