import {harmless} from '../console/harmless.js';
import {pad} from '../console/lines.js';
import {waitsFor} from '../console/silence.js';
import {Attached} from '../engine/attach.js';
import type {RunEvent} from '../engine/events.js';
import {eventIn, readEvents} from '../engine/events-file.js';
import {isLocked} from '../engine/lock.js';
import {places, readPlan} from '../engine/places.js';
import type {ByHand, Finding, Outcome, Question, RunState} from '../engine/state.js';
import {kindWord, outcomeWord, severityWord} from '../engine/words.js';
import {t} from '../locales/index.js';

/** Exit statuses of the program. */
export const exitStatus = {
	kept: 0,
	'rolled-back': 1,
	usage: 2,
	blocked: 3,
	'needs-attention': 4,
	stopped: 5,
	locked: 75,
} as const satisfies Record<Outcome | 'usage' | 'locked', number>;

export type RunEnded = RunEvent & {event: 'run-ended'};

/**
Prints a run without a full-screen console: every event as a line, from the run's own event file, so that
nothing is missed however late this starts. Returns the last event; undefined when the worker is gone
before it wrote one.
*/
export async function followRun(options: {
	readonly state: string;
	readonly id: string;
	readonly json: boolean;
	/** Bytes of the event file that were printed before. */
	readonly from?: number;
	readonly print: (line: string) => void;
}): Promise<{ended: RunEnded | undefined; position: number}> {
	const run = places.run(options.state, options.id);
	const hasService = (await readPlan(run))?.kind !== 'kit';
	let position = options.from ?? 0;
	const decoder = new TextDecoder();
	let rest = '';
	let wakeUp = () => {};
	const begin = position;
	const patience = Date.now() + 10_000;
	let attached: Attached | undefined;
	try {
		for (;;) {
			if (!attached) {
				attached = await Attached.to(options.state);
				attached?.subscribe(() => wakeUp());
			}

			// Asked before reading: what it wrote before it ended is then in the file.
			const isExpected = position === begin && Date.now() < patience;
			const alive = attached ? !attached.lost : isExpected || (await isLocked(options.state));
			const {bytes} = readEvents(run, () => position);
			position += bytes.length;
			const lines = (rest + decoder.decode(bytes, {stream: true})).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				const event = eventIn(line);
				if (!event) {
					continue;
				}

				const shown = options.json ? line : harmlessLines(describe(event, hasService));
				if (shown !== undefined) {
					options.print(shown);
				}

				if (event.event === 'run-ended') {
					return {ended: event, position};
				}
			}

			if (!alive && bytes.length === 0) {
				return {ended: attached && endedUnwritten(attached.state(), options), position};
			}

			await new Promise<void>(resolve => {
				// A worker that is quick may be over before there was anything to attach to.
				const timer = setTimeout(resolve, attached ? 500 : 50);
				wakeUp = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	} finally {
		attached?.close();
	}
}

/** The end of a run whose event file had no room left for it, as its worker told it. Printed as the others are. */
function endedUnwritten(
	{id, outcome, message = '', outageMilliseconds}: RunState,
	options: {readonly id: string; readonly json: boolean; readonly print: (line: string) => void},
): RunEnded | undefined {
	if (!outcome || id !== options.id) {
		return undefined;
	}

	const downtimeSeconds = Math.round(outageMilliseconds / 100) / 10;
	const ended: RunEnded = {time: Date.now(), event: 'run-ended', outcome, message, downtimeSeconds};
	options.print(options.json ? JSON.stringify(ended) : (describe(ended) ?? ''));
	return ended;
}

/** Notes and commands hold what programs and archives said, which must not command a terminal. */
export function harmlessLines<Said extends string | undefined>(said: Said): Said {
	return said
		?.split('\n')
		.map(line => harmless(line))
		.join('\n') as Said;
}

/** A finding as plain lines: severity and name, the sentence, then evidence and remedy. */
export function describeFinding(finding: Finding): string {
	const {id, severity} = finding;
	// A kit or a request may be anybody's.
	const [sentence = '', evidence = '', remedy = ''] = [finding.sentence, finding.evidence, finding.remedy].map(text =>
		(text ?? '')
			.split('\n')
			.map(line => harmless(line))
			.join('\n'),
	);
	const lines = [
		`${pad(t(severityWord[severity]), 7)} ${id}: ${sentence}`,
		...evidence
			.split('\n')
			.filter(Boolean)
			.map(line => `          ${line}`),
		...(remedy ? [`        → ${remedy}`] : []),
	];
	return lines.join('\n');
}

/** What is left to do by hand, and with which commands. */
export function describeByHand(byHand: readonly ByHand[]): string[] {
	return byHand.flatMap(({commands, what}, index) => [
		`  ${index + 1}. ${what}`,
		...commands.map(command => `     ${command}`),
	]);
}

/** How long an answer is waited for, and what counts then. */
function untilWhen({deadline, expired, ...question}: Question, now: number): string {
	if (deadline === undefined) {
		return '';
	}

	const choices = question.kind === 'choice' ? question.choices : [];
	const then = choices.find(({value}) => expired?.kind === 'choice' && value === expired.value)?.label;
	const left = Math.max(0, Math.round((deadline - now) / 1000));
	const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
	return then
		? t(' Time left {clock}, until {deadline}; then: {after}.', {
				clock,
				deadline: new Date(deadline).toTimeString().slice(0, 8),
				after: then,
			})
		: t(' Time left {clock}, until {deadline}.', {clock, deadline: new Date(deadline).toTimeString().slice(0, 8)});
}

function gravity({health, severity}: Finding): string {
	return health === 'unknown' ? t('cannot tell') : t(severityWord[severity]);
}

/** An event as a plain line; undefined for events that only a screen needs. Where a kit is built there is no service. */
export function describe(event: RunEvent, hasService = true): string | undefined {
	const clock = new Date(event.time).toTimeString().slice(0, 8);
	switch (event.event) {
		case 'run-started':
			return t('{clock} run {run}: {kind} to {to}', {
				clock,
				run: event.run,
				kind: t(kindWord[event.kind]),
				to: event.to,
			});
		case 'installation':
			return t('{clock} found OMFLOW {from}', {clock, from: event.from});
		case 'step': {
			const findings = (event.findings ?? []).map(
				finding => `\n         ${gravity(finding)}: ${finding.sentence}${finding.remedy ? ` ${finding.remedy}` : ''}`,
			);
			const note = event.note ? `: ${event.note}` : '';
			return `${clock} ${event.step} ${event.status}${note}${event.remedy ? ` ${event.remedy}` : ''}${findings.join('')}`;
		}

		case 'command':
			return `${clock} ${event.step} $ ${event.command}`;
		case 'waiting': {
			const since = new Date(event.waiting.since).toTimeString().slice(0, 8);
			const what = harmless(waitsFor(event.waiting.on));
			return t('{clock} {step} prints nothing since {since}. {what}', {clock, step: event.step, since, what});
		}

		case 'question':
			return t('{clock} {step} asks: {prompt} Start omflow-tui in a terminal to answer.{question}', {
				clock,
				step: event.question.step,
				prompt: event.question.prompt,
				question: untilWhen(event.question, event.time),
			});
		case 'outage-began':
			return t('{clock} the service is down', {clock});
		case 'outage-ended':
			return t('{clock} the service answers again after {seconds} s', {
				clock,
				seconds: (event.milliseconds / 1000).toFixed(1),
			});
		case 'rolling-back':
			return t('{clock} rolling back: {reason}', {clock, reason: event.reason});
		case 'stopping':
			return t('{clock} stopping after this step', {clock});
		case 'run-ended':
			return [
				`${clock} ${t(outcomeWord[event.outcome])}: ${event.message}${hasService ? t(' Service down for {seconds} s.', {seconds: event.downtimeSeconds}) : ''}`,
				...describeByHand(event.byHand ?? []),
			].join('\n');
		default:
			return undefined;
	}
}
