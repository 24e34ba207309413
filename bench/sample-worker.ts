/** A worker that only builds the sample server in its view, by the steps of a rehearsal. */
import {work} from '../source/engine/worker.js';
import {rehearsalSteps} from '../source/rehearsal/steps.js';

const [state = '', id = ''] = process.argv.slice(2);
void work(state, id, plan => ({
	hops: [{to: plan.to, steps: rehearsalSteps(plan), facts: {}}],
	probe: async () => undefined,
}));
