import {Attached} from '../engine/attach.js';
import {places, runPlaces} from '../engine/places.js';
import type {Outcome, RunState} from '../engine/state.js';
import {freeBytes} from '../host/files.js';
import {t} from '../locales/index.js';
import {describeByHand, exitStatus, followRun, harmlessLines} from './plain.js';
import {Refusal} from './refusal.js';
import {adviceAboutTerminal, wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/** A run whose worker was started or already lives, and how to have it started again: false when nobody does. */
export type Driven = {
	/** State directory as seen from here. */
	readonly state: string;
	readonly id: string;
	/** Bytes of the event file that belong to earlier workers. */
	readonly eventsBefore: number;
	relaunch(): Promise<boolean>;
};

/** What became of a run as far as this terminal saw it; without an outcome the run goes on elsewhere. */
export type Driving = {readonly outcome?: Outcome; readonly status: number};

/** Times a killed worker is started again by a run without a console. Where systemd does so, it gives up after as many. */
const relaunches = 4;

/** A worker that ended with less than this left would only end again. */
const roomToGoOn = 1_000_000;

/** Shows a run until it ends or the person leaves: full screen, or as plain lines without a terminal. */
export async function drive(driven: Driven, given: Arguments): Promise<Driving> {
	return wantsConsole(given) ? driveConsole(driven, given) : drivePlain(driven, given);
}

async function drivePlain(driven: Driven, given: Arguments): Promise<Driving> {
	const advice = adviceAboutTerminal(given);
	if (advice) {
		process.stderr.write(`omflow-tui: ${advice}\n`);
	}

	let from = driven.eventsBefore;
	for (let attempt = 0; ; attempt++) {
		const {ended, position} = await followRun({
			state: driven.state,
			id: driven.id,
			json: given.json,
			from,
			print: line => process.stdout.write(`${line}\n`),
		});
		if (ended) {
			return {outcome: ended.outcome, status: exitStatus[ended.outcome]};
		}

		if ((await freeBytes(driven.state)) < roomToGoOn) {
			throw new Refusal(
				t(
					'The disk of {state} is full, so the worker cannot go on. Make room and start omflow-tui again: the run {id} goes on where it stands.',
					{state: driven.state, id: driven.id},
				),
				exitStatus['needs-attention'],
			);
		}

		const isStarted = attempt < relaunches && (await driven.relaunch());
		if (!isStarted) {
			const [{harmless}, {lastWords}] = await Promise.all([
				import('../console/harmless.js'),
				import('../engine/fate.js'),
			]);
			const words = await lastWords(places.run(driven.state, driven.id));
			throw new Refusal(
				words
					? t(
							'The worker of the run {id} ended again and again before the run was over, and is not started any more. Its last words: {words} What it said is in {file}. Remove the cause and start omflow-tui: the run goes on where it stands.',
							{id: driven.id, words: harmless(words), file: workerLog(driven)},
						)
					: t(
							'The worker of the run {id} ended again and again before the run was over, and is not started any more. What it said is in {file}. Remove the cause and start omflow-tui: the run goes on where it stands.',
							{id: driven.id, file: workerLog(driven)},
						),
				exitStatus['needs-attention'],
			);
		}

		process.stderr.write(`omflow-tui: ${t('the worker was killed; it is started again where it stands.')}\n`);
		from = position;
	}
}

function workerLog({id, state}: Driven): string {
	return runPlaces.workerLog(places.run(state, id));
}

async function driveConsole(driven: Driven, given: Arguments): Promise<Driving> {
	const attached = await Attached.to(driven.state, 10_000);
	if (!attached) {
		throw new Refusal(
			t(
				'The worker of the run {id} did not start. What it said is in {file}. Remove the cause and start omflow-tui: the run goes on where it stands.',
				{id: driven.id, file: workerLog(driven)},
			),
			exitStatus['needs-attention'],
		);
	}

	return showConsole(attached, given);
}

/** Shows a run on the screen until it ends or the person leaves, and lets go of it then. */
export async function showConsole(attached: Attached, given: Arguments): Promise<Driving> {
	try {
		const state = await watch(attached, given);
		if (state.outcome) {
			const lines = [`${state.outcome}: ${state.message ?? ''}`, ...describeByHand(state.byHand ?? [])];
			process.stdout.write(`${harmlessLines(lines.join('\n'))}\n`);
			return {outcome: state.outcome, status: exitStatus[state.outcome]};
		}

		const again = state.kind === 'kit' ? 'omflow-tui kit build' : 'omflow-tui';
		const lost = attached.lost
			? `${attached.lost}\n`
			: `${t('The run goes on. Start {again} to see it again.', {again})}\n`;
		process.stdout.write(lost);
		return {status: attached.lost ? exitStatus['needs-attention'] : 0};
	} finally {
		attached.close();
	}
}

/** The run, and from there what blocked it, until the person leaves. */
async function watch(attached: Attached, given: Arguments): Promise<RunState> {
	const {keepTerminal, runConsole, runFindings} = await import('../console/main.js');
	const terminal = keepTerminal({
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	try {
		for (;;) {
			const {reason, state} = await runConsole({...terminal, connection: attached});
			if (reason !== 'findings') {
				return state;
			}

			const {foundBy} = await import('./found.js');
			if ((await runFindings({...terminal, ...(await foundBy(state, given))})) === 'quit') {
				// It may have gone on meanwhile.
				return attached.state();
			}
		}
	} finally {
		await terminal.session.close();
	}
}
