import type {Needs} from '../omflow/releases.js';
import type {Subject} from './subject.js';

/** What the hops ahead need; undefined when none of them changes the environment. */
export function needsOf({hops}: Subject): Needs | undefined {
	return hops.find(({needs}) => needs)?.needs;
}
