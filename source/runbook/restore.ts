import type {Step} from '../engine/step.js';
import {mark} from '../locales/index.js';
import type {Facts} from './facts.js';
import {backup} from './steps/backup.js';
import {checkBackup} from './steps/check-backup.js';
import {copy} from './steps/copy.js';
import {health} from './steps/health.js';
import {hold} from './steps/hold.js';
import {keep} from './steps/keep.js';
import {putBack} from './steps/put-back.js';
import {ready} from './steps/ready.js';
import {start} from './steps/start.js';
import {stop} from './steps/stop.js';

/** The way back to a kept backup, also long after. What is there now is copied first: until it is kept, this goes back too. */
export const restoreSteps: ReadonlyArray<Step<Facts>> = [
	checkBackup,
	{...copy, title: mark('First copy of what is there now')},
	ready,
	{...stop, documented: undefined},
	{...backup, title: mark('Final copy of what is there now')},
	hold,
	putBack,
	{...start, documented: undefined},
	health,
	keep,
];
