import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {compare} from 'semver';
import type {Finding} from '../engine/state.js';
import {releases} from './releases.js';

/**
A version of OMFLOW: four numbers and whatever follows, for example `1.1.6.3fix3`. The numbers mean
major, major, feature and bugfix; the suffix plays no part in the update rules.
*/
export type Version = {
	/** As it was written, without surrounding space. */
	readonly text: string;
	readonly numbers: readonly [number, number, number, number];
	readonly suffix: string;
};

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
			/** The version to go to first, where one is known. */
			readonly via?: string;
	  };

/** Throws an Error that says what was expected. */
export function parseVersion(text: string): Version {
	const trimmed = text.trim();
	const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])(\S{0,40})$/.exec(trimmed);
	if (!match) {
		const shown = JSON.stringify(trimmed.slice(0, 40));
		throw new Error(`${shown} is not an OMFLOW version: four numbers such as 1.2.0.0 are expected.`);
	}

	const [, a, b, c, d, suffix = ''] = match;
	return {text: trimmed, numbers: [Number(a), Number(b), Number(c), Number(d)], suffix};
}

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

		throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Run this as root.`);
	}

	const line = text
		.replace(/^\uFEFF/, '')
		.split(/\r\n|\n|\r/)
		.findLast(candidate => candidate.startsWith('version='));
	if (line === undefined) {
		throw new Error(
			`${file} has no line that starts with "version=", so the installed version is not known. Put the file of the installed version back from a backup.`,
		);
	}

	try {
		return parseVersion(line.slice('version='.length));
	} catch (error) {
		throw new Error(
			`${file} does not name a version: ${(error as Error).message} Put the file of the installed version back from a backup.`,
		);
	}
}

/** Negative when `a` is older, zero when all four numbers are the same, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
	return compare(featureOf(a), featureOf(b)) || a.numbers[3] - b.numbers[3];
}

/**
May `to` be applied on `from`? The rule is the vendor's, from the page "Version Update": with the same
first three numbers directly; else only to the next feature version, whose fourth number is 0. Which
feature version is next is known from `releases.ts`; versions that are not listed there are not guessed.
*/
export function judgeUpdate(from: Version, to: Version): Judgement {
	if (from.numbers.every(number => number === 0)) {
		return {
			allowed: false,
			reason: 'The installed version is not known: version.bin is missing or says 0.0.0.0.',
			remedy: 'Put omflow/syscom/version.bin of the installed version back from a backup.',
		};
	}

	const order = compareVersions(from, to);
	if (order === 0) {
		return {allowed: true, kind: 'same'};
	}

	if (order > 0) {
		return {
			allowed: false,
			reason: `${to.text} is older than the installed ${from.text}, and OMFLOW cannot go back.`,
			remedy: 'To have an older version again, restore its backup.',
		};
	}

	if (featureOf(from) === featureOf(to)) {
		return {allowed: true, kind: 'direct'};
	}

	const between = nextFeature(from);
	if (between && compare(featureOf(between), featureOf(to)) < 0) {
		return {
			allowed: false,
			reason: `${from.text} can only be updated to the next feature version, and ${between.text} comes before ${to.text}.`,
			remedy: `Update to ${between.text} first, then go on.`,
			via: between.text,
		};
	}

	if (to.numbers[3] !== 0) {
		const feature = `${featureOf(to)}.0`;
		return {
			allowed: false,
			reason: `${from.text} can only be updated to the next feature version, and ${to.text} is a bugfix version of another one.`,
			remedy: `Update to ${feature} first, then to ${to.text}.`,
			via: feature,
		};
	}

	return {allowed: true, kind: 'feature'};
}

/**
Warns when an allowed update is outside of the range for which the vendor published the patch. A warning
only: the rule in `judgeUpdate` decides what is allowed.
*/
export function warnUpdate(from: Version, to: Version): Finding[] {
	const range = releases.find(({version}) => compareVersions(parseVersion(version), to) === 0)?.appliesTo;
	if (
		!range ||
		compareVersions(from, to) > 0 ||
		(compareVersions(from, parseVersion(range.oldest)) >= 0 && compareVersions(from, parseVersion(range.newest)) <= 0)
	) {
		return [];
	}

	const applies = range.oldest === range.newest ? range.oldest : `${range.oldest} to ${range.newest}`;
	return [
		{
			severity: 'warning',
			id: 'update-range',
			sentence: `The vendor published ${to.text} for ${applies}; this server has ${from.text}.`,
			remedy: `The safer route is to update to ${range.newest} first, then to ${to.text}.`,
		},
	];
}

/** First three numbers, as semver wants them. */
function featureOf(version: Version): string {
	return version.numbers.slice(0, 3).join('.');
}

function nextFeature(from: Version): Version | undefined {
	return releases
		.map(({version}) => parseVersion(version))
		.filter(release => release.numbers[3] === 0 && compare(featureOf(release), featureOf(from)) > 0)
		.sort(compareVersions)[0];
}
