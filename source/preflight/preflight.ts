import type {Finding} from '../engine/state.js';
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
import {packageSystem} from './package-system.js';
import {offersFor, pythonCandidate} from './python-candidate.js';
import {python3} from './python3.js';
import {room} from './room.js';
import {root} from './root.js';
import {services} from './service.js';
import {staging} from './staging.js';
import type {Check, Subject} from './subject.js';
import {versions} from './versions.js';

/** In the order in which they are told; they are carried out all at once. */
const checks: readonly Check[] = [
	root,
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
	room,
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

async function aptPackages(subject: Subject): Promise<readonly Finding[]> {
	const offers = offersFor(subject);
	return (await Promise.all([pythonCandidate(subject, offers), buildTools(subject, offers)])).flat();
}

const weight = {blocker: 0, warning: 1, info: 2} as const;

/** Everything that would go wrong, and what is good to know: blockers first. Changes nothing. */
export async function preflight(subject: Subject): Promise<Finding[]> {
	const findings = await Promise.all(checks.map(check => check(subject)));
	return [...subject.installation.findings, ...findings.flat()].sort((a, b) => weight[a.severity] - weight[b.severity]);
}
