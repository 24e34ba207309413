import type {Finding} from '../engine/state.js';
import {type Offered, offered} from '../host/apt-offers.js';
import {hasLists, listSources} from '../host/apt-sources.js';
import {t} from '../locales/index.js';
import type {Distribution} from '../omflow/installation.js';
import type {Needs} from '../omflow/releases.js';

import {needsOnTheWay, type Subject} from './subject.js';

/**
Where a Python comes from on the distributions OMFLOW is met on. The PPA deadsnakes builds for Ubuntu releases that
are supported, and deletes what it built for one when its support has ended.
*/
const origins: ReadonlyArray<{python: string; id: string; versions: readonly string[]; from: 'ppa' | 'main' | 'none'}> =
	[
		{python: '3.11', id: 'ubuntu', versions: ['22.04', '24.04'], from: 'ppa'},
		{python: '3.11', id: 'ubuntu', versions: ['14.04', '16.04', '18.04', '20.04'], from: 'none'},
		{python: '3.11', id: 'debian', versions: ['12'], from: 'main'},
		{python: '3.11', id: 'debian', versions: ['9', '10', '11'], from: 'none'},
	];

const addPpa = 'add-apt-repository -y ppa:deadsnakes/ppa && apt-get update';

/** Names of hosts from which PPAs come. */
const launchpad = /\bppa\.launchpad(?:content)?\.net\b/;

/** Whether the Python a hop needs is there or to be had from apt, and whether it is one to trust. */
export async function pythonCandidate(
	subject: Subject,
	asked: Promise<readonly Offered[]> = offersFor(subject),
): Promise<readonly Finding[]> {
	const needs = needsOnTheWay(subject);
	if (!needs) {
		return [];
	}

	const {runner, installation} = subject;
	const [offers, sources] = await Promise.all([
		asked.catch((error: Error) => error),
		listSources(runner).catch(() => []),
	]);
	if (offers instanceof Error) {
		return [
			{
				severity: 'blocker',
				id: 'python-unavailable',
				sentence: t('It cannot be told whether Python {python} is to be had: apt does not say.', {
					python: needs.python,
				}),
				evidence: offers.message,
				remedy: t('Run “apt-cache policy” to see the error, and repair apt.'),
			},
		];
	}

	const packages = offers.filter(({name}) => isPython(name, needs));
	// Half a second of apt's, and of no interest where nothing is missing.
	const listed = !packages.some(isMissing) || (await hasLists(runner).catch(() => true));
	const ppas = sources.filter(source => launchpad.test(source));
	const own = judge(needs, packages, installation.distribution, ppas, listed);
	return [...own, ...strangePpa(installation.distribution, ppas)];
}

/** What apt has of all that the hops ahead need; asked once for all who want to know, since it takes apt a second. */
export async function offersFor(subject: Subject): Promise<readonly Offered[]> {
	const needs = needsOnTheWay(subject);
	return needs ? offered(subject.runner, needs.aptPackages) : [];
}

function isMissing({installed, candidate}: Offered): boolean {
	return !installed && candidate === undefined;
}

/** Whether a package is part of the Python that a hop needs. */
export function isPython(name: string, {python}: Needs): boolean {
	return name === `python${python}` || name.startsWith(`python${python}-`);
}

function judge(
	{python}: Needs,
	packages: readonly Offered[],
	distribution: Distribution,
	ppas: readonly string[],
	listed: boolean,
): readonly Finding[] {
	const evidence = packages.map(lineOf).join('\n');
	const missing = packages.filter(isMissing);
	if (missing.length > 0 && !listed) {
		return [
			{
				severity: 'warning',
				id: 'python-unknown',
				sentence: t('It cannot be told whether Python {python} is to be had: this host has no package lists.', {
					python,
				}),
				remedy: t('Run “apt-get update”, then check again.'),
			},
		];
	}

	if (missing.length > 0) {
		return [
			{
				severity: 'blocker',
				id: 'python-unavailable',
				sentence: t('No package source of this host has {missing}.', {
					missing: missing.map(({name}) => name).join(', '),
				}),
				evidence,
				remedy: remedyFor(python, distribution, ppas),
			},
		];
	}

	const main = packages.find(({name}) => name === `python${python}`);
	const version = main?.version ?? main?.candidate;
	if (version !== undefined && isPrerelease(version)) {
		const isOutdated = main?.candidate !== undefined && !isPrerelease(main.candidate);
		const upgrade = `apt-get install --only-upgrade ${packages.map(({name}) => name).join(' ')}`;
		const commands = [isOutdated ? 'apt-get update' : addPpa, ...(main?.installed ? [upgrade] : [])].join(' && ');
		return [
			{
				severity: 'warning',
				id: 'python-release-candidate',
				sentence: t('The Python that would be used is {version}, a release candidate and not a final version.', {
					version,
				}),
				evidence,
				remedy:
					isOutdated || originOf(python, distribution) === 'ppa'
						? t('Take the final one first: “{commands}”.', {commands})
						: t('Use an offline kit or a mirror that has a final python{python}.', {python}),
			},
		];
	}

	return [
		{
			severity: 'info',
			id: 'python-candidate',
			sentence: main?.installed
				? t('Python {python} is installed, {version}.', {python, version: main.version})
				: t('Python {python} is to be had from apt, {candidate}.', {python, candidate: main?.candidate}),
			evidence,
		},
	];
}

/** A version such as `3.11.0~rc1-1~22.04` or `3.11.0~b4`. */
function isPrerelease(version: string): boolean {
	return /^\d[\d.]*~?(?:a|b|rc)\d/.test(version);
}

function lineOf({name, version, offers}: Offered): string {
	const from = offers.flatMap(offer =>
		offer.sources.map(source => t('{version} from {source}', {version: offer.version, source})),
	);
	const installed = version === undefined ? [] : [`${version} installed`];
	const said = [...installed, ...from.filter(text => !text.endsWith('/var/lib/dpkg/status'))];
	return `${name}: ${said.length > 0 ? said.join('; ') : t('nowhere')}`;
}

function originOf(python: string, {id, version}: Distribution) {
	return origins.find(each => each.python === python && each.id === id && each.versions.includes(version))?.from;
}

function remedyFor(python: string, distribution: Distribution, ppas: readonly string[]): string {
	const release = `${distribution.id} ${distribution.version}`.trim();
	const elsewhere = t('an offline kit or a mirror that has python{python}', {python});
	switch (originOf(python, distribution)) {
		case 'ppa':
			return ppas.some(each => each.includes('/deadsnakes/'))
				? t('The PPA deadsnakes is configured: fetch its list with “apt-get update” and see that this succeeds.')
				: t('Add the PPA that has it: “{addPpa}”.', {addPpa});
		case 'main':
			return t(
				'It is in main of Debian {version}: see that a source in /etc/apt names “{codename} main”, then run “apt-get update”.',
				{version: distribution.version, codename: distribution.codename},
			);
		case 'none':
			return distribution.id === 'ubuntu'
				? t('The PPA deadsnakes has no packages for Ubuntu {version} any more: use {elsewhere}.', {
						version: distribution.version,
						elsewhere,
					})
				: t('Debian {version} has no such package: use {elsewhere}, or upgrade the system to Debian 12.', {
						version: distribution.version,
						elsewhere,
					});
		default:
			return release
				? t('Name a mirror that has python{python} for {release}, or use an offline kit.', {python, release})
				: t('Name a mirror that has python{python}, or use an offline kit.', {python});
	}
}

function strangePpa({id}: Distribution, ppas: readonly string[]): readonly Finding[] {
	return id === 'debian' && ppas.length > 0
		? [
				{
					severity: 'warning',
					id: 'ppa-on-debian',
					sentence: t('A PPA is configured, but PPAs are built for Ubuntu and do not fit Debian.'),
					evidence: ppas.join('\n'),
					remedy: t(
						'Find its file with “grep -rl launchpad /etc/apt/sources.list /etc/apt/sources.list.d”, remove that, and run “apt-get update”.',
					),
				},
			]
		: [];
}
