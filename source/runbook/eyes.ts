import type {Finding} from '../engine/state.js';
import {probe} from '../host/http.js';
import {isListening} from '../host/listeners.js';
import {askService, logSince, type Said} from '../host/service.js';
import {list, t} from '../locales/index.js';
import type {Installation, Part} from '../omflow/installation.js';
import type {StepContext} from './facts.js';
import {logsOf} from './parts.js';
import {endpointUrl} from './probe.js';
import {seen} from './verdict.js';

/** What is looked at after a start: the new version, or the old one once it is back. */
export type Watched = {
	readonly installation: Installation;
	/** Those that are to run, and those of them that are to answer. */
	readonly parts: readonly Part[];
	readonly answering: readonly Part[];
	/** How long the logs were before the start, by path; undefined when nothing was started. */
	readonly since: Readonly<Record<string, number>> | undefined;
	/** Minor version that Apache is to embed; empty when not known. */
	readonly python: string;
};

/** What can be seen of OMFLOW in service from outside. Bad is only what is certainly wrong. */
export async function lookAt(
	context: StepContext,
	{answering, installation, parts, python, since}: Watched,
): Promise<Finding[]> {
	const findings = await Promise.all([
		...parts.map(part => lookAtPart(context, part, answering.includes(part))),
		since ? lookAtLogs(installation, since, python) : [],
	]);
	return findings.flat();
}

async function lookAtPart(context: StepContext, part: Part, isToAnswer: boolean): Promise<Finding[]> {
	const said = await askService(context, part.service);
	return [status(part, said), ...(isToAnswer ? [await answer(part, said)] : [])];
}

function status({service}: Part, {state, words}: Said): Finding {
	const command = service.status.join(' ');
	switch (state) {
		case 'runs':
			return seen('good', 'service-status', t('{command} says: {words}.', {command, words}));
		case 'stopped':
			return seen('bad', 'service-status', t('{command} says that it does not run: {words}.', {command, words}));
		default:
			return seen(
				'unknown',
				'service-status',
				t('{command} does not tell whether it runs: {words}.', {command, words}),
				{
					remedy: t('Run it, and see what it says.'),
				},
			);
	}
}

async function answer(part: Part, said: Said): Promise<Finding> {
	const url = endpointUrl(part);
	const {answers, milliseconds, reply, timedOut} = await probe(url, 20_000);
	if (answers) {
		return seen('good', 'http', t('{url} answers {reply} in {milliseconds} ms.', {url, reply, milliseconds}));
	}

	const lives = said.state !== 'stopped' && (await isListening(part.endpoint.port));
	return timedOut && lives
		? seen('unknown', 'http', t('{url} gives {reply}, but its process lives.', {url, reply}), {
				remedy: t('See what keeps it busy, and open {url} in a browser.', {url}),
			})
		: seen('bad', 'http', t('{url} does not answer: {reply}.', {url, reply}));
}

/** Errors of the application since the start, and the Python that Apache says it embeds. */
async function lookAtLogs(installation: Installation, since: NonNullable<Watched['since']>, python: string) {
	const logs = logsOf(installation);
	const texts = await Promise.all(logs.map(async path => logSince(path, since[path] ?? 0)));
	const unread = logs.filter((_, index) => texts[index] === undefined);
	const lines = texts.join('\n').split('\n');
	return [
		...unread.map(path =>
			seen('unknown', 'log', t('{path} cannot be read.', {path}), {remedy: t('Look where Apache logs now.')}),
		),
		...errorsIn(lines, logs),
		...(logs.length > unread.length ? [pythonIn(lines, python)] : []),
	];
}

/** What the embedded Python prints is an error to Apache; only what mod_wsgi and Python call one certainly is. */
const certain = /Traceback \(most recent call last\)|Exception occurred processing|cannot be loaded as Python module/;

function errorsIn(lines: readonly string[], logs: readonly string[]): Finding[] {
	const errors = lines.filter(line => /\[wsgi:error]/.test(line));
	const more = {evidence: errors.slice(-3).join('\n'), remedy: t('Look into {logs}.', {logs: list(logs)})};
	if (errors.some(line => certain.test(line))) {
		return [seen('bad', 'wsgi-error', t("Apache's log has errors of OMFLOW since the start, with a traceback."), more)];
	}

	return errors.length === 0
		? []
		: [
				seen(
					'unknown',
					'wsgi-error',
					t("Apache's log has {errors} lines from OMFLOW since the start, without a traceback.", {
						errors: errors.length,
					}),
					more,
				),
			];
}

function pythonIn(lines: readonly string[], expected: string): Finding {
	const configured = lines.filter(line => /AH00489|AH00163/.test(line)).at(-1);
	const named = /Python\/([\d.]+)/.exec(configured ?? '')?.[1];
	if (!named) {
		return seen('unknown', 'apache-python', t('Apache does not say which Python it runs.'), {
			remedy: t("Look for a line with “configured” in Apache's log."),
		});
	}

	return expected && !`${named}.`.startsWith(`${expected}.`)
		? seen('bad', 'apache-python', t('Apache runs Python {named} instead of {expected}.', {named, expected}), {
				evidence: configured ?? '',
			})
		: seen('good', 'apache-python', t('Apache runs Python {named}.', {named}));
}
