import type {Finding} from '../engine/state.js';
import type {Runner} from '../host/process.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, type Release, withoutApache} from '../omflow/releases.js';
import type {Hop} from '../omflow/route.js';

/** What a preflight is about: this host, what is installed on it, and where it is to go. */
export type Subject = {
	readonly runner: Runner;
	readonly installation: Installation;
	/** The hops still to go, in order; empty when nobody said where to. */
	readonly hops: readonly Hop[];
	/** Those that are known on this host. */
	readonly releases: readonly Release[];
	/** Where runs are kept, for example `/var/lib/omflow-tui`. */
	readonly state: string;
	/** The run this is for, once there is one: what it has put aside, and into its directory, counts as there. */
	readonly run?: {readonly name: string; readonly directory: string};
	/** A kit that packages come from instead of the sources of this host: apt's configuration for it, and what is wanted. */
	readonly supply?: {readonly configuration: string; readonly names: readonly string[]};
	/** Whether `/usr/bin/python3` is to be switched as well. */
	readonly python3Link?: boolean;
};

/** Looks at one thing. Changes nothing, and does not throw for what a host can be like: that is a finding. */
export type Check = (subject: Subject) => Promise<readonly Finding[]>;

/** What a new environment on the way needs; undefined when Python and Django stay. */
export function needsOnTheWay({hops, installation}: Pick<Subject, 'hops' | 'installation'>): Needs | undefined {
	const needs = hops.find(hop => hop.needs)?.needs;
	return needs && installation.role === 'collector' ? withoutApache(needs) : needs;
}
