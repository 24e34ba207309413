import {readFile} from 'node:fs/promises';
import {basename, join, relative} from 'node:path';
import {StepError} from '../engine/step.js';
import {isDiskFull} from '../host/files.js';
import {isListening, listeners, nameListeners} from '../host/listeners.js';
import {CommandError} from '../host/process.js';
import {holdersOf, isRunning, type ServiceCommands, stopService} from '../host/service.js';
import {t} from '../locales/index.js';
import type {Part} from '../omflow/installation.js';
import {askToStop} from './again.js';
import {copyOf} from './backup/record.js';
import {recorded, type StepContext} from './facts.js';
import {partsBefore} from './parts.js';

/**
Sees that OMFLOW stands still, and stops what runs of it. Returns why it does not, or undefined. Its control script
is part of what is changed: a patch that was cut may have removed or emptied it. Then the one in the backup is asked
as well, and the port has the last word, since files must go back all the same.
*/
export async function standStill(context: StepContext): Promise<string | undefined> {
	for (const part of partsBefore(context)) {
		const why = await partStandsStill(context, part);
		if (why) {
			return why;
		}
	}

	return undefined;
}

/** Throws when it does not: files and database must not go back under a service that writes. */
export async function requireStandStill(context: StepContext, still = standStill): Promise<void> {
	const why = await still(context);
	if (why) {
		throw new StepError(
			t('OMFLOW must stand still while its files go back, but {why}.', {why}),
			t('End it by hand and start omflow-tui again.'),
		);
	}
}

/**
As `standStill`, while everything is taken back. Once OMFLOW stood still, what runs was started by somebody else, and is
not stopped unasked.
*/
export async function comeToRest(context: StepContext): Promise<string | undefined> {
	const stoodStill = context.recall(recorded.stoodStill) === true;
	if (stoodStill && (await isAnybodyServed(context))) {
		await askToStop(context, {
			id: 'undo/again',
			found: t(
				'OMFLOW is being taken back, but it runs again: somebody started it. What was entered since is lost when files and database go back.',
			),
			leave: t('It is taken back by half. Start omflow-tui when what was entered since may be lost.'),
			stop: t('Files and database become what they were before the upgrade.'),
			loses: true,
		});
	}

	const why = (await standStill(context)) ?? (stoodStill ? await portsTaken(context) : undefined);
	// A stranger on the port has been there, and is no sign of anybody's work.
	if (why === undefined && !(await isAnybodyServed(context))) {
		await context.record(recorded.stoodStill, true).catch(ignoreDiskFull);
	}

	return why;
}

/**
Whether anybody listens where OMFLOW does, and people could be at work. What its commands say of it is not enough: a
script that a patch left emptied says yes, and a unit does not know of a start by another way.
*/
export async function isAnybodyServed(context: StepContext): Promise<boolean> {
	const listen = await Promise.all(partsBefore(context).map(async ({endpoint}) => isListening(endpoint.port)));
	return listen.includes(true);
}

async function portsTaken(context: StepContext): Promise<string | undefined> {
	for (const {endpoint} of partsBefore(context)) {
		const left = await holdersOf(endpoint.port);
		if (left.length > 0) {
			return t('port {port} is taken by {left}', {port: endpoint.port, left: nameListeners(left)});
		}
	}

	return undefined;
}

async function partStandsStill(context: StepContext, part: Part): Promise<string | undefined> {
	const {service, endpoint} = part;
	const spare = await spareCommands(context, part);
	if (!spare) {
		return stopBy(context, service, endpoint.port);
	}

	await context.say(t('The control script is not the one before: the one in the backup stops OMFLOW first.'));
	const problems = [await stopBy(context, spare, endpoint.port), await stopBy(context, service, endpoint.port)];
	const left = await listeners(endpoint.port);
	return left.length > 0 && problems.some(Boolean)
		? t('port {port} is taken by {left}', {port: endpoint.port, left: nameListeners(left)})
		: undefined;
}

/** Why it does not stop. A command that cannot be run says nothing; then the port does. */
async function stopBy(context: StepContext, commands: ServiceCommands, port: number): Promise<string | undefined> {
	try {
		return (await isRunning(context, commands)) ? await stopService(context, commands, port) : undefined;
	} catch (error) {
		if (!(error instanceof CommandError)) {
			throw error;
		}

		return (await isListening(port)) ? error.message : undefined;
	}
}

/** Commands with the script in the backup; undefined where the installed one is the same, or is not what is called. */
async function spareCommands(context: StepContext, {directory, service}: Part): Promise<ServiceCommands | undefined> {
	const installed = service.stop.find(word => word.startsWith(`${directory}/`));
	if (!installed) {
		return undefined;
	}

	const kept = join(copyOf(context, 'installation'), relative(context.facts.base, directory), basename(installed));
	const before = await readFile(kept).catch(() => undefined);
	const now = await readFile(installed).catch(() => undefined);
	if (!before || now?.equals(before)) {
		return undefined;
	}

	// The backup may lie where nothing is executed.
	const [start, stop, status] = (['start', 'stop', 'status'] as const).map(word => ['/bin/bash', kept, word]);
	return start && stop && status ? {start, stop, status} : undefined;
}

/** Want of room to write something down is no reason to leave things half done. */
function ignoreDiskFull(error: unknown): void {
	if (!isDiskFull(error)) {
		throw error;
	}
}
