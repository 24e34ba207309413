import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Plan, PlannedHop} from '../engine/places.js';
import {type Context, StepError} from '../engine/step.js';
import {t} from '../locales/index.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, releases, withoutApache} from '../omflow/releases.js';
import type {Hop} from '../omflow/route.js';
import {asideOf, stagingOf} from '../preflight/scope.js';

/** What a runbook knows about its hop. Everything else it asks the system. */
export type Facts = {
	/** Marks what belongs to this hop: the name of the run, with the version where there are several. */
	readonly run: string;
	readonly to: string;
	/** The vendor's archive. */
	readonly patch: string;
	/** SHA-256 the archive must have, if the administrator said one. */
	readonly sha256?: string;
	/** Present when Python and Django change. */
	readonly needs?: Needs;
	/** This hop and those after it. */
	readonly hops: readonly Hop[];
	readonly python3Link: boolean;
	/** Whether putting the backup back is to be tried before the window. */
	readonly drill?: boolean;
	/** Name of the kit that packages come from, instead of the network; see kit/taken.ts. */
	readonly kit?: string;
	/** In a restore: the directory of the backup that is put back. */
	readonly backup?: string;
	/** Root of the installation. */
	readonly base: string;
	/** Where runs are kept. */
	readonly state: string;
};

export type StepContext = Context<Facts>;

/** Keys of the undo ledger. */
export const recorded = {
	/** When it was agreed to what will be done, and the SHA-256 of each file of the vendor's terms. */
	agreement: 'agreement',
	/** The installation as it was before anything was done. */
	installation: 'installation',
	/** In a restore: the installation as the backup holds it. */
	wanted: 'wanted-installation',
	/** In a restore: the files outside the installation that go with it. */
	systemFiles: 'system-files',
	/** The site files: real path, pre-image and draft of each. */
	site: 'site',
	/** How long the files of the first backup copy took, in milliseconds. */
	firstCopy: 'first-copy-took',
	/** The dumps of the first backup copy. */
	firstDumps: 'first-dumps',
	/** The final backup is complete; from then on it is not touched. */
	sealed: 'backup-sealed',
	/** patch.sh, or putting another backup back, was begun; and that it came to its end. */
	patchBegun: 'patch-begun',
	patchDone: 'patch-done',
	python3: 'python3-link',
	/** Sizes of the service's logs before the new version started, by path. */
	logPositions: 'log-positions',
	/** What the newest look at the new version has shown. */
	seen: 'seen',
	/** Sizes of the same logs before the old version was started again. */
	oldLogSizes: 'old-log-sizes',
	/** Names of the packages that apt had installed before, and how many it has added. */
	systemPackages: 'packages-before',
	packagesAdded: 'packages-added',
	pipBegun: 'pip-begun',
	pipDone: 'pip-done',
	/** How the service was found when the window opened. */
	before: 'before-the-window',
	/** When the new version was started last, in milliseconds since the epoch. */
	startedAt: 'started-at',
	/** The boot in which OMFLOW stood still last for the patch, or for its start. */
	stoppedIn: 'stopped-in',
	/** While everything is taken back: OMFLOW stands still. */
	stoodStill: 'stood-still',
} as const;

export type RecordedSite = {
	readonly files: ReadonlyArray<{readonly path: string; readonly before: string; readonly draft: string}>;
	/** Module file in the new environment. */
	readonly module: string;
};

/** What a plan keeps about a hop, besides where it leads. */
export type HopOptions = {
	readonly from: string;
	readonly archive: string;
	readonly sha256?: string;
	readonly needs?: Needs;
	/** Instead of an archive: the backup that is put back. */
	readonly backup?: string;
};

/** The name of the run itself. */
export function runOf({run}: Facts): string {
	return run.split('@')[0] ?? run;
}

/** Reads the facts of a hop from the plan of its run. */
export function factsOf(plan: Plan, index: number, state: string): Facts {
	const [hop, ...later] = plan.hops.slice(index);
	if (!hop) {
		throw new Error(t('The run {id} has no hop {index}.', {id: plan.id, index: index + 1}));
	}

	const {archive = '', needs, sha256} = hopOf(hop);
	const {backup} = hop.options as Partial<HopOptions>;
	return {
		run: plan.hops.length > 1 ? `${plan.id}@${hop.to}` : plan.id,
		to: hop.to,
		patch: archive,
		...(sha256 ? {sha256} : {}),
		...(needs ? {needs} : {}),
		...(backup ? {backup} : {}),
		hops: [hop, ...later].map(hopOf),
		python3Link: plan.options.python3Link === true,
		drill: plan.options.drill === true,
		...(typeof plan.options.kit === 'string' ? {kit: plan.options.kit} : {}),
		base: String(plan.options.base ?? '/opt/omflow'),
		state,
	};
}

function hopOf({to, runbook, options}: PlannedHop): Hop {
	const kept = options as Partial<HopOptions>;
	// Plans of schema 1 kept the archive as `patch`, and not what the version needs.
	const archive = kept.archive ?? (typeof options.patch === 'string' ? options.patch : undefined);
	const known = runbook === 'environment' ? releases.find(({version}) => version === to)?.needs : undefined;
	const needs = kept.needs ?? known;
	return {
		from: kept.from ?? '',
		to,
		...(archive ? {archive} : {}),
		...(kept.sha256 ? {sha256: kept.sha256} : {}),
		...(needs ? {needs} : {}),
	};
}

/** What the new version needs. Throws for a hop that changes neither Python nor Django. */
export function needsOf(context: StepContext): Needs {
	const {needs, to} = context.facts;
	if (!needs) {
		throw new StepError(t('What {to} needs is not known.', {to}), t('Start the upgrade anew.'));
	}

	return installationBefore(context).apache ? needs : withoutApache(needs);
}

/** The installation as it was found by the first step. Throws when that step never ran. */
export function installationBefore(context: StepContext): Installation {
	const found = context.recall<Installation | EarlierInstallation>(recorded.installation);
	if (!found) {
		throw new StepError(
			t('The installation was not looked at yet.'),
			t('Start omflow-tui again: it begins with that.'),
		);
	}

	return 'directory' in found ? found : {...found, role: 'server', directory: found.server, beside: [], settings: {}};
}

/** The installation as it is to run afterwards: in an upgrade, in the places and with the service it had before. */
export function installationWanted(context: StepContext): Installation {
	return context.recall<Installation>(recorded.wanted) ?? installationBefore(context);
}

/** As runs kept it whose plan has schema 1: of a server alone. */
type EarlierInstallation = Omit<Installation, 'role' | 'directory' | 'beside' | 'settings'> & {readonly server: string};

/** Paths of a hop. `aside` lies on the filesystem of the environment, so that both can change places. */
export const paths = {
	aside: (facts: Facts) => asideOf(facts.base),
	staging: (facts: Facts) => stagingOf(facts.base, facts.run),
	environment: (facts: Facts) => join(facts.base, 'python'),
	patch: (context: StepContext) => join(context.directory, 'patch'),
	requirements: (context: StepContext) => join(context.directory, 'requirements.txt'),
	/** What has to be there before something of a kit can be built. */
	buildRequirements: (context: StepContext) => join(context.directory, 'build-requirements.txt'),
	constraints: (context: StepContext) => join(context.directory, 'constraints.txt'),
	packagesBefore: (context: StepContext) => join(context.directory, 'packages-before.txt'),
	/** Names of the packages that apt has added, one a line. */
	packagesAdded: (context: StepContext) => join(context.directory, 'packages-added.txt'),
	pipCache: (context: StepContext) => join(context.directory, 'pip-cache'),
	drafts: (context: StepContext) => join(context.directory, 'site'),
	backup: (context: StepContext) => join(context.directory, 'backup'),
	/** Listing of the installation as it is in service, so that the window has to read only what changed. */
	listing: (context: StepContext) => join(context.directory, 'installation.ndjson'),
};

/** Lines of a text file without the empty ones. */
export async function linesOf(path: string): Promise<string[]> {
	return (await readFile(path, 'utf8')).split('\n').filter(line => line.trim() !== '');
}
