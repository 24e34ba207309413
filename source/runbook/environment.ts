import type {Step} from '../engine/step.js';
import type {Facts} from './facts.js';
import {apply} from './steps/apply.js';
import {backup} from './steps/backup.js';
import {check} from './steps/check.js';
import {copy} from './steps/copy.js';
import {environment} from './steps/environment.js';
import {health} from './steps/health.js';
import {hold} from './steps/hold.js';
import {keep} from './steps/keep.js';
import {packages} from './steps/packages.js';
import {patch} from './steps/patch.js';
import {pythonPackages} from './steps/python-packages.js';
import {python3Link} from './steps/python3-link.js';
import {ready} from './steps/ready.js';
import {requirements} from './steps/requirements.js';
import {site} from './steps/site.js';
import {start} from './steps/start.js';
import {stop} from './steps/stop.js';
import {exchangeEnvironment} from './steps/switch.js';

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
	hold,
	exchangeEnvironment,
	apply,
	python3Link,
	start,
	health,
	keep,
];
