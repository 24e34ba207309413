import path from 'node:path';
import type {Finding} from '../engine/state.js';
import type {Runner} from '../host/process.js';
import {t} from '../locales/index.js';
import {roles} from './roles.js';
import {findService, type Service, type SystemdPlaces} from './service.js';
import {type Database, type Endpoint, readSettings, type Settings, type SettingsFacts} from './settings.js';
import {parseVersion, readVersion, type Version} from './version.js';

/** A part of OMFLOW that runs on this host by itself: the server, or a collector. */
export type Part = {
	readonly role: 'server' | 'collector';
	/** For example `/opt/omflow/server`. */
	readonly directory: string;
	readonly version: Version;
	readonly database: Database;
	readonly endpoint: Endpoint;
	readonly service: Service;
	readonly settings: SettingsFacts;
};

export type FoundPart = {readonly part: Part; readonly findings: readonly Finding[]};

export type PartOptions = {
	readonly runner: Runner;
	/** Interpreter that reads the settings. */
	readonly python: string;
	readonly systemd: SystemdPlaces;
	/** It is not the main part: what cannot be found of it is a finding instead of an Error. */
	readonly beside: boolean;
};

/**
Finds what there is of a part in the directory of an installation. Throws an Error that says what to do when its
version, settings or service cannot be found, unless it is beside the main part.

A collector is taken to be laid out as a server is, with manage.py, omflow_collector, omflow/settings.py and
omflow/syscom/version.bin in its folder; the documents do not say so.
*/
export async function findPart(role: Part['role'], base: string, options: PartOptions): Promise<FoundPart> {
	const directory = path.join(base, roles[role].folder);
	const findings: Finding[] = [];
	const orElse = async <T>(found: Promise<T>, instead: T, what: string, taken: string): Promise<T> => {
		try {
			return await found;
		} catch (error) {
			if (!options.beside) {
				throw error;
			}

			findings.push({
				severity: 'warning',
				id: `${role}-${what}`,
				sentence: t('The {what} of the {role} cannot be told; {taken}.', {what, role, taken}),
				evidence: (error as Error).message,
				remedy: t('If this host is to have a {role}, put {directory} right; else move that folder away.', {
					role,
					directory,
				}),
			});
			return instead;
		}
	};

	const {runner, python, systemd} = options;
	const version = await orElse(readVersion(directory), parseVersion('0.0.0.0'), 'version', t('0.0.0.0 is taken'));
	const file = path.join(directory, 'omflow', 'settings.py');
	const settings = await orElse(
		readSettings(runner, python, file, role),
		unknownSettings,
		'settings',
		t('its database is treated as unknown'),
	);
	const script = path.join(directory, roles[role].script);
	const service = await orElse(
		findService(role, directory, systemd),
		{role, start: [script, 'start'], stop: [script, 'stop'], status: [script, 'status']},
		'service',
		t('its own script is taken'),
	);
	const {database, endpoint, facts} = settings;
	return {
		part: {role, directory, version, database, endpoint, service, settings: facts},
		findings: [...findings, ...settings.findings],
	};
}

/** Of a collector, the only part that can be beside another one. */
const unknownSettings: Settings = {
	database: {engine: '', kind: 'unknown', reach: 'unknown'},
	endpoint: {protocol: 'http', host: '127.0.0.1', port: 5168},
	facts: {},
	findings: [],
};
