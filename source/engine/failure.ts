import {isDiskFull} from '../host/files.js';
import {CommandError} from '../host/process.js';
import {mark, t} from '../locales/index.js';
import type {Room} from './room.js';
import type {Finding} from './state.js';
import {StepError} from './step.js';

/** Why a step failed, for people. */
export type Failure = {readonly message: string; readonly remedy?: string; readonly findings: readonly Finding[]};

/** What and why, then what to do. */
export function sentences({message, remedy}: Failure): string {
	return `${message}${remedy ? ` ${remedy}` : ''}`;
}

/** Why a step failed. A full disk explains what a program may not even have had the room to say. */
export function explain(error: unknown, room: Room | undefined): Failure {
	const failure = explainItself(error);
	// What names the disk itself needs no second word about it.
	if (failure.message.toLowerCase().includes(t('disk')) || !room || room.bytes > tightRoom) {
		return failure;
	}

	const free = `${(room.bytes / 1e6).toFixed(1)} MB`;
	return {
		...failure,
		message: t('{message} The disk was full meanwhile: {free} were free {where}.', {
			message: failure.message,
			free,
			where: room.where,
		}),
		remedy: t(makeRoom),
	};
}

/** Less than this is what a failed program left over. */
const tightRoom = 4_000_000;
const makeRoom = mark('Make room and start omflow-tui again.');

function explainItself(error: unknown): Failure {
	if (error instanceof StepError) {
		return {message: error.message, findings: error.findings, ...(error.remedy ? {remedy: error.remedy} : {})};
	}

	if (error instanceof CommandError) {
		if (/No space left on device|Disk quota exceeded/.test(error.lastOutput)) {
			return {message: t('{message}: the disk is full.', {message: error.message}), remedy: t(makeRoom), findings: []};
		}

		const last = error.lastOutput.split('\n').at(-1)?.trim();
		return {
			message: asSentence(`${error.message}${last ? `: ${last}` : ''}`),
			remedy: t('Its output is in the log of this step.'),
			findings: [],
		};
	}

	if (isDiskFull(error)) {
		const path = error.path ? t(': there is no room for {path}', {path: error.path}) : '';
		return {message: t('The disk is full{path}.', {path}), remedy: t(makeRoom), findings: []};
	}

	return {message: asSentence(error instanceof Error ? error.message : String(error)), findings: []};
}

function asSentence(text: string): string {
	return /[.!?\u2026\u3002\uFF01\uFF1F]$/.test(text) ? text : `${text}.`;
}

/** Fails the step whose findings these are, if one of them forbids to go on. */
export function refuseBlockers(findings: readonly Finding[]): void {
	const blockers = findings.filter(({severity}) => severity === 'blocker');
	if (blockers[0]) {
		const more = blockers.length > 1 ? t(' (and {count} more)', {count: blockers.length - 1}) : '';
		throw new StepError(`${blockers[0].sentence}${more}`, blockers[0].remedy, findings);
	}
}
