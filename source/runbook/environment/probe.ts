import type {ServiceState} from '../../engine/state.js';
import {probe} from '../../host/http.js';
import {logSince} from '../../host/service.js';
import type {Installation} from '../../omflow/installation.js';

/** How long one answer may take; the outage clock starts again with every question. */
const patience = 5000;

/** Where OMFLOW answers on this machine. */
export function endpointUrl({endpoint}: Pick<Installation, 'endpoint'>): string {
	return `${endpoint.protocol}://${endpoint.host}:${endpoint.port}/`;
}

/** Asks the service once, for the screen and the outage clock. */
export async function probeService(installation: Installation | undefined): Promise<ServiceState | undefined> {
	if (!installation) {
		return undefined;
	}

	const url = endpointUrl(installation);
	const result = await probe(url, patience);
	const log = await logSince(installation.apache.errorLog, 0);
	return {
		url,
		answers: result.answers,
		reply: result.reply,
		...(result.answers ? {milliseconds: result.milliseconds} : {}),
		probedAt: Date.now(),
		facts: [
			['Address', url],
			['Started by', installation.service.start.join(' ')],
			...(installation.service.unit ? [['Unit', installation.service.unit] as const] : []),
		],
		log: log.trimEnd().split('\n').slice(-5),
	};
}
