import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {apache} from './apache.js';
import {aptSources} from './apt-sources.js';
import {archives} from './archives.js';
import {booster} from './booster.js';
import {boosterAgent} from './booster-agent.js';
import {buildTools} from './build-tools.js';
import {clock} from './clock.js';
import {collectorVersion} from './collector-version.js';
import {csrfOrigins} from './csrf-origins.js';
import {customCode} from './custom-code.js';
import {databases} from './database.js';
import {databaseEngine} from './database-engine.js';
import {databaseVersion} from './database-version.js';
import {environmentPython} from './environment-python.js';
import {linksOutside, switchable} from './links.js';
import {memory} from './memory.js';
import {mounts} from './mounts.js';
import {otherRuns} from './other-run.js';
import {ownPlace} from './own-place.js';
import {packagePlan, planFor} from './package-plan.js';
import {packageSystem} from './package-system.js';
import {offersFor, pythonCandidate} from './python-candidate.js';
import {python3} from './python3.js';
import {room} from './room.js';
import {root} from './root.js';
import {rsync} from './rsync.js';
import {services} from './service.js';
import {staging} from './staging.js';
import type {Check, Subject} from './subject.js';
import {versions} from './versions.js';

/** In the order in which they are told; they are carried out all at once. */
const checks: readonly Check[] = [
	root,
	found,
	versions,
	archives,
	booster,
	boosterAgent,
	collectorVersion,
	services,
	databases,
	databaseEngine,
	databaseVersion,
	environmentPython,
	customCode,
	csrfOrigins,
	apache,
	staging,
	rsync,
	mounts,
	memory,
	clock,
	ownPlace,
	linksOutside,
	otherRuns,
	switchable,
	python3,
	packageSystem,
	aptPackages,
	aptSources,
];

/** What apt has, and what it would do: asked once for all who want to know, since it takes apt a second each. */
async function aptPackages(subject: Subject): Promise<readonly Finding[]> {
	const plan = planFor(subject);
	if (subject.supply) {
		// What the kit has, and what apt would do with it, is for the check of the kit to tell.
		return room(subject, plan);
	}

	const offers = offersFor(subject);
	const findings = [
		pythonCandidate(subject, offers),
		buildTools(subject, offers),
		packagePlan(subject, plan),
		room(subject, plan),
	];
	return (await Promise.all(findings.map(finding => finding.catch(failed)))).flat();
}

/** What was found with the installation itself. An environment that does not run is needed where it stays. */
async function found({hops, installation}: Subject): Promise<readonly Finding[]> {
	const staying = hops[0] !== undefined && hops[0].needs === undefined;
	return installation.findings.map(finding =>
		finding.id === 'environment-broken' && staying ? {...finding, severity: 'blocker'} : finding,
	);
}

/** One check that cannot be made takes none of the others with it. */
function failed(error: Error): readonly Finding[] {
	return [
		{
			severity: 'warning',
			id: 'check-failed',
			sentence: t('A part of the check could not be made.'),
			evidence: error.message,
			remedy: t('Put right what it names, and check again.'),
		},
	];
}

const weight = {blocker: 0, warning: 1, info: 2} as const;

/** Everything that would go wrong, and what is good to know: blockers first. Changes nothing. */
export async function preflight(subject: Subject): Promise<Finding[]> {
	return carriedOut(checks, subject);
}

/** Which check told a finding, as long as somebody holds the finding. */
const toldBy = new WeakMap<Finding, Check>();

/**
Whether what was found is still so: makes the checks again that told it, and returns what they tell of the same name.
Undefined when one of them was told by nobody here: then everything is to be checked.
*/
export async function checkAgain(subject: Subject, earlier: readonly Finding[]): Promise<Finding[] | undefined> {
	const told = earlier.map(finding => toldBy.get(finding));
	if (told.length === 0 || told.includes(undefined)) {
		return undefined;
	}

	const ids = new Set(earlier.map(({id}) => id));
	const findings = await carriedOut(
		checks.filter(check => told.includes(check)),
		subject,
	);
	// That the check cannot be made at all is an answer as well.
	return findings.filter(({id}) => ids.has(id) || id === 'check-failed');
}

async function carriedOut(some: readonly Check[], subject: Subject): Promise<Finding[]> {
	const findings = await Promise.all(
		some.map(async check => {
			const told = await check(subject).catch(failed);
			for (const finding of told) {
				toldBy.set(finding, check);
			}

			return told;
		}),
	);
	return findings.flat().sort((a, b) => weight[a.severity] - weight[b.severity]);
}
