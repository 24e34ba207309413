import type {Needs} from './releases.js';

/** One update on the way: a patch archive applied to a version. Plain data, so that a plan can keep it. */
export type Hop = {
	/** Version before, as it is written. */
	readonly from: string;
	/** Version after: four numbers. */
	readonly to: string;
	/** Absolute path of the patch archive; absent when none was found. */
	readonly archive?: string;
	/** Present when Python and Django change with this hop, so that it takes the environment runbook. */
	readonly needs?: Needs;
};
