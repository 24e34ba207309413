import type {Finding} from '../engine/state.js';
import type {Runner} from '../host/process.js';
import type {Installation} from '../omflow/installation.js';
import type {Hop} from '../omflow/route.js';

/** What a preflight is about: this host, what is installed on it, and where it is to go. */
export type Subject = {
	readonly runner: Runner;
	readonly installation: Installation;
	/** The hops still to go, in order; empty when nobody said where to. */
	readonly hops: readonly Hop[];
	/** Where runs are kept, for example `/var/lib/omflow-tui`. */
	readonly state: string;
};

/** Looks at one thing. Changes nothing, and does not throw for what a host can be like: that is a finding. */
export type Check = (subject: Subject) => Promise<readonly Finding[]>;
