import type {Fact} from '../engine/state.js';
import {nameListeners} from '../host/listeners.js';
import {servingOn} from '../host/processes.js';
import {unitState} from '../host/unit.js';
import {t} from '../locales/index.js';
import type {Part} from '../omflow/installation.js';

type Watched = Pick<Part, 'endpoint' | 'service'>;

/** How old the facts may be: looking through all processes costs more than one question over HTTP. */
const freshFor = 2000;

/**
What is known about the service besides its answer: unit, processes, port. Looked for beside the questions that time an
outage, which therefore never wait for it.
*/
export class ServiceFacts {
	#known: readonly Fact[] = [];
	#lookedAt = 0;
	#looking = false;

	/** What was seen last. Looks again if that is not new any more. */
	latest(part: Watched): readonly Fact[] {
		if (!this.#looking && Date.now() - this.#lookedAt >= freshFor) {
			this.#looking = true;
			void factsOf(part)
				.then(
					facts => {
						this.#known = facts;
					},
					// Nothing depends on it, and what was true before may not be true now.
					() => {
						this.#known = [];
					},
				)
				.finally(() => {
					this.#lookedAt = Date.now();
					this.#looking = false;
				});
		}

		return this.#known;
	}
}

/** Unit, processes with their memory, and port. */
export async function factsOf({endpoint, service}: Watched): Promise<readonly Fact[]> {
	const [unit, {listening, serving}] = await Promise.all([
		service.unit === undefined ? undefined : unitState(service.unit),
		servingOn(endpoint.port),
	]);
	const {port} = endpoint;
	return [
		...(service.unit === undefined
			? []
			: [[t('unit'), unit === undefined ? service.unit : `${service.unit}, ${unit}`] as const]),
		[
			t('port'),
			listening.length === 0
				? t('{port}, nobody listens', {port})
				: t('{port}, {program}', {port, program: nameListeners(listening)}),
		],
		...(serving === undefined
			? []
			: ([
					[
						t('processes'),
						serving.count === 1
							? t('{program} {pid}', {program: serving.program, pid: serving.pid})
							: t('{count}, begun by {program} {pid}', {
									count: serving.count,
									program: serving.program,
									pid: serving.pid,
								}),
					],
					[t('memory'), t('{megabytes} MB', {megabytes: Math.round(serving.bytes / 1e6)})],
					[t('since'), clock(serving.since)],
				] as const)),
		[t('started by'), service.start.join(' ')],
	];
}

/** Time of the day, with the date where that is not today. */
function clock(time: number): string {
	const [date, now] = [new Date(time), new Date()];
	const two = (value: number) => String(value).padStart(2, '0');
	const hours = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return date.toDateString() === now.toDateString() ? hours : `${day} ${hours}`;
}
