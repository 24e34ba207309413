import type {Step} from '../engine/step.js';
import type {Facts} from './facts.js';
import {apply} from './steps/apply.js';
import {backup} from './steps/backup.js';
import {check} from './steps/check.js';
import {copy} from './steps/copy.js';
import {health} from './steps/health.js';
import {hold} from './steps/hold.js';
import {keep} from './steps/keep.js';
import {patch} from './steps/patch.js';
import {ready} from './steps/ready.js';
import {start} from './steps/start.js';
import {stop} from './steps/stop.js';

/** The ordinary update, under which Python and Django stay: the vendor's “General Update Steps”. */
export const generalSteps: ReadonlyArray<Step<Facts>> = [
	check,
	{...patch, documented: '2'},
	{...copy, documented: '1'},
	ready,
	{...stop, documented: undefined},
	{...backup, documented: '1'},
	hold,
	{...apply, documented: '3'},
	{...start, documented: '4'},
	health,
	keep,
];
