import type {ByHand, RunState, ServiceState, StepState} from '../engine/state.js';
import {t} from '../locales/index.js';
import {duration, tenths} from './format.js';
import {harmless} from './harmless.js';
import {fit, type Line, paragraph, plain, wrap} from './lines.js';
import {factLines} from './panes/facts.js';
import {findingLines} from './panes/findings.js';
import {paneLines} from './panes/index.js';
import type {Glyphs} from './theme.js';

/** What is told about a step above its last output. */
export function stepLines(step: StepState, columns: number, glyphs: Glyphs): Line[] {
	const note = harmless(step.note ?? '', glyphs.dot);
	const failed = step.status === 'failed';
	const findings = step.pane?.kind === 'findings' ? [] : step.findings;
	return joined([
		[
			...(note === '' ? [] : paragraph(note, columns, failed ? 'bad' : 'plain')),
			...(step.remedy === undefined
				? []
				: paragraph(`${glyphs.arrow} ${harmless(step.remedy, glyphs.dot)}`, columns, 'accent')),
		],
		step.pane === undefined ? [] : paneLines(step.pane, columns, glyphs),
		findingLines(findings, columns, glyphs),
	]);
}

/** The service as its users see it; its log follows below as a step's output does. */
export function serviceLines(state: RunState, columns: number, glyphs: Glyphs): Line[] {
	const {service} = state;
	if (service === undefined) {
		return paragraph(t('The service was not asked yet.'), columns, 'quiet');
	}

	return factLines([[t('address'), service.url], [t('answer'), replyOf(service)], ...service.facts], columns, glyphs);
}

function replyOf({answers, milliseconds, reply}: ServiceState): string {
	if (!answers) {
		return t('none: {reply}', {reply});
	}

	return milliseconds === undefined
		? reply
		: t('{reply} in {milliseconds} ms', {reply, milliseconds: Math.round(milliseconds)});
}

/** How the run ended, in full. */
export function outcomeLines(state: RunState, columns: number, glyphs: Glyphs): Line[] {
	const failed = state.steps.filter(step => step.status === 'failed');
	const blockers = state.steps.flatMap(step => step.findings.filter(({severity}) => severity === 'blocker'));
	const isBad = state.outcome === 'blocked' || state.outcome === 'needs-attention';
	return joined([
		paragraph(harmless(state.message ?? '', glyphs.dot), columns, isBad ? 'bad' : 'plain'),
		byHandLines(state.byHand ?? [], columns, glyphs),
		failed.flatMap(step => [
			...paragraph(harmless(`${glyphs.status.failed} ${step.title}: ${step.note ?? 'failed.'}`, glyphs.dot), columns),
			...(step.remedy === undefined
				? []
				: paragraph(`${glyphs.arrow} ${harmless(step.remedy, glyphs.dot)}`, columns, 'accent', 2)),
		]),
		findingLines(blockers, columns, glyphs),
		factLines(
			[
				...(state.kind === 'kit'
					? []
					: [[t('outage'), state.outageMilliseconds === 0 ? t('none') : tenths(state.outageMilliseconds)] as const]),
				[t('took'), duration((state.endedAt ?? state.startedAt) - state.startedAt)],
				[t('logs'), state.logs],
				...(state.byHand ? [[t('by hand'), state.logs.replace(/logs$/, 'by-hand.txt')] as const] : []),
			],
			columns,
			glyphs,
		),
		paragraph(t('Press q to leave.'), columns, 'quiet'),
	]);
}

/** What is left to do, with the commands for it. */
function byHandLines(byHand: readonly ByHand[], columns: number, glyphs: Glyphs): Line[] {
	return byHand.flatMap(({commands, what}, index) => [
		...paragraph(harmless(`${index + 1}. ${what}`, glyphs.dot), columns),
		...commands.flatMap(command => paragraph(harmless(command, glyphs.dot), columns, 'accent', 3)),
	]);
}

/** The last lines of output, as many as there is room for; the newest is at the bottom. */
export function tailLines(tail: readonly string[], columns: number, rows: number, glyphs: Glyphs): Line[] {
	return tail
		.slice(-rows)
		.map(line => plain(fit(harmless(line, glyphs.dot), columns, glyphs.more), 'quiet'))
		.slice(-rows);
}

/** Paragraphs with an empty line between those that are not empty. */
export function joined(parts: ReadonlyArray<readonly Line[]>): Line[] {
	return parts
		.filter(part => part.length > 0)
		.flatMap((part, index) => (index === 0 ? [...part] : [plain(''), ...part]));
}

/** How the rows of a pane are shared between what is told and the last output. */
export type Share = {readonly content: number; readonly tail: number};

export function share(rows: number, content: number, hasTail: boolean): Share {
	if (!hasTail) {
		return {content: rows, tail: 0};
	}

	const least = Math.min(5, Math.max(2, Math.floor(rows / 3)));
	// One row for the rule between, and one free row above it when there is room.
	const tail = Math.max(least, rows - content - (content === 0 ? 1 : 2));
	return {content: Math.max(0, rows - tail - 1), tail};
}

/** Wraps text for a screen of its own. */
export function sentences(text: string, columns: number): Line[] {
	return text.split('\n').flatMap(line => wrap(harmless(line), columns).map(part => plain(part)));
}
