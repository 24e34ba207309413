import {type Marked, mark} from '../locales/index.js';
import type {Outcome, RunState, Severity, StepStatus} from './state.js';

/** What people read for the names that are used in progress, events and JSON. */

export const kindWord: Readonly<Record<RunState['kind'], Marked>> = {
	upgrade: mark('upgrade'),
	rehearsal: mark('rehearsal'),
	restore: mark('restore'),
	kit: mark('kit'),
};

export const outcomeWord: Readonly<Record<Outcome, Marked>> = {
	kept: mark('kept'),
	'rolled-back': mark('rolled-back'),
	stopped: mark('stopped'),
	blocked: mark('blocked'),
	'needs-attention': mark('needs-attention'),
};

export const severityWord: Readonly<Record<Severity, Marked>> = {
	blocker: mark('blocker'),
	warning: mark('warning'),
	info: mark('info'),
};

export const statusWord: Readonly<Record<StepStatus, Marked>> = {
	pending: mark('not started'),
	running: mark('running'),
	asking: mark('needs an answer'),
	done: mark('done'),
	skipped: mark('skipped'),
	failed: mark('failed'),
	undoing: mark('undoing'),
	undone: mark('undone'),
};
