import {readFile} from 'node:fs/promises';
import {isDeepStrictEqual} from 'node:util';
import {t} from '../locales/index.js';
import {compareVersions, numbersOf, parseVersion, type Version} from './numbering.js';
import shipped from './releases.json' with {type: 'json'};

/** What a release needs that the ones before it do not have. */
export type Needs = {
	/** Minor version of Python, for example `3.11`. */
	readonly python: string;
	/** Version specifier for pip. */
	readonly django: string;
	/** Names for pip, besides the driver of the database. */
	readonly pythonPackages: readonly string[];
	/** Names for apt. */
	readonly aptPackages: readonly string[];
};

export type Release = {
	/** Four numbers, for example `1.2.0.0`. */
	readonly version: string;
	/** Versions on which the vendor says its patch applies; both ends belong to the range. */
	readonly appliesTo?: {readonly oldest: string; readonly newest: string};
	/** Present where the environment changes: this release, and those after it, run on another Python and Django. */
	readonly needs?: Needs;
};

/** What of it is needed where there is no Apache: neither mod_wsgi nor what builds it. A collector runs by itself. */
export function withoutApache(needs: Needs): Needs {
	return {
		...needs,
		pythonPackages: needs.pythonPackages.filter(name => name !== 'mod_wsgi'),
		aptPackages: needs.aptPackages.filter(name => name !== 'apache2-dev'),
	};
}

/**
The shipped table, oldest first. What follows from it is decided in `version.ts`, `route.ts` and
`requirements.ts`. Why `releases.json` says what it says, since JSON has no comments:

- Versions and ranges are those on the vendor's pages; there are other versions between them.
- Django: the documents say 4.2 "or above"; without an upper bound pip takes 5.x, which OMFLOW does not know.
- apache2-dev and gcc are not in the vendor's list, but mod_wsgi does not build without them.
- rsync: the first backup copy is made while OMFLOW runs and brought up to date when it is down.
*/
export const releases: readonly Release[] = shipped.releases;

/**
The shipped table and the administrator's, oldest first; an entry of the latter takes the place of the shipped
one for the same version. A missing file leaves the shipped table. Throws an Error that names file, entry and
what to do when the file is not of this shape: what it says ends up as arguments of apt and pip.
*/
export async function readReleases(file = '/etc/omflow-tui/releases.json'): Promise<readonly Release[]> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') {
			return releases;
		}

		throw new Error(
			t('{file} cannot be read ({code}). Make it a file that root can read, or move it away.', {file, code}),
		);
	}

	let own: readonly Release[];
	try {
		own = readTable(text);
	} catch (error) {
		throw new Error(
			t('{file} is not a table of releases: {message} Correct it, or move it away to use the shipped table.', {
				file,
				message: (error as Error).message,
			}),
		);
	}

	const byVersion = new Map([...releases, ...own].map(release => [release.version, release]));
	return [...byVersion.values()].sort((a, b) => compareVersions(parseVersion(a.version), parseVersion(b.version)));
}

/** What a version needs: the needs of the newest release up to it that has some; undefined when none has. */
export function needsOf(version: Version, table: readonly Release[] = releases): Needs | undefined {
	return table
		.filter(release => release.needs && compareVersions(parseVersion(release.version), version) <= 0)
		.sort((a, b) => compareVersions(parseVersion(a.version), parseVersion(b.version)))
		.at(-1)?.needs;
}

/** What `to` needs, when `from` does not need the same. */
export function changesEnvironment(
	from: Version,
	to: Version,
	table: readonly Release[] = releases,
): Needs | undefined {
	const needs = needsOf(to, table);
	return isDeepStrictEqual(needs, needsOf(from, table)) ? undefined : needs;
}

function readTable(text: string): Release[] {
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch (error) {
		throw new Error(t('it is not JSON ({message}).', {message: (error as Error).message}));
	}

	const {schema, releases: entries} = members(content, 'it', ['schema', 'releases']);
	if (schema !== 1) {
		throw new Error(t('its "schema" must be 1, which is all that this version of omflow-tui knows.'));
	}

	const table = list(entries, '"releases"').map((entry, index) => readRelease(entry, `releases[${index}]`));
	const twice = table.find(({version}, index) => table.findIndex(other => other.version === version) < index);
	if (twice) {
		throw new Error(t('it has more than one entry for {version}.', {version: twice.version}));
	}

	return table;
}

function readRelease(entry: unknown, at: string): Release {
	const {version, appliesTo, needs} = members(entry, at, ['version'], ['appliesTo', 'needs']);
	const number = fourNumbers(version, `${at}.version`);
	return {
		version: number,
		...(appliesTo === undefined ? {} : {appliesTo: readRange(appliesTo, `${at}.appliesTo`, number)}),
		...(needs === undefined ? {} : {needs: readNeeds(needs, `${at}.needs`)}),
	};
}

function readRange(entry: unknown, at: string, version: string): NonNullable<Release['appliesTo']> {
	const range = members(entry, at, ['oldest', 'newest']);
	const oldest = fourNumbers(range.oldest, `${at}.oldest`);
	const newest = fourNumbers(range.newest, `${at}.newest`);
	const [first, last, applied] = [oldest, newest, version].map(parseVersion) as [Version, Version, Version];
	if (compareVersions(first, last) > 0 || compareVersions(last, applied) > 0) {
		throw new Error(t('{at} must go from an older version to a newer one, and not beyond {version}.', {at, version}));
	}

	return {oldest, newest};
}

function readNeeds(entry: unknown, at: string): Needs {
	const needs = members(entry, at, ['python', 'django', 'pythonPackages', 'aptPackages']);
	const names = (value: unknown, place: string, pattern: RegExp, like: string) =>
		list(value, place).map((name, index) => matching(name, `${place}[${index}]`, pattern, like));
	return {
		python: matching(needs.python, `${at}.python`, /^\d+\.\d+$/, t('a minor version such as "3.11"')),
		django: matching(
			needs.django,
			`${at}.django`,
			/^(?:(?:[=!<>~]=|[<>])\d+(?:\.\d+)*(?:,(?!$)|$))+$/,
			t('version specifiers such as ">=4.2,<4.3"'),
		),
		pythonPackages: names(
			needs.pythonPackages,
			`${at}.pythonPackages`,
			/^[a-z\d](?:[a-z\d._-]*[a-z\d])?$/i,
			t('the name of a Python package'),
		),
		// A name with a hyphen at its end would have apt remove the package.
		aptPackages: names(
			needs.aptPackages,
			`${at}.aptPackages`,
			/^[a-z\d][a-z\d+.-]*[a-z\d+]$/,
			t('the name of a Debian package'),
		),
	};
}

function members(
	value: unknown,
	at: string,
	required: readonly string[],
	optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new Error(t('{at} must be an object.', {at}));
	}

	const lacking = required.find(key => !Object.hasOwn(value, key));
	if (lacking !== undefined) {
		throw new Error(`${at} lacks "${lacking}".`);
	}

	const unknown = Object.keys(value).find(key => !required.includes(key) && !optional.includes(key));
	if (unknown !== undefined) {
		throw new Error(t('{at} has {unknown}, which is not known.', {at, unknown: JSON.stringify(unknown)}));
	}

	return value as Record<string, unknown>;
}

function list(value: unknown, at: string): readonly unknown[] {
	if (!Array.isArray(value)) {
		throw new Error(t('{at} must be a list.', {at}));
	}

	return value;
}

function matching(value: unknown, at: string, pattern: RegExp, like: string): string {
	if (typeof value !== 'string' || !pattern.test(value)) {
		throw new Error(t('{at} must be {like}, not {value}.', {at, like, value: JSON.stringify(value).slice(0, 60)}));
	}

	return value;
}

/** One spelling of each version, so that an entry finds the one it replaces. */
function fourNumbers(value: unknown, at: string): string {
	const text = matching(value, at, /^\d{1,9}(?:\.\d{1,9}){3}$/, t('four numbers such as "1.2.0.0"'));
	return numbersOf(parseVersion(text));
}
