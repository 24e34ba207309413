import {hostname} from 'node:os';
import {basename, resolve} from 'node:path';
import type {Finding} from '../engine/state.js';
import {sha256Of} from '../host/checksum.js';
import {networkEnvironment} from '../host/environment.js';
import {isDiskFull, writeDurably} from '../host/files.js';
import {normalizeName} from '../host/pip.js';
import {createRunner, plainEnvironment, type Runner} from '../host/process.js';
import {askForKit, requirementsFor} from '../kit/ask.js';
import {t} from '../locales/index.js';
import {findInstallation, type Installation} from '../omflow/installation.js';
import {changesEnvironment, type Needs, type Release, readReleases, withoutApache} from '../omflow/releases.js';
import {partOfEnvironment} from '../omflow/requirement-rules.js';
import {findRoute} from '../omflow/route.js';
import {parseVersion, type Version} from '../omflow/version.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';
import {showScreenful} from './screenful.js';
import type {Arguments} from './usage.js';
import {version} from './version.js';
import {archivesOf, findInstalled, targetOf} from './way.js';

/** Writes what a connected machine must know of this server to make a kit for it. */
export async function requestKit(given: Arguments): Promise<number> {
	const {installation, needs, runner, to} = await whatIsWanted(given);
	const wanted = {to: to.text, needs, host: hostname(), program: version};
	const asked = await askForKit(runner, installation, wanted).catch(refuse);
	const file = given.output ?? resolve(`omflow-kit-request-${hostname()}.json`);
	await write(file, `${JSON.stringify(asked, null, '\t')}\n`);
	if (given.json) {
		process.stdout.write(`${JSON.stringify({schema: 1, file, sha256: await sha256Of(file), to: to.text})}\n`);
		return 0;
	}

	await showScreenful(given, {
		title: t('Request for an offline kit'),
		facts: [
			[t('File'), file],
			[
				t('For'),
				t('{from} to {to}, {id} {version} {architecture}', {
					from: asked.from,
					to: asked.to,
					id: asked.platform.id,
					version: asked.platform.version,
					architecture: asked.platform.architecture,
				}),
			],
			[
				t('Copy it'),
				t('to a Debian or Ubuntu with a network: {command}', {command: `scp root@${hostname()}:${file} .`}),
			],
			[t('There'), `omflow-tui kit build ${basename(file)} --patch PATCH`],
			[
				t('It has'),
				t('{requirements} Python packages, the package list of this server, no secrets', {
					requirements: asked.requirements.length,
				}),
			],
		],
		findings: asked.requirements.flatMap(({line, remark}) => toDecide(line, remark)),
	});
	return 0;
}

/** Writes the rewritten list of Python packages alone, for people who fetch and build by hand. */
export async function freezeRequirements(given: Arguments): Promise<number> {
	const {installation, needs, runner} = await whatIsWanted(given);
	const lines = await requirementsFor(runner, installation, installation.apache ? needs : withoutApache(needs)).catch(
		refuse,
	);
	const text = lines
		.map(({line, remark}) => (remark && !line.startsWith('#') ? `${line}  # ${remark}\n` : `${line}\n`))
		.join('');
	if (given.output === undefined) {
		process.stdout.write(text);
		return 0;
	}

	await write(given.output, text);
	process.stdout.write(
		`${t('{output} has {lines} lines. Fetch them with the new Python: pip download -r {name} pip setuptools wheel -d wheels', {output: given.output, lines: lines.length, name: basename(given.output)})}\n`,
	);
	return 0;
}

type Wanted = {
	readonly runner: Runner;
	readonly installation: Installation;
	readonly to: Version;
	readonly needs: Needs;
};

/** The installation, and the version whose Python and Django a kit is to bring. Refuses when no kit is needed. */
async function whatIsWanted(given: Arguments): Promise<Wanted> {
	const archives = await archivesOf(given);
	const runner = createRunner({
		log: '/dev/null',
		environment: plainEnvironment,
		networkEnvironment: await networkEnvironment(),
	});
	const {base, version: from} = await findInstalled(given);
	const installation = await findInstallation(runner, {base}).catch(refuse);
	const releases = await readReleases().catch(refuse);
	const to = targetOf(archives, given) ?? nextWithNeeds(from, releases);
	const needs = to && changesEnvironment(from, to, releases);
	if (!to || !needs) {
		throw new Refusal(
			to
				? t('{from} to {to} needs no kit: Python and Django stay. The patch archive is all it takes.', {
						from: from.text,
						to: to.text,
					})
				: t('{from} needs no kit: Python and Django stay. The patch archive is all it takes.', {from: from.text}),
			exitStatus.blocked,
		);
	}

	const route = findRoute({from, to, archives, releases, via: given.via});
	if (!route.allowed) {
		throw new Refusal(`${route.reason} ${route.remedy}`, exitStatus.blocked);
	}

	return {runner, installation, to, needs};
}

function nextWithNeeds(from: Version, releases: readonly Release[]): Version | undefined {
	return releases
		.map(release => parseVersion(release.version))
		.find(
			version =>
				findRoute({from, to: version, archives: [], releases, via: []}).allowed &&
				changesEnvironment(from, version, releases),
		);
}

async function write(file: string, text: string): Promise<void> {
	// For a person to copy; what is in it is no secret.
	await writeDurably(file, text, {mode: 0o644}).catch((error: NodeJS.ErrnoException) => {
		throw isDiskFull(error)
			? error
			: new Refusal(
					t('{file} cannot be written ({error}). Name another place with --output.', {file, error: why(error)}),
					exitStatus.blocked,
				);
	});
}

/** What a person should look at: not what every environment brings itself, nor what only has a newer version. */
function toDecide(line: string, remark: string | undefined): Finding[] {
	const name = nameIn(line);
	if (remark === undefined || /^was \S+$/.test(remark) || partOfEnvironment.has(normalizeName(name))) {
		return [];
	}

	const severity = line.startsWith('#') ? 'warning' : 'info';
	return [{severity, id: 'requirement', sentence: `${name} ${remark.replace(/^was \S+?; /, '')}`}];
}

function why({code, message}: NodeJS.ErrnoException): string {
	return code ?? message;
}

function nameIn(line: string): string {
	return /[A-Za-z\d][\w.-]*/.exec(line.replace(/^# dropped: /, ''))?.[0] ?? 'line';
}

function refuse(error: Error): never {
	throw new Refusal(error.message, exitStatus.blocked);
}
