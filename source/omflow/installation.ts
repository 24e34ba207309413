import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Finding} from '../engine/state.js';
import {type Apache, findWsgi, type Wsgi} from '../host/apache.js';
import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {findBase} from './base.js';
import {type Environment, findEnvironment} from './environment.js';
import {findPart, type Part} from './part.js';
import {type Role, rolesIn} from './roles.js';
import {type SystemdPlaces, systemdPlaces} from './service.js';

export type {Part} from './part.js';
export type {Role} from './roles.js';

/**
What was found on this host: its main part, which is the server, or the collector where there is no server, and what
belongs to all parts. Plain data, so that a run can keep it.
*/
export type Installation = Part & {
	/** For example `/opt/omflow`. */
	readonly base: string;
	readonly roles: readonly Role[];
	/** The collector beside a server. */
	readonly beside: readonly Part[];
	readonly environment: Environment;
	/** Absent on a host without a server: a collector has no Apache. */
	readonly apache?: Site;
	readonly distribution: Distribution;
	/** What is not as expected, besides Apache, for which there is `apacheFindings`. */
	readonly findings: readonly Finding[];
};

/** Apache, and where its configuration is about OMFLOW; `findWsgi` of `host/apache.ts` gives the details. */
export type Site = Apache & {
	/** Real paths of the files whose WSGI lines name OMFLOW. */
	readonly files: readonly string[];
	/** Apache's main log, which also names the Python it loaded. */
	readonly errorLog: string;
	/** The log of OMFLOW's virtual host, where it has one of its own: its errors are there. */
	readonly siteErrorLog?: string;
	/** The module that is loaded now. */
	readonly module?: string;
};

/** From os-release(5). */
export type Distribution = {
	/** For example `ubuntu`. */
	readonly id: string;
	/** For example `22.04`; empty where the distribution has none. */
	readonly version: string;
	/** For example `jammy`; empty where the distribution has none. */
	readonly codename: string;
};

export type InstallationOptions = {
	/** Where OMFLOW is. Default: looked for. */
	readonly base?: string;
	/** Apache's configuration directory. Default: looked for. */
	readonly apache?: string;
	readonly systemd?: SystemdPlaces;
	/** Where the vendor puts OMFLOW. */
	readonly standard?: string;
};

/** The main part first. */
export function partsOf(installation: Installation): readonly Part[] {
	return [installation, ...installation.beside];
}

/**
Finds OMFLOW on this host by looking only: nothing of OMFLOW is imported or started. Throws an Error that
says what is missing and what to do when there is no server and no collector, when a server has no Apache, or when one
cannot be understood; what is merely unusual is among the findings. A missing environment does not throw, since a cut
upgrade may leave that.
*/
export async function findInstallation(runner: Runner, options: InstallationOptions = {}): Promise<Installation> {
	const {standard = '/opt/omflow', systemd = systemdPlaces, apache} = options;
	const found =
		options.base ?? (await findBase({standard, units: systemd.units, ...(apache === undefined ? {} : {apache})}))?.base;
	const base = found ?? standard;
	const present = await rolesIn(base);
	const main = present.includes('server') ? 'server' : 'collector';
	if (!present.includes(main)) {
		throw new Error(noPart(base, present));
	}

	const environment = await findEnvironment(runner, path.join(base, 'python'));
	const python = environment.runs ? path.join(environment.path, 'bin', 'python') : '/usr/bin/python3';
	const look = (role: Part['role']) => findPart(role, base, {runner, python, systemd, beside: role !== main});
	const own = await look(main);
	const beside = main === 'server' && present.includes('collector') ? [await look('collector')] : [];
	return {
		...own.part,
		base,
		roles: present,
		beside: beside.map(({part}) => part),
		environment,
		...(main === 'server' ? {apache: siteOf(await findWsgi(apache, base))} : {}),
		distribution: await readDistribution(),
		findings: [...own.findings, ...beside.flatMap(({findings}) => findings), ...environmentFindings(environment)],
	};
}

/** The distribution of this host; fields are empty when it does not say. */
export async function readDistribution(file = '/etc/os-release'): Promise<Distribution> {
	const text = await readFile(file, 'utf8').catch(() => readFile('/usr/lib/os-release', 'utf8').catch(() => ''));
	const field = (name: string) =>
		new RegExp(`^${name}=(["']?)(.*)\\1\\s*$`, 'm').exec(text)?.[2]?.replaceAll(/\\(.)/g, '$1') ?? '';
	return {id: field('ID'), version: field('VERSION_ID'), codename: field('VERSION_CODENAME')};
}

function noPart(base: string, present: readonly Role[]): string {
	return present.length > 0
		? t(
				'{base} holds {present} but no OMFLOW server or collector. Run this on the host of the server or of the collector.',
				{base, present: present.join(', ')},
			)
		: t(
				'There is no OMFLOW in {base} (neither server/manage.py nor a collector is there). Run this on the host of the server, as root, or name its directory with --base DIR.',
				{base},
			);
}

function environmentFindings(environment: Environment): Finding[] {
	if (environment.runs) {
		return [];
	}

	return [
		{
			severity: 'warning',
			id: 'environment-broken',
			sentence: environment.exists
				? t('The Python of {path} does not run.', {path: environment.path})
				: t('There is no environment {path}.', {path: environment.path}),
			remedy: t(
				'OMFLOW cannot run like this: put the environment back from a backup, or go on with the upgrade that was cut.',
			),
		},
	];
}

function siteOf(wsgi: Wsgi): Site {
	const module = wsgi.loadModules[0]?.values[1];
	return {
		...wsgi.apache,
		files: [...new Set(wsgi.own.map(directive => directive.file))],
		errorLog: wsgi.errorLog,
		...(wsgi.siteErrorLog === undefined ? {} : {siteErrorLog: wsgi.siteErrorLog}),
		...(module === undefined ? {} : {module: path.resolve(wsgi.serverRoot, module)}),
	};
}
