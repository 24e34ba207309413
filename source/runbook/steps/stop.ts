import type {Finding} from '../../engine/state.js';
import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {probe} from '../../host/http.js';
import {isListening, nameListeners} from '../../host/listeners.js';
import {CommandError, showCommand} from '../../host/process.js';
import {holdersOf, startService, stopService} from '../../host/service.js';
import {mark, t} from '../../locales/index.js';
import type {Part} from '../../omflow/installation.js';
import {askToStop} from '../again.js';
import {type Facts, installationBefore, recorded, type StepContext} from '../facts.js';
import {logsBeforeOld, lookAtOld} from '../old-version.js';
import {type Before, foundBefore, partsBefore, partsRunning, runs, versionThere} from '../parts.js';
import {endpointUrl, seeItAnswer} from '../probe.js';
import {isAnybodyServed} from '../standstill.js';

/** Stops OMFLOW and sees that it stopped. */
export const stop: Step<Facts> = {
	id: 'stop',
	title: mark('Stop OMFLOW'),
	phase: 'window',
	documented: '1',
	async look(context) {
		// Once the patch is in, a service that runs is the new one and must not be stopped again.
		if (context.recall(recorded.patchDone)) {
			return 'done';
		}

		const isStopped = foundBefore(context) !== undefined;
		return !isStopped || (await partsRunning(context)).length > 0 ? 'todo' : 'done';
	},
	async do(context) {
		const running = await partsRunning(context);
		if (foundBefore(context) === undefined) {
			await context.record(recorded.before, await before(context, running));
		} else if (running.length > 0 && (!context.recall(recorded.patchBegun) || (await isAnybodyServed(context)))) {
			await askOnceMore(context);
		}

		if (running.length > 0 && !context.recall(recorded.patchBegun)) {
			// What was entered since an earlier backup may be in a database that is no file.
			await context.record(recorded.sealed, false);
		}

		for (const {endpoint, role, service} of running) {
			const why = await stopService(context, service, endpoint.port).catch((error: unknown) => {
				if (error instanceof CommandError && error.exitCode === undefined) {
					throw new StepError(
						t('The {role} cannot be stopped: {message}.', {role, message: error.message}),
						freePort(endpoint.port),
					);
				}

				throw error;
			});
			if (why) {
				throw new StepError(t('The {role} was stopped, but {why}.', {role, why}), freePort(endpoint.port));
			}
		}
	},
	async verify(context) {
		if (context.recall(recorded.patchDone)) {
			return [];
		}

		const findings = (await Promise.all(partsBefore(context).map(part => stillThere(context, part)))).flat();
		const [first] = findings;
		if (first && context.recall(recorded.patchBegun)) {
			// A failure would put the backup back, over what may have been entered since.
			throw new StopRequest(
				t(
					'{sentence} What changes OMFLOW was cut in the middle, and nothing goes on under it. {remedy} Then start omflow-tui again.',
					{sentence: first.sentence, remedy: first.remedy},
				),
				'needs-attention',
			);
		}

		return findings;
	},
	async undo(context) {
		const before = foundBefore(context);
		if (!before) {
			return undefined;
		}

		const {directory, version} = installationBefore(context);
		const now = await versionThere(directory);
		if (now.text !== version.text) {
			throw new StepError(
				t('version.bin says {now}, but {version} was installed before.', {now: now.text, version: version.text}),
			);
		}

		const since = await logsBeforeOld(context, before);
		for (const part of partsBefore(context)) {
			await startAgain(context, part, before[part.role]);
		}

		return lookAtOld(context, before, since);
	},
	undoes: () => t('Start OMFLOW as it was and see it answer.'),
	async byHand(context) {
		const before = foundBefore(context) ?? {};
		const ran = partsBefore(context).filter(({role}) => before[role]?.ran);
		return ran.map(({service}) => showCommand(service.start));
	},
};

async function before(context: StepContext, runs: readonly Part[]): Promise<Before> {
	const states = partsBefore(context).map(async part => {
		const {answers} = await probe(endpointUrl(part), 10_000);
		return [part.role, {ran: runs.includes(part), answered: answers}] as const;
	});
	return Object.fromEntries(await Promise.all(states));
}

async function stillThere(context: StepContext, part: Part): Promise<Finding[]> {
	const {endpoint, role} = part;
	if (await runs(context, part)) {
		return [
			{
				severity: 'blocker',
				id: 'still-running',
				sentence: t('The {role} says that it runs, although it was stopped.', {role}),
				remedy: t('Look who started it again, for example a watchdog, and stop that first.'),
			},
		];
	}

	const strangers = await holdersOf(endpoint.port);
	return strangers.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'port-taken',
					sentence: t('OMFLOW is stopped, but port {port} is taken by {strangers}.', {
						port: endpoint.port,
						strangers: nameListeners(strangers),
					}),
					remedy: freePort(endpoint.port),
				},
			];
}

async function startAgain(context: StepContext, part: Part, before: Before[string] | undefined): Promise<void> {
	const {endpoint, role, service, version} = part;
	if (!before?.ran) {
		await context.say(t('The {role} did not run before, so it is left stopped.', {role}));
		return;
	}

	const isUp = (await runs(context, part)) && (await isListening(endpoint.port));
	const why = isUp ? undefined : await startService(context, service, endpoint.port);
	if (why) {
		throw new StepError(
			t('OMFLOW {version} could not be started again: {why}.', {version: version.text, why}),
			t('{port} To start it by hand: “{start}”.', {port: freePort(endpoint.port), start: service.start.join(' ')}),
		);
	}

	if (before.answered) {
		// What it answers is judged with everything else.
		await seeItAnswer(part);
	}
}

/** The window is open, and OMFLOW runs: nobody's work since may be lost unasked. */
async function askOnceMore(context: StepContext): Promise<void> {
	const found = t(
		'OMFLOW was stopped for the upgrade, but it runs again: somebody, or the machine at its start, started it.',
	);
	await askToStop(
		context,
		context.recall(recorded.patchBegun)
			? {
					id: 'stop/half-run',
					found: t(
						'{found} What changes it was cut in the middle, so files and database are neither the old nor the new ones. To go on, both are put back from the backup first: what was entered since is lost.',
						{found},
					),
					leave: t('Look at what was entered. Start omflow-tui when it may be lost.'),
					stop: t('Files and database are put back, then they are changed anew.'),
					loses: true,
				}
			: {
					id: 'stop/again',
					found,
					leave: t('Start omflow-tui when it may be stopped again.'),
					stop: t('The backup is made anew after that.'),
					loses: false,
				},
	);
}

function freePort(port: number): string {
	return t("See who listens with: ss -ltnp 'sport = :{port}', and end it.", {port});
}
