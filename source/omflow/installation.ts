import {readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import type {Finding} from '../engine/state.js';
import {type Apache, findWsgi, type Wsgi} from '../host/apache.js';
import type {Runner} from '../host/process.js';
import {type Environment, findEnvironment} from './environment.js';
import {findService, type Service, type SystemdPlaces} from './service.js';
import {type Database, type Endpoint, readSettings} from './settings.js';
import {readVersion, type Version} from './version.js';

export type Role = 'server' | 'collector' | 'booster' | 'boosterAgent';

/** What was found on this host. Plain data, so that a run can keep it. */
export type Installation = {
	/** For example `/opt/omflow`. */
	readonly base: string;
	/** For example `/opt/omflow/server`. */
	readonly server: string;
	readonly roles: readonly Role[];
	readonly version: Version;
	readonly environment: Environment;
	readonly database: Database;
	readonly endpoint: Endpoint;
	readonly service: Service;
	readonly apache: Site;
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
	/** Default `/opt/omflow`. */
	readonly base?: string;
	/** Apache's configuration directory. Default: looked for. */
	readonly apache?: string;
	readonly systemd?: SystemdPlaces;
};

/** Folders of the roles in an installation. */
const roleFolders: ReadonlyArray<readonly [Role, string]> = [
	['server', 'server/manage.py'],
	['collector', 'collector'],
	['booster', 'Booster'],
	['boosterAgent', 'BoosterAgent'],
];

/**
Finds OMFLOW on this host by looking only: nothing of OMFLOW is imported or started. Throws an Error that
says what is missing and what to do when there is no server, no Apache, or one cannot be understood; what is merely
unusual is among the findings. A missing environment does not throw, since a cut upgrade may leave that.
*/
export async function findInstallation(runner: Runner, options: InstallationOptions = {}): Promise<Installation> {
	const base = options.base ?? '/opt/omflow';
	const roles = await rolesIn(base);
	if (!roles.includes('server')) {
		throw new Error(noServer(base, roles));
	}

	const server = path.join(base, 'server');
	const version = await readVersion(server);
	const environment = await findEnvironment(runner, path.join(base, 'python'));
	const python = environment.runs ? path.join(environment.path, 'bin', 'python') : '/usr/bin/python3';
	const settings = await readSettings(runner, python, path.join(server, 'omflow', 'settings.py'));
	return {
		base,
		server,
		roles,
		version,
		environment,
		database: settings.database,
		endpoint: settings.endpoint,
		service: await findService(server, options.systemd),
		apache: siteOf(await findWsgi(options.apache, base)),
		distribution: await readDistribution(),
		findings: [...settings.findings, ...environmentFindings(environment)],
	};
}

/** The distribution of this host; fields are empty when it does not say. */
export async function readDistribution(file = '/etc/os-release'): Promise<Distribution> {
	const text = await readFile(file, 'utf8').catch(() => readFile('/usr/lib/os-release', 'utf8').catch(() => ''));
	const field = (name: string) =>
		new RegExp(`^${name}=(["']?)(.*)\\1\\s*$`, 'm').exec(text)?.[2]?.replaceAll(/\\(.)/g, '$1') ?? '';
	return {id: field('ID'), version: field('VERSION_ID'), codename: field('VERSION_CODENAME')};
}

async function rolesIn(base: string): Promise<Role[]> {
	const roles: Role[] = [];
	for (const [role, folder] of roleFolders) {
		if (await stat(path.join(base, folder)).catch(() => undefined)) {
			roles.push(role);
		}
	}

	return roles;
}

function noServer(base: string, roles: readonly Role[]): string {
	return roles.length > 0
		? `${base} holds ${roles.join(', ')} but no OMFLOW server (server/manage.py is missing). Run this on the host of the server.`
		: `There is no OMFLOW in ${base} (server/manage.py is missing). Run this on the host of the server, as root.`;
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
				? `The Python of ${environment.path} does not run.`
				: `There is no environment ${environment.path}.`,
			remedy:
				'OMFLOW cannot run like this: put the environment back from a backup, or go on with the upgrade that was cut.',
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
