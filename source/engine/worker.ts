import {isLanguage, type Language, speak, t} from '../locales/index.js';
import {settleOrphan} from './children.js';
import type {Carried} from './context.js';
import {cut} from './cut.js';
import type {Ending} from './ending.js';
import {execute, type Wishes} from './execution.js';
import {Forecast} from './forecast.js';
import {pastOf} from './history.js';
import {type Hop, hopsOf, type Runbook} from './hop.js';
import {Journal} from './journal.js';
import {UnreadableFile} from './kept-file.js';
import {Ledger} from './ledger.js';
import {checkLedger} from './legible.js';
import {signLock} from './lock.js';
import {Monitor} from './monitor.js';
import {type Plan, places, readPlan, runPlaces} from './places.js';
import {openProgress} from './progress.js';
import type {ToWorker} from './protocol.js';
import {Reserve} from './reserve.js';
import {WorkerServer} from './server.js';
import {patience} from './silence.js';
import {deadlineOf, milestones, stageOf} from './stage.js';
import type {RunState, ServiceState} from './state.js';
import {type Step, StopRequest} from './step.js';

/** What the engine carries out: the runbooks of a run, in order. */
export type Route<Facts> = {
	readonly hops: ReadonlyArray<Runbook<Facts>>;
	/** Asks the service whether it answers; undefined while there is none to ask. `recall` reads the ledger of the hop. */
	probe(recall: <T>(key: string) => T | undefined): Promise<ServiceState | undefined>;
	/** Whether the steps of an earlier run, with the same ids, can be expected to take as long as its own; absent when never. */
	resembles?(earlier: Plan): boolean;
	/** What else is to be said when all of it was gone through, whether it was kept or taken back. */
	closing?(state: RunState): string | undefined;
};

/** What was asked for when a worker was started, whatever was planned. */
export type Mode = {
	/** Whether nobody is there to ask. */
	readonly unattended?: boolean;
	/** Takes everything back that is not kept, and does nothing else before. */
	readonly rollBack?: boolean;
	/** In which it speaks; else that of the plan. */
	readonly language?: Language;
	/** How long a command prints nothing before it is told what it waits for, in milliseconds. */
	readonly patience?: number;
};

/** From the words with which `launchWorker` starts it. */
export function modeOf(words: readonly string[]): Mode {
	const language = words.find(isLanguage);
	return {
		...(words.includes('attended') ? {unattended: false} : {}),
		...(words.includes('unattended') ? {unattended: true} : {}),
		...(language === undefined ? {} : {language}),
		rollBack: words.includes('roll-back'),
	};
}

/**
Carries out the run `id`, or goes on with it, and serves consoles meanwhile. The caller holds the lock.
Returns when the run has ended in an orderly way, whatever the outcome.
*/
export async function work<Facts>(
	state: string,
	id: string,
	routeFor: (plan: Plan, state: string) => Route<Facts>,
	mode: Mode = {},
): Promise<Ending> {
	heedSignals();
	const run = places.run(state, id);
	const planned = await readPlan(run);
	if (!planned) {
		throw new UnreadableFile(runPlaces.plan(run), t('is missing'));
	}

	await speak(mode.language ?? planned.language ?? 'en');
	await checkLedger(run);
	const plan = {
		...planned,
		unattended: mode.unattended ?? planned.unattended,
		...(mode.language === undefined ? {} : {language: mode.language}),
	};

	await signLock(state, id);
	const {store, setAside} = await openProgress(run);
	const route = routeFor(plan, state);
	const hops = hopsOf(route.hops);
	const reserve = new Reserve(run);
	const journal = new Journal(run, plan, store, hops, reserve);
	const ledger = new Ledger(runPlaces.ledger(run), reserve);
	reserve.hold();
	const hop = hops.find(({suffix}) => !ledger.of(suffix).recall(milestones.over)) ?? hops.at(-1);
	if (!hop) {
		throw new Error(t('The plan of run {id} leads nowhere. Start the upgrade anew.', {id}));
	}

	const wishes: Wishes = {stop: false, rollBack: mode.rollBack ?? false};
	const carried: Carried<Facts> = {
		run,
		hop,
		reached: undefined,
		isLast: true,
		journal,
		ledger: ledger.of(hop.suffix),
		cut: new AbortController(),
		waiting: undefined,
		waited: 0,
		child: undefined,
		patience: mode.patience ?? patience,
		leastRoom: undefined,
	};
	const server = new WorkerServer(
		() => journal.state,
		command => obey(carried, wishes, command),
	);
	journal.onEvent(event => server.publish(event));
	const past = route.resembles ? await pastOf(state, plan, earlier => route.resembles?.(earlier) ?? false) : [];
	const forecast = new Forecast(carried, hops, past);
	journal.onEvent(event => forecast.heed(event));
	await server.listen(places.socket(state));
	const monitor = watchService(route, carried);
	try {
		journal.emit({event: 'run-started', run: id, kind: plan.kind, to: plan.to});
		if (setAside) {
			process.stderr.write(
				`${t('The progress file could not be read and was put aside as {setAside}.', {setAside})}\n`,
			);
		}

		await settleOrphan(run, (step, note) => journal.emit({event: 'step', step, status: 'running', note}));
		monitor.start();
		journal.onEvent(({event}) => {
			if (event === 'rolling-back') {
				monitor.interval = 100;
			}
		});
		const ended = await executeAll(carried, ledger, hops, wishes, step => {
			monitor.interval = step.phase === 'window' ? 100 : 1000;
		});
		const ending = withClosing(ended, route, journal.state);
		await monitor.look();
		// A service that lets everybody wait must not keep the lock after the end was told.
		await monitor.stop();
		const {outageMilliseconds, outageSince} = journal.state;
		const open = outageSince === undefined ? 0 : Date.now() - outageSince;
		journal.emit({event: 'run-ended', ...ending, downtimeSeconds: Math.round((outageMilliseconds + open) / 100) / 10});
		return ending;
	} finally {
		await monitor.stop();
		journal.close();
		ledger.close();
		reserve.release();
		await server.close();
	}
}

function withClosing<Facts>(ending: Ending, route: Route<Facts>, state: RunState): Ending {
	const isThrough = ending.outcome === 'kept' || ending.outcome === 'rolled-back';
	const said = isThrough ? route.closing?.(state) : undefined;
	return said ? {...ending, message: `${ending.message} ${said}`} : ending;
}

/**
A closed terminal or a key in it does not end the work. SIGTERM does, as at a shutdown: at once and anywhere, since a run
can be gone on with from everywhere.
*/
function heedSignals(): void {
	for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) {
		process.on(signal, () => {});
	}

	process.on('SIGTERM', () => {
		// A library that tidies up at the end takes a hangup for the end, and swallows what comes after it.
		process.removeAllListeners('SIGTERM');
		process.kill(process.pid, 'SIGTERM');
	});
}

/** One hop after the other, each from where the one before was kept. */
async function executeAll<Facts>(
	carried: Carried<Facts>,
	ledger: Ledger,
	hops: ReadonlyArray<Hop<Facts>>,
	wishes: Wishes,
	onPhase: (step: Step<Facts>) => void,
): Promise<Ending> {
	let ending: Ending = {outcome: 'kept', message: t('The new version is in service.')};
	for (const hop of hops.slice(hops.indexOf(carried.hop))) {
		const reached = hops[hops.indexOf(hop) - 1]?.to;
		carried.hop = hop;
		carried.reached = reached;
		carried.isLast = hop === hops.at(-1);
		carried.ledger = ledger.of(hop.suffix);
		ending = await execute(carried, wishes, onPhase);
		if (ending.outcome !== 'kept') {
			return reached ? {...ending, reached} : ending;
		}

		carried.ledger.note(milestones.over, true);
	}

	return ending;
}

function watchService<Facts>(route: Pick<Route<Facts>, 'probe'>, carried: Carried<Facts>): Monitor {
	const {journal, ledger} = carried;
	return new Monitor(
		() => route.probe(key => carried.ledger.recall(key)),
		{
			service: service => journal.emit({event: 'service', service}),
			outageBegan: () => journal.emit({event: 'outage-began'}),
			outageEnded: milliseconds => journal.emit({event: 'outage-ended', milliseconds}),
		},
		journal.state.outageSince,
		stageOf(ledger) !== 'preparing',
	);
}

function obey(carried: Carried<unknown>, wishes: Wishes, command: ToWorker): string | undefined {
	switch (command.type) {
		case 'answer': {
			const {waiting} = carried;
			if (waiting?.id !== command.question) {
				return t('That question is no longer open.');
			}

			return waiting.give(command.answer);
		}

		case 'try':
			if (carried.waiting?.id === command.question) {
				carried.waiting.trial?.try(command.answer);
			}

			// An answer was given meanwhile: that one is looked at instead.
			return undefined;
		case 'stop':
			return stop(carried, wishes);
		case 'cut':
			return cut(carried);
		case 'roll-back':
			return takeBack(carried, wishes);
		default:
			return t('This worker does not know that command.');
	}
}

function stop(carried: Carried<unknown>, wishes: Wishes): string | undefined {
	switch (stageOf(carried.ledger)) {
		case 'window':
			return t('The service is down: the window is finished first. Roll back instead, or wait.');
		case 'rolling-back':
			return t('Everything is being taken back; that is finished first.');
		case 'kept':
			if (carried.isLast) {
				return t('The new version is kept already; the run ends in a moment.');
			}
			break;
		case 'in-service':
			if (deadlineOf(carried.ledger) !== undefined) {
				return t('Somebody has to keep the new version in time, so the run waits for that. Keep it, or roll back.');
			}
			break;
		default:
	}

	wishes.stop = true;
	carried.journal.emit({event: 'stopping'});
	if (carried.waiting) {
		carried.cut.abort(new StopRequest(t('Stopped. Start omflow-tui again to go on.')));
	}

	return undefined;
}

function takeBack(carried: Carried<unknown>, wishes: Wishes): string | undefined {
	switch (stageOf(carried.ledger)) {
		case 'rolling-back':
			return t('Everything is being taken back already.');
		case 'kept':
			return carried.isLast
				? t('The new version is kept already; nothing is taken back any more.')
				: t('This hop is kept already. Roll back in a moment: the next one can be taken back.');
		default:
	}

	wishes.rollBack = true;
	carried.ledger.note(milestones.backWanted, true);
	carried.cut.abort(new Error(t('Rolling back.')));
	return undefined;
}
