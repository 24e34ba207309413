/** Releases of OMFLOW as data. What follows from them is decided in `version.ts`, `route.ts` and `requirements.ts`. */

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

/** Versions which are known to exist, from the vendor's pages, oldest first. There are others between them. */
export const releases: readonly Release[] = [
	{version: '1.1.0.0'},
	{version: '1.1.4.0'},
	{version: '1.1.6.0'},
	{version: '1.1.6.3', appliesTo: {oldest: '1.1.6.0', newest: '1.1.6.3'}},
	{
		version: '1.2.0.0',
		appliesTo: {oldest: '1.1.6.3', newest: '1.1.6.3'},
		needs: {
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
	},
	{version: '1.2.0.1', appliesTo: {oldest: '1.2.0.0', newest: '1.2.0.1'}},
	{version: '1.2.1.0', appliesTo: {oldest: '1.2.0.0', newest: '1.2.1.0'}},
];
