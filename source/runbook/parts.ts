import type {Finding} from '../engine/state.js';
import {isListening} from '../host/listeners.js';
import {CommandError} from '../host/process.js';
import {isRunning} from '../host/service.js';
import {t} from '../locales/index.js';
import {type Installation, type Part, partsOf} from '../omflow/installation.js';
import {compareVersions, parseVersion, readVersion, type Version} from '../omflow/version.js';
import {installationBefore, installationWanted, recorded, type StepContext} from './facts.js';
import {seen} from './verdict.js';

/** How the parts of OMFLOW were found when the window opened, by role. */
export type Before = Readonly<Record<string, {readonly ran: boolean; readonly answered: boolean}>>;

/** The server, and a collector beside it; or a collector alone. */
export function partsBefore(context: StepContext): readonly Part[] {
	return partsOf(installationBefore(context));
}

/** How they were found; undefined before the window opened. Runs whose plan has schema 1 kept it of a server alone. */
export function foundBefore(context: StepContext): Before | undefined {
	const found = context.recall<Before | Before[string]>(recorded.before);
	return found && typeof found.ran === 'boolean' ? {server: found as Before[string]} : (found as Before | undefined);
}

/** Those that run. */
export async function partsRunning(context: StepContext): Promise<readonly Part[]> {
	const parts = partsBefore(context);
	const run = await Promise.all(parts.map(part => runs(context, part)));
	return parts.filter((_, index) => run[index]);
}

/** Whether a part runs, by its own word; by its port where it has none any more, as on a damaged server. */
export async function runs(context: StepContext, {endpoint, service}: Part): Promise<boolean> {
	return isRunning(context, service).catch((error: Error) => {
		if (!(error instanceof CommandError)) {
			throw error;
		}

		return isListening(endpoint.port);
	});
}

/** The parts that are to run afterwards: the main one, and others only if they ran before. */
export function partsWanted(context: StepContext): readonly Part[] {
	const before = foundBefore(context) ?? {};
	return partsOf(installationWanted(context)).filter(({role}, index) => index === 0 || before[role]?.ran !== false);
}

/** Those of them that are to answer: one beside the main one that had only errors to say before need not do better. */
export function partsAnswering(context: StepContext): readonly Part[] {
	const before = foundBefore(context) ?? {};
	return partsWanted(context).filter(({role}, index) => index === 0 || before[role]?.answered !== false);
}

/** Logs that tell how OMFLOW fares under Apache; none where there is no server. */
export function logsOf({apache}: Installation): string[] {
	return apache ? [...new Set([apache.errorLog, apache.siteErrorLog ?? apache.errorLog])] : [];
}

/** Whether every part has the version the hop leads to. That the collector has not is for people to judge. */
export async function versionFindings(context: StepContext): Promise<Finding[]> {
	const {to} = context.facts;
	return versionsAre(partsOf(installationWanted(context)), () => to, {
		main: t('Ask the vendor whether this archive is the right one.'),
		beside: role => t("Bring the {role} to {to} with the vendor's patch for it, or roll back.", {role, to}),
	});
}

/** Whether every part is back at the version it had. */
export async function oldVersionFindings(context: StepContext): Promise<Finding[]> {
	const remedy = t('Put its files back from the backup.');
	return versionsAre(partsBefore(context), ({version}) => version.text, {main: remedy, beside: () => remedy});
}

async function versionsAre(
	parts: readonly Part[],
	wanted: (part: Part) => string,
	remedies: {readonly main: string; readonly beside: (role: string) => string},
): Promise<Finding[]> {
	return Promise.all(
		parts.map(async (part, index): Promise<Finding> => {
			const {directory, role} = part;
			const to = wanted(part);
			const {text} = await versionThere(directory);
			if (compareVersions(parseVersion(text), parseVersion(to)) === 0) {
				return seen('good', 'version', t('version.bin of the {role} says {text}.', {role, text}));
			}

			const sentence = t('version.bin of the {role} says {text} instead of {to}.', {role, text, to});
			return index === 0
				? seen('bad', 'version', sentence, {remedy: remedies.main})
				: seen('unknown', 'part-version', sentence, {remedy: remedies.beside(role)});
		}),
	);
}

/** The version as `version.bin` has it; that of no installation where it cannot be read, as on a damaged server. */
export async function versionThere(directory: string): Promise<Version> {
	return readVersion(directory).catch(() => parseVersion('0.0.0.0'));
}
