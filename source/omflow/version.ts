import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {compare} from 'semver';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {compareVersions, featureOf, parseVersion, type Version} from './numbering.js';
import {type Release, releases} from './releases.js';

export {compareVersions, parseVersion, type Version} from './numbering.js';

export type Judgement =
	| {
			readonly allowed: true;
			/** `same`: applying the installed version's patch again. `direct`: only the last number grows. */
			readonly kind: 'direct' | 'feature' | 'same';
	  }
	| {
			readonly allowed: false;
			/** Why not, one sentence. */
			readonly reason: string;
			/** What to do, one sentence. */
			readonly remedy: string;
			/** The version to go to first, where one is known: it may be applied, and is older than the wanted one. */
			readonly via?: string;
	  };

export type UpdateOptions = {
	/** Of the server. Default: `linux`. */
	readonly platform?: 'linux' | 'windows';
	/** Versions which are known to exist. Default: the shipped table. */
	readonly releases?: readonly Release[];
};

/** On Windows the vendor's updater goes from here on to any newer version. */
const firstWithUpdater = '1.1.4.0';

/**
The installed version, from `omflow/syscom/version.bin`. Reads as OMFLOW itself does: the last line that
starts with `version=` wins, and a missing file means 0.0.0.0. Throws when the file says nothing usable.
*/
export async function readVersion(serverDirectory: string): Promise<Version> {
	const file = path.join(serverDirectory, 'omflow', 'syscom', 'version.bin');
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return parseVersion('0.0.0.0');
		}

		throw new Error(
			t('{file} cannot be read ({code}). Run this as root.', {file, code: (error as NodeJS.ErrnoException).code}),
		);
	}

	const named = namedIn(text);
	if (named === undefined) {
		throw new Error(
			t(
				'{file} has no line that starts with "version=", so the installed version is not known. Put the file of the installed version back from a backup.',
				{file},
			),
		);
	}

	try {
		return parseVersion(named);
	} catch (error) {
		throw new Error(
			t('{file} does not name a version: {message} Put the file of the installed version back from a backup.', {
				file,
				message: (error as Error).message,
			}),
		);
	}
}

/** The version that the text of a version.bin names; undefined when it names none. */
export function versionIn(text: string): Version | undefined {
	try {
		return parseVersion(namedIn(text) ?? '');
	} catch {
		return undefined;
	}
}

function namedIn(text: string): string | undefined {
	return text
		.replace(/^\uFEFF/, '')
		.split(/\r\n|\n|\r/)
		.findLast(line => line.startsWith('version='))
		?.slice('version='.length);
}

/**
May `to` be applied on `from`? The rule is the vendor's, from the page "Version Update": with the same
first three numbers directly; else only to the next feature version, whose fourth number is 0. On Windows
any newer version may follow 1.1.4.0, and what is older goes there in that order first. Which feature
version is next is known from the table of releases; those of which it lists nothing are not guessed.
*/
export function judgeUpdate(
	from: Version,
	to: Version,
	{platform = 'linux', releases: table = releases}: UpdateOptions = {},
): Judgement {
	if (from.numbers.every(number => number === 0)) {
		return {
			allowed: false,
			reason: t('The installed version is not known: version.bin is missing or says 0.0.0.0.'),
			remedy: t('Put omflow/syscom/version.bin of the installed version back from a backup.'),
		};
	}

	const order = compareVersions(from, to);
	if (order === 0) {
		return {allowed: true, kind: 'same'};
	}

	if (order > 0) {
		return {
			allowed: false,
			reason: t('{to} is older than the installed {from}, and OMFLOW cannot go back.', {to: to.text, from: from.text}),
			remedy: t('To have an older version again, restore its backup.'),
		};
	}

	if (featureOf(from) === featureOf(to)) {
		return {allowed: true, kind: 'direct'};
	}

	if (platform === 'windows' && compareVersions(from, parseVersion(firstWithUpdater)) >= 0) {
		return {allowed: true, kind: 'feature'};
	}

	const between = nextFeature(from, platform === 'windows' ? [...table, {version: firstWithUpdater}] : table);
	if (between && compare(featureOf(between), featureOf(to)) < 0) {
		return {
			allowed: false,
			reason: t('{from} can only be updated to the next feature version, and {between} comes before {to}.', {
				from: from.text,
				between: between.text,
				to: to.text,
			}),
			remedy: t('Update to {between} first, then go on.', {between: between.text}),
			via: between.text,
		};
	}

	if (to.numbers[3] !== 0) {
		const feature = `${featureOf(to)}.0`;
		return {
			allowed: false,
			reason: t(
				'{from} can only be updated to the next feature version, and {to} is a bugfix version of another one.',
				{from: from.text, to: to.text},
			),
			remedy: t('Update to {feature} first, then to {to}.', {feature, to: to.text}),
			via: feature,
		};
	}

	return {allowed: true, kind: 'feature'};
}

/**
Warns when an allowed update is outside of the range for which the vendor published the patch. A warning
only: the rule in `judgeUpdate` decides what is allowed. Applying a version's own patch again is never outside.
*/
export function warnUpdate(
	from: Version,
	to: Version,
	{releases: table = releases}: Pick<UpdateOptions, 'releases'> = {},
): Finding[] {
	const range = table.find(({version}) => compareVersions(parseVersion(version), to) === 0)?.appliesTo;
	if (!range || compareVersions(from, to) >= 0) {
		return [];
	}

	const [oldest, newest] = [parseVersion(range.oldest), parseVersion(range.newest)];
	if (compareVersions(from, oldest) >= 0 && compareVersions(from, newest) <= 0) {
		return [];
	}

	const applies =
		range.oldest === range.newest
			? range.oldest
			: t('{oldest} to {newest}', {oldest: range.oldest, newest: range.newest});
	const stop = [newest, oldest].find(version => compareVersions(from, version) < 0 && compareVersions(version, to) < 0);
	return [
		{
			severity: 'warning',
			id: 'update-range',
			sentence: t('The vendor published {to} for {applies}; this server has {from}.', {
				to: to.text,
				applies,
				from: from.text,
			}),
			remedy: stop
				? t('The safer route is to update to {stop} first, then to {to}.', {stop: stop.text, to: to.text})
				: t('No safer route to {to} is known. Rehearse the update first, or ask the vendor.', {to: to.text}),
		},
	];
}

/** A bugfix version that is known says that its feature version exists as well. */
function nextFeature(from: Version, table: readonly Release[]): Version | undefined {
	return table
		.map(({version}) => parseVersion(`${featureOf(parseVersion(version))}.0`))
		.filter(feature => compare(featureOf(feature), featureOf(from)) > 0)
		.sort(compareVersions)[0];
}
