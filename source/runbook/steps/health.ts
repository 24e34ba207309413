import {access} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../../engine/state.js';
import type {Step} from '../../engine/step.js';
import {probe} from '../../host/http.js';
import {becomesTrue, logSince} from '../../host/service.js';
import type {Part} from '../../omflow/installation.js';
import {type Facts, installationBefore, recorded, type StepContext} from '../facts.js';
import {logsOf, partsAnswering, partsWanted, versionFindings} from '../parts.js';
import {endpointUrl} from '../probe.js';

/** Looks at the new version from every side before anybody is asked to keep it. */
export const health: Step<Facts> = {
	id: 'health',
	title: 'Health check',
	phase: 'confirm',
	async look() {
		return 'todo';
	},
	async do() {
		// Looking is all there is to do; `verify` does it.
	},
	async verify(context) {
		const parts = partsWanted(context);
		const findings = (
			await Promise.all([
				versionFindings(context),
				...parts.map(part => status(context, part)),
				...partsAnswering(context).map(answer),
				log(context),
				...parts.map(leftover),
			])
		).flat();
		context.show({kind: 'findings', findings});
		return findings;
	},
};

async function status(context: StepContext, {service}: Part): Promise<Finding[]> {
	const {exitCode, stdout} = await context.capture(service.status, {accept: [0, 1, 2, 3, 4]});
	const said = stdout.trim().split('\n')[0] ?? '';
	return [
		exitCode === 0
			? {severity: 'info', id: 'service-status', sentence: `${service.status.join(' ')} says: ${said}.`}
			: {
					severity: 'blocker',
					id: 'service-status',
					sentence: `${service.status.join(' ')} ended with status ${exitCode}: ${said}.`,
				},
	];
}

async function answer(part: Part): Promise<Finding[]> {
	const url = endpointUrl(part);
	const result = await probe(url, 20_000);
	return [
		result.answers
			? {severity: 'info', id: 'http', sentence: `${url} answers ${result.reply} in ${result.milliseconds} ms.`}
			: {severity: 'blocker', id: 'http', sentence: `${url} does not answer: ${result.reply}.`},
	];
}

/** Errors of the application since the start, and the Python that Apache says it embeds. */
async function log(context: StepContext): Promise<Finding[]> {
	const logs = logsOf(installationBefore(context));
	if (logs.length === 0) {
		return [];
	}

	const positions = context.recall<Record<string, number>>(recorded.logPositions) ?? {};
	const texts = await Promise.all(logs.map(async path => logSince(path, positions[path] ?? 0)));
	const lines = texts.join('\n').split('\n');
	return [...errorsIn(lines, logs), pythonIn(lines, expectedPython(context))];
}

function errorsIn(lines: readonly string[], logs: readonly string[]): Finding[] {
	const errors = lines.filter(line => /\[wsgi:error]/.test(line));
	return errors.length === 0
		? []
		: [
				{
					severity: errors.some(line => /Traceback|Exception|Error:/.test(line)) ? 'blocker' : 'warning',
					id: 'wsgi-error',
					sentence: `Apache's log has ${errors.length} lines of errors from OMFLOW since the start.`,
					evidence: errors.slice(-3).join('\n'),
					remedy: `Look into ${logs.join(' and ')}.`,
				},
			];
}

function pythonIn(lines: readonly string[], expected: string): Finding {
	const configured = lines.filter(line => /AH00489|AH00163/.test(line)).at(-1);
	const named = /Python\/([\d.]+)/.exec(configured ?? '')?.[1];
	if (named && expected && !`${named}.`.startsWith(`${expected}.`)) {
		return {
			severity: 'blocker',
			id: 'apache-python',
			sentence: `Apache runs Python ${named} instead of ${expected}.`,
			...(configured ? {evidence: configured} : {}),
		};
	}

	return {
		severity: named ? 'info' : 'warning',
		id: 'apache-python',
		sentence: named ? `Apache runs Python ${named}.` : 'Apache does not say which Python it runs.',
	};
}

/** Minor version Apache must embed: that of the new environment, or of the one that stays. Empty when not known. */
function expectedPython(context: StepContext): string {
	const {environment} = installationBefore(context);
	return context.facts.needs?.python ?? /^\d+\.\d+/.exec(environment.python)?.[0] ?? '';
}

/** OMFLOW runs and deletes tmp.py on its first start, and swallows every error in it. */
async function leftover({directory}: Part): Promise<Finding[]> {
	const path = join(directory, 'tmp.py');
	const isGone = await becomesTrue(async () => {
		try {
			await access(path);
			return false;
		} catch {
			return true;
		}
	}, 15_000);
	return isGone
		? []
		: [
				{
					severity: 'warning',
					id: 'tmp-py',
					sentence: `${path} is still there: OMFLOW did not finish its first start.`,
					remedy: 'Look at the log of OMFLOW before you keep this version.',
				},
			];
}
