import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import type {Distribution, Installation} from '../../source/omflow/installation.js';
import {releases} from '../../source/omflow/releases.js';
import type {Subject} from '../../source/preflight/subject.js';
import {workshop} from '../host/support.js';

export type SubjectParts = {
	readonly base?: string;
	readonly distribution?: Distribution;
	readonly state?: string;
	/** Without it a hop that changes the environment is ahead. */
	readonly hops?: Subject['hops'];
};

const needs = releases.find(release => release.needs)?.needs;

/** A subject that has what the checks of the host look at. */
export function subjectOf(runner: Runner, parts: SubjectParts = {}): Subject {
	const {base = '/opt/omflow', distribution = {id: 'debian', version: '12', codename: 'bookworm'}} = parts;
	return {
		runner,
		installation: {base, distribution, roles: ['server']} as unknown as Installation,
		hops: parts.hops ?? [{from: '1.1.6.3', to: '1.2.0.0', ...(needs ? {needs} : {})}],
		releases,
		state: parts.state ?? '/var/lib/omflow-tui',
	};
}

export type AptHost = {readonly runner: Runner; readonly directory: string};

/** The package it stands for, in the state a dpkg status file gives. */
export type Installed = readonly [name: string, version: string, status?: string];

/**
The real apt and dpkg with sources, lists and installed packages of their own, in a directory that goes with the
test. `lines` go into sources.list; `offers` become a source in a folder, whose list is fetched.
*/
export async function aptHost(
	t: TestContext,
	{
		lines = [],
		offers = [],
		installed = [],
	}: {
		lines?: readonly string[];
		offers?: ReadonlyArray<readonly [name: string, version: string, more?: string]>;
		installed?: readonly Installed[];
	},
): Promise<AptHost> {
	const {directory, log} = await workshop(t);
	// apt reads sources as a user of its own.
	await chmod(directory, 0o755);
	for (const folder of [
		'parts',
		'lists/partial',
		'cache/archives/partial',
		'dpkg/updates',
		'dpkg/info',
		'repository',
	]) {
		await mkdir(join(directory, folder), {recursive: true});
	}

	const settings = {
		// No hook and no setting of this machine.
		'Dir::Etc::main': 'none.conf',
		'Dir::Etc::parts': 'parts/',
		'Dir::Etc::sourcelist': 'sources.list',
		'Dir::Etc::sourceparts': 'parts/',
		'Dir::State::lists': 'lists/',
		'Dir::State::status': 'dpkg/status',
		'Dir::Cache': 'cache/',
	};
	const packagesFile = join(directory, 'repository/Packages');
	await Promise.all([
		writeFile(
			join(directory, 'apt.conf'),
			`${Object.entries(settings)
				.map(([name, value]) => `${name} "${directory}/${value}";\n`)
				.join('')}APT::Architecture "amd64";\nAPT::Architectures { "amd64"; };\n`,
		),
		writeFile(join(directory, 'dpkg/status'), installed.map(each => stanza(...each)).join('')),
		writeFile(packagesFile, offers.map(each => offer(...each)).join('')),
	]);
	const environment = {
		...plainEnvironment,
		APT_CONFIG: join(directory, 'apt.conf'),
		DPKG_ADMINDIR: join(directory, 'dpkg'),
	};
	const runner = createRunner({log, environment});
	const folder = `deb [trusted=yes] file:${directory}/repository ./`;
	if (offers.length > 0) {
		await writeFile(join(directory, 'sources.list'), `${folder}\n`);
		await runner.capture(['apt-get', 'update']);
	}

	const all = [...(offers.length > 0 ? [folder] : []), ...lines];
	await writeFile(join(directory, 'sources.list'), all.map(line => `${line}\n`).join(''));
	return {runner, directory};
}

function stanza(name: string, version: string, status = 'installed'): string {
	return `Package: ${name}\nStatus: install ok ${status}\nMaintainer: x\nArchitecture: amd64\nVersion: ${version}\nDescription: x\n\n`;
}

function offer(name: string, version: string, more = 'Priority: optional'): string {
	return `Package: ${name}\nVersion: ${version}\n${more}\nArchitecture: amd64\nMaintainer: x\nFilename: ./${name}.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\nDescription: x\n\n`;
}
