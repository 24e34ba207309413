import type {Plan} from '../../engine/places.js';
import type {Step} from '../../engine/step.js';
import type {Runbook} from '../../engine/worker.js';
import type {Installation} from '../../omflow/installation.js';
import {apply} from './apply.js';
import {backup} from './backup.js';
import {check} from './check.js';
import {copy} from './copy.js';
import {environment} from './environment.js';
import {type Facts, factsFrom, recorded} from './facts.js';
import {health} from './health.js';
import {keep} from './keep.js';
import {packages} from './packages.js';
import {patch} from './patch.js';
import {probeService} from './probe.js';
import {pythonPackages} from './python-packages.js';
import {python3Link} from './python3-link.js';
import {ready} from './ready.js';
import {requirements} from './requirements.js';
import {site} from './site.js';
import {start} from './start.js';
import {stop} from './stop.js';
import {exchangeEnvironment} from './switch.js';

/** The way to 1.2.0.0: a new Python and a new Django under OMFLOW. Reads like the vendor's page, in a safer order. */
export const environmentSteps: ReadonlyArray<Step<Facts>> = [
	check,
	patch,
	packages,
	requirements,
	environment,
	pythonPackages,
	site,
	copy,
	ready,
	stop,
	backup,
	exchangeEnvironment,
	apply,
	python3Link,
	start,
	health,
	keep,
];

/** The runbook of a plan, ready for the engine. */
export function environmentRunbook(plan: Plan): Runbook<Facts> {
	return {
		steps: environmentSteps,
		facts: factsFrom(plan),
		probe: async recall => probeService(recall<Installation>(recorded.installation)),
	};
}
