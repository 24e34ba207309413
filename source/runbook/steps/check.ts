import {milestones} from '../../engine/stage.js';
import type {Fact, Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {mark, t} from '../../locales/index.js';
import {findInstallation, type Installation, partsOf} from '../../omflow/installation.js';
import {type Release, readReleases} from '../../omflow/releases.js';
import type {Subject} from '../../preflight/subject.js';
import {examine} from '../examine.js';
import {type Facts, recorded, type StepContext} from '../facts.js';
import {kitHere} from '../supply.js';

/** Finds the installation and whether the way ahead may be taken with it. Changes nothing. */
export const check: Step<Facts> = {
	id: 'check',
	title: mark('Check'),
	phase: 'prepare',
	documented: 'check',
	async look(context) {
		// What was found when the run began may be days old when it goes on.
		return context.recall(milestones.windowOpened) ? 'done' : 'todo';
	},
	async do(context) {
		const installation = await findInstallation(context, {base: context.facts.base}).catch((error: Error) => {
			throw StepError.blocked('installation', error.message);
		});
		await context.record(recorded.installation, installation);
		context.found(installation.version.text, factsOf(installation));
		const releases = await readReleases().catch((error: Error) => {
			throw StepError.blocked('releases', error.message);
		});
		const findings = await findingsOf(context, installation, releases);
		await context.record('findings', findings);
		context.show({kind: 'findings', findings});
	},
	async verify(context) {
		return context.recall<Finding[]>('findings') ?? [];
	},
};

async function findingsOf(
	context: StepContext,
	installation: Installation,
	releases: readonly Release[],
): Promise<readonly Finding[]> {
	const {hops, python3Link, run, state} = context.facts;
	const own = {name: run, directory: context.directory};
	const subject: Subject = {runner: context, installation, hops, releases, state, python3Link, run: own};
	return examine(subject, await kitHere(context));
}

function factsOf(installation: Installation): Fact[] {
	return [
		[t('Version'), installation.version.text],
		['Python', installation.environment.python],
		...partsOf(installation).flatMap(({database, role, service}): Fact[] => [
			[t('Database'), `${role}: ${database.kind}`],
			[t('Service'), service.unit ?? service.start.join(' ')],
		]),
	];
}
