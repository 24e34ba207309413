import {access} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../../engine/state.js';
import type {Step} from '../../engine/step.js';
import {probe} from '../../host/http.js';
import {becomesTrue, logSince} from '../../host/service.js';
import {readVersion} from '../../omflow/version.js';
import {type Facts, installationBefore, paths, recorded, type StepContext} from '../facts.js';
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
		const findings = (
			await Promise.all([version(context), status(context), answer(context), log(context), leftover(context)])
		).flat();
		context.show({kind: 'findings', findings});
		return findings;
	},
};

async function version(context: StepContext): Promise<Finding[]> {
	const {text} = await readVersion(paths.server(context.facts));
	return [
		text === context.facts.to
			? {severity: 'info', id: 'version', sentence: `version.bin says ${text}.`}
			: {severity: 'blocker', id: 'version', sentence: `version.bin says ${text} instead of ${context.facts.to}.`},
	];
}

async function status(context: StepContext): Promise<Finding[]> {
	const {service} = installationBefore(context);
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

async function answer(context: StepContext): Promise<Finding[]> {
	const url = endpointUrl(installationBefore(context));
	const result = await probe(url, 20_000);
	return [
		result.answers
			? {severity: 'info', id: 'http', sentence: `${url} answers ${result.reply} in ${result.milliseconds} ms.`}
			: {severity: 'blocker', id: 'http', sentence: `${url} does not answer: ${result.reply}.`},
	];
}

/** Errors of the application since the start, and the Python that Apache says it embeds. */
async function log(context: StepContext): Promise<Finding[]> {
	const {errorLog, siteErrorLog} = installationBefore(context).apache;
	const positions = context.recall<Record<string, number>>(recorded.logPositions) ?? {};
	const logs = [errorLog, ...(siteErrorLog && siteErrorLog !== errorLog ? [siteErrorLog] : [])];
	const texts = await Promise.all(logs.map(async path => logSince(path, positions[path] ?? 0)));
	const lines = texts.join('\n').split('\n');
	const errors = lines.filter(line => /\[wsgi:error]/.test(line));
	const configured = lines.filter(line => /AH00489|AH00163/.test(line)).at(-1);
	const named = /Python\/([\d.]+)/.exec(configured ?? '')?.[1];
	const findings: Finding[] = [];
	if (errors.length > 0) {
		findings.push({
			severity: errors.some(line => /Traceback|Exception|Error:/.test(line)) ? 'blocker' : 'warning',
			id: 'wsgi-error',
			sentence: `Apache's log has ${errors.length} lines of errors from OMFLOW since the start.`,
			evidence: errors.slice(-3).join('\n'),
			remedy: `Look into ${logs.join(' and ')}.`,
		});
	}

	if (named && !`${named}.`.startsWith(`${context.facts.release.python}.`)) {
		findings.push({
			severity: 'blocker',
			id: 'apache-python',
			sentence: `Apache runs Python ${named} instead of ${context.facts.release.python}.`,
			...(configured ? {evidence: configured} : {}),
		});
	} else {
		findings.push({
			severity: named ? 'info' : 'warning',
			id: 'apache-python',
			sentence: named ? `Apache runs Python ${named}.` : 'Apache does not say which Python it runs.',
		});
	}

	return findings;
}

/** OMFLOW runs and deletes server/tmp.py on its first start, and swallows every error in it. */
async function leftover(context: StepContext): Promise<Finding[]> {
	const path = join(paths.server(context.facts), 'tmp.py');
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
