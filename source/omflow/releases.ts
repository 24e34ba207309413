/** Releases of OMFLOW as data. What follows from them is decided in `version.ts` and `requirements.ts`. */

/** A version that needs another environment than the one before. */
export type Release = {
	readonly version: string;
	/** Minor version of Python, for example `3.11`. */
	readonly python: string;
	/** Version specifier for pip. */
	readonly django: string;
	/** Names for pip, besides the driver of the database. */
	readonly pythonPackages: readonly string[];
	/** Names for apt. */
	readonly aptPackages: readonly string[];
};

export const releases: readonly Release[] = [
	{
		version: '1.2.0.0',
		python: '3.11',
		// The documents say 4.2 "or above"; without the upper bound pip takes 5.x, which OMFLOW does not know.
		django: '>=4.2,<4.3',
		pythonPackages: ['wheel', 'django', 'ldap3', 'mod_wsgi', 'openpyxl'],
		aptPackages: [
			'python3.11',
			'python3.11-dev',
			'python3.11-venv',
			'python3-pip',
			// Not in the vendor's list, but mod_wsgi does not build without these two.
			'apache2-dev',
			'gcc',
			// The first backup copy is made while OMFLOW runs and brought up to date when it is down.
			'rsync',
		],
	},
];

/** Versions which are known to exist, from the vendor's pages. There are others between them. */
export const knownReleases: readonly string[] = [
	'1.1.0.0',
	'1.1.4.0',
	'1.1.6.0',
	'1.1.6.3',
	'1.2.0.0',
	'1.2.0.1',
	'1.2.1.0',
];

/** Versions on which the vendor says a patch applies; both ends belong to the range. */
export const updateRanges: ReadonlyArray<{readonly to: string; readonly oldest: string; readonly newest: string}> = [
	{to: '1.1.6.3', oldest: '1.1.6.0', newest: '1.1.6.3'},
	{to: '1.2.0.0', oldest: '1.1.6.3', newest: '1.1.6.3'},
	{to: '1.2.0.1', oldest: '1.2.0.0', newest: '1.2.0.1'},
	{to: '1.2.1.0', oldest: '1.2.0.0', newest: '1.2.1.0'},
];
