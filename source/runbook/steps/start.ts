import {milestones} from '../../engine/stage.js';
import {type Step, StepError} from '../../engine/step.js';
import {holdsAnything, release} from '../../host/boot.js';
import {isListening} from '../../host/listeners.js';
import {bootId, showCommand} from '../../host/process.js';
import {isRunning, startService} from '../../host/service.js';
import {mark, t} from '../../locales/index.js';
import type {Part} from '../../omflow/installation.js';
import {type Facts, recorded, type StepContext} from '../facts.js';
import {partsAnswering, partsWanted} from '../parts.js';
import {seeItAnswer} from '../probe.js';
import {comeToRest} from '../standstill.js';
import {seen} from '../verdict.js';
import {holdAgain} from './hold.js';

/** Starts the new version and sees the port answer. */
export const start: Step<Facts> = {
	id: 'start',
	title: mark('Start OMFLOW'),
	phase: 'window',
	documented: '8c',
	async look(context) {
		if (await holdsAnything()) {
			return 'partial';
		}

		const up = await Promise.all(partsWanted(context).map(part => isUp(context, part)));
		return up.every(Boolean) ? 'done' : up.some(Boolean) ? 'partial' : 'todo';
	},
	async do(context) {
		await release(context);
		const parts = partsWanted(context);
		const up = await Promise.all(parts.map(part => isUp(context, part)));
		const down = parts.filter((_, index) => !up[index]);
		if (down.length === parts.length) {
			await context.record(recorded.stoppedIn, await bootId());
		}

		await context.record(recorded.startedAt, Date.now());
		for (const {endpoint, service} of down) {
			const why = await startService(context, service, endpoint.port);
			if (why) {
				throw new StepError(
					t('The new version does not come up: {why}.', {why}),
					t("Look at its log, and who listens: ss -ltnp 'sport = :{port}'.", {port: endpoint.port}),
				);
			}
		}
	},
	async verify(context) {
		// It was started with the machine, or by a worker that died long ago: people may have worked with it.
		const isOfThisBoot = context.recall(recorded.stoppedIn) === (await bootId());
		if (!isOfThisBoot || Date.now() - (context.recall<number>(recorded.startedAt) ?? Date.now()) > lately) {
			await context.record(milestones.inService, Date.now());
		}

		return Promise.all(
			partsAnswering(context).map(async part => {
				const {answers, reply, timedOut, url} = await seeItAnswer(part);
				if (answers) {
					return seen('good', 'http', t('{url} answers {reply}.', {url, reply}));
				}

				// It may only be busy: the health check looks closer, and then a person decides.
				if (timedOut && (await isUp(context, part))) {
					return seen('unknown', 'http', t('{url} gives {reply}, but OMFLOW runs.', {url, reply}));
				}

				throw new StepError(
					t('OMFLOW does not answer at {url}: {reply}.', {url, reply}),
					t('Look at its log, or that of Apache.'),
				);
			}),
		);
	},
	async undo(context) {
		await holdAgain(context);
		const why = await comeToRest(context);
		if (why) {
			throw new StepError(
				t('The new version does not stop: {why}.', {why}),
				t('End it by hand and start omflow-tui again.'),
			);
		}
	},
	undoes: () => t('Stop the new version.'),
	byHand: async context => partsWanted(context).map(({service}) => showCommand(service.stop)),
};

async function isUp(context: StepContext, {endpoint, service}: Part): Promise<boolean> {
	return (await isRunning(context, service)) && (await isListening(endpoint.port));
}

/** A start and the checks after it take no longer, in milliseconds. */
const lately = 600_000;
