import {request as plainRequest} from 'node:http';
import {request as tlsRequest} from 'node:https';
import {setTimeout as delay} from 'node:timers/promises';
import type {Fact, Finding} from '../engine/state.js';
import type {Step} from '../engine/step.js';
import {t} from '../locales/index.js';
import {controlOf, insideViewOnly, isMarked, place, type SampleOptions, setMark} from './sample-place.js';
import {rolesOf, type SampleRole, sampleShapes, sampleUrl} from './sample-shape.js';

/** What `/status.json` of the sample server says. */
export type SampleStatus = {
	readonly version: string;
	readonly python: string;
	readonly django: string;
	readonly rows: number;
	/** A row's text, to be the same before and after. */
	readonly text: string;
	/** How often the application was started, by its own count in the database. */
	readonly starts: number;
};

const answerSeconds = 30;

const logs: Readonly<Record<SampleRole, string>> = {
	server: '/var/log/apache2/error.log',
	collector: `${place.collector}/logs/collector.log`,
};

export function sampleStart<Facts>({shape = 'B'}: SampleOptions): Step<Facts> {
	const roles = rolesOf(shape);
	const {version} = sampleShapes[shape];
	return {
		id: 'sample-start',
		title: t('Sample: start and see it answer'),
		phase: 'sample',
		async look() {
			await insideViewOnly();
			const answers = roles.map(async role => (await sampleStatus(sampleUrl(shape, role)))?.version === version);
			return (await isMarked('complete')) || !(await Promise.all(answers)).includes(false) ? 'done' : 'todo';
		},
		async do(context) {
			await insideViewOnly();
			for (const role of roles) {
				// An Apache that runs already has not read the site, let alone loaded its module.
				await context.run([controlOf(role), 'stop']);
				await context.run([controlOf(role), 'start']);
				const until = Date.now() + answerSeconds * 1000;
				while (!(await sampleStatus(sampleUrl(shape, role))) && Date.now() < until && !context.signal.aborted) {
					await delay(100);
				}
			}
		},
		async verify(context) {
			if (await isMarked('complete')) {
				return [];
			}

			const findings: Finding[] = [];
			const facts: Fact[] = [];
			for (const role of roles) {
				const url = sampleUrl(shape, role);
				const status = await sampleStatus(url);
				if (status?.version !== version) {
					const log = await context.capture(['tail', '-n', '5', logs[role]], {accept: [0, 1]});
					return [
						{
							severity: 'blocker',
							id: 'sample-silent',
							sentence: t('The sample {role} does not answer at {url} as version {version}.', {role, url, version}),
							evidence: log.stdout.trim(),
							remedy: t('Look into the log of this step and {role}, then retry.', {role: logs[role]}),
						},
					];
				}

				facts.push(
					[t('Answers at'), url],
					[t('Version'), status.version],
					['Python', status.python],
					['Django', status.django],
					[t('Rows'), String(status.rows)],
				);
				findings.push({
					severity: 'info',
					id: `sample-${role}-answers`,
					sentence: t('The sample {role} answers at {url} as version {version}.', {role, url, version: status.version}),
				});
			}

			await setMark('complete');
			context.show({kind: 'facts', facts});
			return findings;
		},
	};
}

/**
Asks a sample server what it is, from inside its view. Undefined when it does not answer with 200 and JSON in time.

@param url as `sampleUrl` gives it
@param milliseconds how long it may take
*/
export function sampleStatus(url: string, milliseconds = 10_000): Promise<SampleStatus | undefined> {
	// The sample's own certificate is signed by nobody; it never leaves the view.
	const ask = url.startsWith('https:') ? tlsRequest : plainRequest;
	return new Promise(resolve => {
		const options = {rejectUnauthorized: false, agent: false, signal: AbortSignal.timeout(milliseconds)};
		const asked = ask(new URL('status.json', url), options, response => {
			let text = '';
			response.setEncoding('utf8');
			response.on('data', (part: string) => {
				text += part;
			});
			response.on('error', () => resolve(undefined));
			response.on('end', () => {
				try {
					resolve(response.statusCode === 200 ? (JSON.parse(text) as SampleStatus) : undefined);
				} catch {
					resolve(undefined);
				}
			});
		});
		asked.on('error', () => resolve(undefined));
		asked.end();
	});
}
