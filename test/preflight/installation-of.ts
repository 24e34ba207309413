import {releases} from '../../source/omflow/releases.js';
import type {Hop} from '../../source/omflow/route.js';
import {parseVersion} from '../../source/omflow/version.js';
import type {Subject} from '../../source/preflight/subject.js';
import {workshop} from '../host/support.js';

type Installation = Subject['installation'];

const needs = releases.find(release => release.needs)?.needs;

/** To the version that changes Python and Django, and one that does not. */
export const toNewPython: Hop = {from: '1.1.6.3', to: '1.2.0.0', ...(needs ? {needs} : {})};
export const toBugfix: Hop = {from: '1.1.6.1', to: '1.1.6.3'};

/** A server alone in /opt/omflow, as the checks of OMFLOW itself see it. */
export function installationOf(parts: Partial<Installation> = {}): Installation {
	const base = parts.base ?? '/opt/omflow';
	const directory = `${base}/server`;
	return {
		base,
		role: 'server',
		directory,
		roles: ['server'],
		version: parseVersion('1.1.6.3'),
		environment: {path: `${base}/python`, exists: true, python: '3.8.10', runs: false, isLink: false, isMount: false},
		database: {engine: 'django.db.backends.sqlite3', kind: 'sqlite', file: `${directory}/db.omflow`, reach: 'file'},
		endpoint: {protocol: 'http', host: '127.0.0.1', port: 80},
		service: {start: ['/bin/true'], stop: ['/bin/true'], status: ['/bin/true']},
		settings: {allowedHosts: ['*'], trustedOrigins: []},
		beside: [],
		distribution: {id: 'ubuntu', version: '20.04', codename: 'focal'},
		findings: [],
		...parts,
	} as unknown as Installation;
}

/** A part of OMFLOW for `beside`. */
export function partOf(parts: Partial<Installation['beside'][number]> = {}): Installation['beside'][number] {
	return {...installationOf(), role: 'collector', directory: '/opt/omflow/collector', ...parts};
}

/** A subject for a folder that goes with the test, which is `base` unless another one is given. */
export async function subjectOf(
	t: Parameters<typeof workshop>[0],
	parts: Partial<Installation> = {},
	hops: readonly Hop[] = [toNewPython],
): Promise<Subject & {readonly directory: string}> {
	const {directory, runner} = await workshop(t);
	return {
		directory,
		runner,
		installation: installationOf({base: directory, ...parts}),
		hops,
		releases,
		state: directory,
	};
}
