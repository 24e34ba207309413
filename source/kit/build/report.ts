import {type LicenceFields, licenceOf} from '../../host/wheel-metadata.js';
import {t} from '../../locales/index.js';

/** Where a file of a kit comes from, and under which licence it is as far as it says. */
export type Origin = {readonly origin: string; readonly licence?: string};

/** A package that pip has chosen. */
export type Resolved = {
	/** As its author spells it. */
	readonly name: string;
	readonly version: string;
	/** Address of the file it would take, without user and password. */
	readonly url: string;
	readonly licence?: string;
};

/**
Where a file comes from that pip left: pip chose for the Python here, and for a server of another architecture fetched what
is offered beside that. `given` are the names of files of whoever builds.
*/
export function originOf(
	file: string,
	{url}: Pick<Resolved, 'url'>,
	{given, isNative}: {readonly given: readonly string[]; readonly isNative: boolean},
): string {
	if (given.includes(file)) {
		return 'given with --wheels';
	}

	if ([file, encodeURIComponent(file)].includes(url.slice(url.lastIndexOf('/') + 1))) {
		return url;
	}

	return isNative && file.endsWith('.whl') ? `built here from ${url}` : `offered beside ${url}`;
}

type Entry = {
	readonly download_info?: {readonly url?: string};
	readonly metadata?: LicenceFields & {readonly name?: string; readonly version?: string};
};

/**
Reads what `pip install --report` wrote; the format is in pip's documentation, “Installation Report”. Sorted by name.
Throws an Error when it is in another form.
*/
export function readReport(text: string): readonly Resolved[] {
	const {install} = JSON.parse(text) as {install?: readonly Entry[]};
	if (!Array.isArray(install)) {
		throw new Error(t('pip did not report which packages it has chosen.'));
	}

	return (install as readonly Entry[])
		.map(({download_info: info, metadata}) => {
			const {name, version} = metadata ?? {};
			if (!name || !version || !/^[\w.-]+$/.test(name) || !/^[\w.+!-]+$/.test(version)) {
				throw new Error(t('pip reported a package without name or version.'));
			}

			const licence = licenceOf(metadata ?? {});
			const url = (info?.url ?? '').replace(/\/\/[^/@]*@/, '//');
			return {name, version, url, ...(licence ? {licence} : {})};
		})
		.sort((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase()));
}
