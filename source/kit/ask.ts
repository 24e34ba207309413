import {readFile} from 'node:fs/promises';
import {readAptSetup} from '../host/apt-setup.js';
import {resolutionStatus} from '../host/dpkg-status.js';
import {freeze} from '../host/pip.js';
import type {Runner} from '../host/process.js';
import {glibcVersion} from '../host/wheel.js';
import {t} from '../locales/index.js';
import type {Installation} from '../omflow/installation.js';
import {type Needs, withoutApache} from '../omflow/releases.js';
import {developmentPackages, rewriteRequirements} from '../omflow/requirements.js';
import type {KitPlatform} from './manifest.js';
import type {KitRequest} from './request.js';

/** What decides which packages fit this host. Throws an Error on a host without dpkg. */
export async function platformOf(
	runner: Runner,
	{distribution}: Pick<Installation, 'distribution'>,
): Promise<KitPlatform> {
	const {id, version, codename} = distribution;
	return {id, version, codename, architecture: await architectureOf(runner)};
}

/** This host's, as dpkg names it. */
export async function architectureOf(runner: Runner): Promise<string> {
	try {
		return (await runner.capture(['dpkg', '--print-architecture'])).stdout.trim();
	} catch (error) {
		throw new Error(t('This host has no dpkg; kits are for Debian and Ubuntu.'), {cause: error});
	}
}

/** The old environment's packages, rewritten for what comes. Throws an Error when they cannot be listed. */
export async function requirementsFor(
	runner: Runner,
	{database, environment}: Installation,
	needs: Needs,
): Promise<KitRequest['requirements']> {
	const {lines, remarks} = rewriteRequirements(await freeze(runner, environment.path), needs, database.kind);
	return lines.map((line, index) => {
		const remark = remarks.find(each => each.index === index)?.remark;
		return remark ? {line, remark} : {line};
	});
}

/** Makes the request for a kit for this host. Changes nothing. */
export async function askForKit(
	runner: Runner,
	installation: Installation,
	wanted: {readonly to: string; readonly needs: Needs; readonly host: string; readonly program: string},
): Promise<KitRequest> {
	const needs = installation.apache ? wanted.needs : withoutApache(wanted.needs);
	const [platform, glibc, foreign, requirements, apt, status] = await Promise.all([
		platformOf(runner, installation),
		glibcVersion(runner),
		runner.capture(['dpkg', '--print-foreign-architectures']),
		requirementsFor(runner, installation, needs),
		readAptSetup(runner),
		readFile('/var/lib/dpkg/status', 'utf8'),
	]);
	return {
		schema: 1,
		kind: 'omflow-kit-request',
		program: wanted.program,
		createdAt: Date.now(),
		host: wanted.host,
		from: installation.version.text,
		to: wanted.to,
		database: installation.database.kind,
		platform: {...platform, glibc, foreign: foreign.stdout.split('\n').filter(Boolean)},
		python: needs.python,
		aptPackages: [...needs.aptPackages, ...developmentPackages(requirements.map(({line}) => line))],
		requirements,
		apt,
		status: resolutionStatus(status),
	};
}
