import {type Carried, contextOf} from './context.js';
import {estimate, estimateNow, isNews, nothing, sumOf} from './estimate.js';
import type {RunEvent} from './events.js';
import type {Past} from './history.js';
import type {Hop} from './hop.js';
import type {Expected} from './state.js';
import type {Step} from './step.js';

/** Says again and again how long the steps will take, as far as that changes with what happens. */
export class Forecast<Facts> {
	constructor(
		private readonly carried: Carried<Facts>,
		private readonly hops: ReadonlyArray<Hop<Facts>>,
		private readonly past: readonly Past[],
	) {}

	/** To be called with every event of the run, after everybody else has heard of it. */
	heed(event: RunEvent): void {
		if (
			event.event === 'step' ||
			event.event === 'run-started' ||
			(event.event === 'pane' && this.#isNews(event.step))
		) {
			this.#tell();
		}
	}

	#isNews(id: string): boolean {
		const step = this.#stateOf(id);
		return step !== undefined && isNews(estimateNow(step.expected, step, Date.now()), step.expected);
	}

	#tell(): void {
		const {hop, journal} = this.carried;
		const steps: Record<string, Expected> = {};
		for (const {steps: ofHop} of this.hops) {
			for (const step of ofHop) {
				const expected = this.#expected(step);
				if (expected) {
					steps[step.id] = expected;
				}
			}
		}

		const before = journal.state.steps;
		const window = new Set(hop.steps.flatMap(({id, phase}) => (phase === 'window' ? [id] : [])));
		const outage = sumOf(
			before
				.filter(({id}) => window.has(id))
				.map(({id, status, worked}) => ({
					status,
					...(worked === undefined ? {} : {worked}),
					...(steps[id] ? {expected: steps[id]} : {}),
				})),
		);
		const isSame =
			JSON.stringify(outage) === JSON.stringify(journal.state.expectedOutage) &&
			before.every(({expected, id}) => JSON.stringify(expected) === JSON.stringify(steps[id]));
		if (!isSame) {
			journal.emit({event: 'expected', steps, ...(outage ? {outage} : {})});
		}
	}

	#expected(step: Step<Facts>): Expected | undefined {
		const state = this.#stateOf(step.id);
		switch (state?.status) {
			case 'pending':
				return this.#beforehand(step);
			case 'running':
			case 'asking': {
				const expected = estimateNow(state.expected ?? this.#beforehand(step), state, Date.now());
				return isNews(expected, state.expected) ? expected : state.expected;
			}
			default:
				return state?.expected;
		}
	}

	#beforehand(step: Step<Facts>): Expected | undefined {
		if (!this.carried.hop.steps.includes(step)) {
			return estimate(step.id, this.past);
		}

		const context = contextOf(this.carried, step);
		try {
			if (step.wanted && !step.wanted(context)) {
				return nothing;
			}
		} catch {
			// What it depends on was not looked at yet.
		}

		return estimate(step.id, this.past, step.expects?.(context));
	}

	#stateOf(id: string) {
		return this.carried.journal.state.steps.find(step => step.id === id);
	}
}
