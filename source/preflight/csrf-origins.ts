import {isIP} from 'node:net';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {readConfiguration} from '../host/apache-includes.js';
import {t} from '../locales/index.js';
import {shownLine} from './show.js';
import type {Subject} from './subject.js';

/**
Whether users reach OMFLOW by a domain that Django 4 does not trust. The vendor's pages know it as a 403 after the
change to 4.2: behind a proxy, forms are refused unless CSRF_TRUSTED_ORIGINS has the domain. Entries need a scheme
since Django 4.0, whose own check (4_0.E001) refuses to migrate with one that has none; Django 2.2 wants them without.
Scheme, host and port must be those in the users' browsers, which a proxy hides: neither OMFLOW's nor Apache's tell.
*/
export async function csrfOrigins({installation, hops}: Subject): Promise<readonly Finding[]> {
	if (!hops.some(({needs}) => needs) || installation.role !== 'server') {
		return [];
	}

	const {directory, settings} = installation;
	const {allowedHosts, trustedOrigins} = settings;
	const apacheNames = await namesOf(installation.apache);
	const names = [...new Set([...(apacheNames ?? []), ...(allowedHosts ?? [])].map(plainName))].filter(isDomain);
	const file = join(directory, 'omflow/settings.py');
	const finding = (sentence: string, remedy: string, evidence?: string): Finding[] => [
		{severity: 'warning', id: 'csrf-origins', sentence, ...(evidence === undefined ? {} : {evidence}), remedy},
	];
	if (trustedOrigins === undefined) {
		return names.length === 0
			? []
			: finding(
					t('Users reach OMFLOW as {names}; whether CSRF_TRUSTED_ORIGINS has that cannot be told.', {
						names: shown(names),
					}),
					t('See that {file} has it as users type it, for example {line}.', {
						file,
						line: lineOf(names.map(originOf)),
					}),
				);
	}

	const bare = trustedOrigins.filter(entry => !entry.includes('://'));
	const listed = names.map(name => ({name, entries: trustedOrigins.filter(entry => covers(entry, name))}));
	const missing = listed.filter(({entries}) => entries.length === 0).map(({name}) => name);
	const line = lineOf([
		...trustedOrigins.map(entry => (bare.includes(entry) ? originOf(entry) : entry)),
		...missing.map(originOf),
	]);
	if (bare.length > 0) {
		return finding(
			t(
				'CSRF_TRUSTED_ORIGINS has entries without a scheme, and with one of these Django 4.2 refuses to migrate the database.',
			),
			t(
				'Write each as users type it, for example {line}, at the time of the upgrade and not before: Django 2.2 reads only entries without a scheme.',
				{line},
			),
			`${file}: ${shown(bare)}`,
		);
	}

	if (missing.length > 0) {
		return finding(
			t(
				'CSRF_TRUSTED_ORIGINS has nothing that fits {missing}, so behind a proxy Django 4.2 refuses forms with status 403.',
				{missing: shown(missing)},
			),
			t(
				'Write each into {file} as users type it, for example {line}; Django 4.2 compares scheme, name and port, and Django 2.2 does not mind.',
				{file, line},
			),
			`${file}: ${trustedOrigins.length === 0 ? t('not set') : shown(trustedOrigins)}`,
		);
	}

	const others = listed.filter(({entries}) => !entries.some(isUsual));
	if (others.length > 0) {
		return [
			{
				severity: 'info',
				id: 'csrf-origins',
				sentence: t(
					'CSRF_TRUSTED_ORIGINS has {name} only as {entries}; behind a proxy users must come by exactly that.',
					{name: shown(others.map(({name}) => name)), entries: shown(others.flatMap(({entries}) => entries))},
				),
				evidence: `${file}: ${shown(trustedOrigins)}`,
				remedy: t('If they come otherwise, add that, for example {name}.', {
					name: lineOf([...trustedOrigins, ...others.map(({name}) => originOf(name))]),
				}),
			},
		];
	}

	const isUnknown = allowedHosts === undefined || (apacheNames === undefined && installation.apache !== undefined);
	return names.length === 0 && isUnknown
		? [
				{
					severity: 'info',
					id: 'csrf-origins',
					sentence: t(
						'Whether users reach OMFLOW by a domain cannot be told from ALLOWED_HOSTS and Apache’s configuration.',
					),
					remedy: t('If they do, see that {file} has it, as in {line}.', {
						file,
						line: lineOf(['https://omflow.example.com']),
					}),
				},
			]
		: [];
}

function lineOf(origins: readonly string[]): string {
	return `CSRF_TRUSTED_ORIGINS = [${[...new Set(origins)].map(origin => `'${shownLine(origin)}'`).join(', ')}]`;
}

function shown(names: readonly string[]): string {
	return names.map(name => shownLine(name)).join(', ');
}

/** ServerName and ServerAlias in the files that name OMFLOW; undefined when they cannot be read. */
async function namesOf(apache: Subject['installation']['apache']): Promise<readonly string[] | undefined> {
	if (!apache) {
		return undefined;
	}

	try {
		const {directives} = await readConfiguration(apache.mainFile, apache.root);
		return directives
			.filter(({file, name}) => apache.files.includes(file) && /^Server(?:Name|Alias)$/i.test(name))
			.flatMap(({values}) => values);
	} catch {
		return undefined;
	}
}

/** Without the scheme and port that a ServerName may have, and as Django writes wildcards: `*.example.com`. */
function plainName(name: string): string {
	return name
		.trim()
		.toLowerCase()
		.replace(/^[a-z]+:\/\//, '')
		.replace(/(?<=[^:]):\d+$/, '')
		.replace(/^\./, '*.')
		.replace(/\.$/, '');
}

/** A name for others than this host; neither an address, nor anything, nor with a variable nobody knows. */
function isDomain(name: string): boolean {
	return (
		/^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u.test(name) &&
		isIP(name) === 0 &&
		!/(?:^|\.)localhost$|\.localdomain\d?$/.test(name)
	);
}

/** What most users type. */
function originOf(name: string): string {
	return `https://${name.replace(/^\./, '*.')}`;
}

function isUsual(entry: string): boolean {
	return /^https:\/\/[^:]+$/i.test(entry);
}

/** Whether an entry is about a name, with a scheme and port that a browser may send: it leaves out the scheme's own. */
function covers(entry: string, name: string): boolean {
	const trusted = plainName(entry);
	const isSent = !/^(?:http:\/\/.*:80|https:\/\/.*:443)$/i.test(entry);
	const isInDomain = trusted.startsWith('*.') && (name.endsWith(trusted.slice(1)) || name === trusted.slice(2));
	return isSent && (trusted === name || isInDomain);
}
