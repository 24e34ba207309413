import type {ServiceState} from '../engine/state.js';
import {type Probe, probe} from '../host/http.js';
import {becomesTrue, logSince} from '../host/service.js';
import type {Installation, Part} from '../omflow/installation.js';
import type {ServiceFacts} from './service-facts.js';

/** How long one answer may take; the outage clock starts again with every question. */
const patience = 5000;

/** Last lines of its log: as many as a screen has room for beside the rest. */
const logLines = 15;

/** Where a part of OMFLOW answers on this machine. */
export function endpointUrl({endpoint}: Pick<Part, 'endpoint'>): string {
	return `${endpoint.protocol}://${endpoint.host}:${endpoint.port}/`;
}

/**
Waits up to a minute until a part gives an answer that is no server error: a service that listens may still have
only those to say. Returns the address and what came last.
*/
export async function seeItAnswer(
	part: Pick<Part, 'endpoint'>,
): Promise<Pick<Probe, 'answers' | 'reply' | 'timedOut'> & {readonly url: string}> {
	const url = endpointUrl(part);
	let last: Probe | undefined;
	const answers = await becomesTrue(async () => {
		last = await probe(url, 10_000);
		return last.answers;
	}, 60_000);
	return {reply: '', ...last, answers, url};
}

/** Asks the main part once, for the screen and the outage clock. */
export async function probeService(
	installation: Installation | undefined,
	facts: ServiceFacts,
): Promise<ServiceState | undefined> {
	if (!installation) {
		return undefined;
	}

	const url = endpointUrl(installation);
	const result = await probe(url, patience);
	const log = installation.apache ? await logSince(installation.apache.errorLog, 0) : undefined;
	return {
		url,
		answers: result.answers,
		reply: result.reply,
		...(result.answers ? {milliseconds: result.milliseconds} : {}),
		probedAt: Date.now(),
		facts: facts.latest(installation),
		log: (log ?? '').trimEnd().split('\n').slice(-logLines),
	};
}
