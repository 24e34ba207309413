import {compare} from 'semver';
import {t} from '../locales/index.js';

/**
A version of OMFLOW: four numbers and whatever follows, for example `1.1.6.3fix3`. The numbers mean
major, major, feature and bugfix; the suffix plays no part in the update rules.
*/
export type Version = {
	/** As it was written, without surrounding space. */
	readonly text: string;
	readonly numbers: readonly [number, number, number, number];
	/** Printable, at most 40 characters. */
	readonly suffix: string;
};

/** Throws an Error that says what was expected. */
export function parseVersion(text: string): Version {
	const trimmed = text.trim();
	const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])([\p{L}\p{N}\p{P}\p{S}]{0,40})$/u.exec(trimmed);
	if (!match) {
		const shown = JSON.stringify(trimmed.slice(0, 40));
		throw new Error(t('{shown} is not an OMFLOW version: four numbers such as 1.2.0.0 are expected.', {shown}));
	}

	const [, a, b, c, d, suffix = ''] = match;
	return {text: trimmed, numbers: [Number(a), Number(b), Number(c), Number(d)], suffix};
}

/** Negative when `a` is older, zero when all four numbers are the same, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
	return compare(featureOf(a), featureOf(b)) || a.numbers[3] - b.numbers[3];
}

/** First three numbers, as semver wants them: they are the same from one feature version to the next. */
export function featureOf(version: Version): string {
	return version.numbers.slice(0, 3).join('.');
}

/** The four numbers alone, for example `1.1.6.3` for `1.1.6.3fix3`. */
export function numbersOf(version: Version): string {
	return version.numbers.join('.');
}
