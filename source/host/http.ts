import * as http from 'node:http';
import * as https from 'node:https';
import {mark, type Text, t} from '../locales/index.js';

export type Probe = {
	/** Something that is not a server error came back: the service is there, even if it wants a login. */
	readonly answers: boolean;
	/** `200 OK`, or why there is no status: `connection refused`, `no answer within 5 s`. */
	readonly reply: string;
	readonly status?: number;
	/** There was no reply within the time limit: whoever is asked may be busy, and not be gone. */
	readonly timedOut?: true;
	/** From the start to the reply or the reason. */
	readonly milliseconds: number;
};

const reasons: Readonly<Record<string, Text>> = {
	ECONNREFUSED: mark('connection refused'),
	ECONNRESET: mark('connection closed without an answer'),
	EHOSTUNREACH: mark('host out of reach'),
	ENETUNREACH: mark('network out of reach'),
	ENOTFOUND: mark('name not found'),
	EAI_AGAIN: mark('name could not be looked up'),
	EPROTO: mark('no TLS on this port'),
	ERR_SSL_WRONG_VERSION_NUMBER: mark('no TLS on this port'),
};

/**
Asks for a page once, without following redirects and without reading it. Never throws. Any certificate is
accepted, since the question is whether the own machine answers, not who it is. The time limit, in
milliseconds, covers everything up to the reply's first line.
*/
export async function probe(url: string, timeoutMs: number): Promise<Probe> {
	const started = performance.now();
	return new Promise(resolve => {
		let request: http.ClientRequest | undefined;
		const finish = (answers: boolean, reply: string, more: Pick<Probe, 'status' | 'timedOut'> = {}) => {
			clearTimeout(timer);
			resolve({
				answers,
				reply,
				...more,
				milliseconds: Math.round(performance.now() - started),
			});
			request?.destroy();
		};

		const timer = setTimeout(
			() => finish(false, t('no answer within {timeoutMs} s', {timeoutMs: timeoutMs / 1000}), {timedOut: true}),
			timeoutMs,
		);
		try {
			const target = new URL(url);
			const options = {
				agent: false as const,
				method: 'GET',
				rejectUnauthorized: false,
				headers: {accept: '*/*', connection: 'close'},
			};
			if (target.protocol !== 'http:' && target.protocol !== 'https:') {
				finish(false, t('not an http address'));
				return;
			}

			request = target.protocol === 'https:' ? https.request(target, options) : http.request(target, options);
			request.on('response', response => {
				const status = response.statusCode ?? 0;
				finish(status < 500, `${status} ${response.statusMessage ?? ''}`.trim(), {status});
			});
			// Stays after the answer too: destroying the request may still report an error.
			request.on('error', (error: NodeJS.ErrnoException) => finish(false, explain(error)));
			request.end();
		} catch {
			finish(false, t('not an http address'));
		}
	});
}

function explain(error: NodeJS.ErrnoException): string {
	const code = error.code ?? '';
	if (reasons[code] !== undefined) {
		return t(reasons[code]);
	}

	if (code.startsWith('HPE_')) {
		return t('the answer is not HTTP');
	}

	// "localhost" is tried over IPv6 and IPv4; both errors come wrapped in one.
	if (error instanceof AggregateError && error.errors[0]) {
		return explain(error.errors[0] as NodeJS.ErrnoException);
	}

	return code.startsWith('ERR_SSL') ? t('TLS could not be set up') : code || error.message;
}
