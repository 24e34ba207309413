import {t} from '../locales/index.js';

/** Reads what apt-get and apt-cache print in English. Pure; the samples in the tests are recorded. */

export type Policy = {readonly installed?: string; readonly candidate?: string};

/** `apt-cache policy NAME…`, by package. Unknown packages are not in it. */
export function parsePolicy(text: string): Map<string, Policy> {
	const policies = new Map<string, Policy>();
	let name = '';
	for (const line of text.split('\n')) {
		const heading = /^(\S+):$/.exec(line);
		if (heading) {
			name = heading[1] ?? '';
			policies.set(name, {});
			continue;
		}

		const value = /^ {2}(Installed|Candidate): (.+)$/.exec(line);
		if (value?.[2] && value[2] !== '(none)') {
			policies.set(name, {...policies.get(name), [value[1] === 'Installed' ? 'installed' : 'candidate']: value[2]});
		}
	}

	return policies;
}

export type Offer = {
	readonly version: string;
	/** Who has it, in apt's words, for example `http://mirror.example.org/debian bookworm/main amd64 Packages`. */
	readonly sources: readonly string[];
};

/** The version tables of `apt-cache policy NAME…`, by package, each in apt's order: highest version first. */
export function parseOffers(text: string): Map<string, readonly Offer[]> {
	const tables = new Map<string, Array<{version: string; sources: string[]}>>();
	let table: Array<{version: string; sources: string[]}> = [];
	for (const line of text.split('\n')) {
		const heading = /^(\S+):$/.exec(line)?.[1];
		if (heading) {
			table = [];
			tables.set(heading, table);
		}

		const version = /^ (?:\*{3}| {3}) (\S+) -?\d+(?: \(.*\))?$/.exec(line)?.[1];
		if (version) {
			table.push({version, sources: []});
		}

		const source = /^ {7,8} *-?\d+ (\S.*)$/.exec(line)?.[1];
		if (source) {
			table.at(-1)?.sources.push(source);
		}
	}

	return tables;
}

export type ParsedPlan = {
	packages: Array<{name: string; version: string; bytes: number}>;
	downloadBytes: number;
	installedBytes: number;
	removes: string[];
};

/**
Names and versions come from `apt-get -s`, which knows no sizes; sizes from `--print-uris`, which leaves out what
is downloaded already.
*/
export function parsePlan(simulated: string, uris: string): ParsedPlan {
	const sizes = new Map<string, number>();
	let downloadBytes = 0;
	for (const match of uris.matchAll(/^'[^']*' (\S+?)_\S*_(\w[\w-]*)\.deb (\d+)/gm)) {
		sizes.set(`${match[1]} ${match[2]}`, Number(match[3]));
		downloadBytes += Number(match[3]);
	}

	const packages = [...simulated.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) .*?\[([^\]]+)\]\)/gm)].map(match => {
		const name = match[1] ?? '';
		const bytes = sizes.get(`${name.replace(/:.*/, '')} ${match[3]}`) ?? 0;
		return {name, version: match[2] ?? '', bytes};
	});
	const removes = [...simulated.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(match => match[1] ?? '');
	return {packages, downloadBytes, installedBytes: parseDiskUse(uris), removes};
}

const units: Readonly<Record<string, number>> = {B: 1, kB: 1e3, MB: 1e6, GB: 1e9};

function parseDiskUse(text: string): number {
	const line = /^After this operation, ([\d.,]+) (B|kB|MB|GB) (?:of )?(additional )?disk space will be (used|freed)/m;
	const [, amount = '0', unit = 'B', , word] = line.exec(text) ?? [];
	const bytes = Math.round(Number(amount.replaceAll(',', '')) * (units[unit] ?? 1));
	return word === 'freed' ? -bytes : bytes;
}

/** Why apt refused, in sentences about this host; who asks on behalf of another one says it in its own. */
export class AptRefusal extends Error {
	override readonly name = 'AptRefusal';
	/** The package that no source has. */
	readonly unknown: string | undefined;
	/** Why the packages do not go together. */
	readonly unmet: string | undefined;

	constructor(output: string) {
		super(explainApt(output) ?? t('apt cannot plan this installation.'));
		this.unknown = unknownIn(output);
		this.unmet = unmetIn(output);
	}
}

function unknownIn(output: string): string | undefined {
	return (/Unable to locate package (\S+)/.exec(output) ??
		/Package '?([^\s']+)'? has no installation candidate/.exec(output))?.[1];
}

function unmetIn(output: string): string | undefined {
	const unmet = /The following packages have unmet dependencies:\n((?: .*\n?)+)/.exec(output);
	return unmet?.[1]?.trim().split('\n')[0]?.trim();
}

/**
What the last lines of apt mean and what to do, in sentences; undefined when there is no error in them.
`problem` is what apt reported while it worked. User names and passwords in addresses are left out.
*/
export function explainApt(output: string, problem?: string): string | undefined {
	const byDpkg = /lock was locked by another process with pid (\d+)/.exec(output);
	if (byDpkg) {
		return t('Process {byDpkg} is installing packages and holds the lock. Wait until it has ended and try again.', {
			byDpkg: byDpkg[1],
		});
	}

	const lock = /Could not get lock (\S+?)\.?(?: |$).*?(?:held by process (\d+)(?: \(([^)]+)\))?|$)/m.exec(output);
	if (lock || /Unable to (?:lock|acquire)|frontend lock/.test(output)) {
		const holder = lock?.[2]
			? t('Process {lock}{lock2}', {lock: lock[2], lock2: lock[3] ? ` (${lock[3]})` : ''})
			: t('Another program');
		return t('{holder} is installing packages and holds the lock. Wait until it has ended and try again.', {holder});
	}

	if (/dpkg was interrupted/.test(output)) {
		return t('An earlier installation was cut. Run "dpkg --configure -a" and try again.');
	}

	const disc = /disc ([^\n]*?) is asked for|disc labeled\s+'([^']+)'|Failed to fetch cdrom:\/\/([^/]+)\//.exec(
		`${problem ?? ''}\n${output}`,
	);
	if (disc) {
		const label = disc[1] ?? disc[2] ?? disc[3];
		return t(
			'A package source is the disc {label}, which is not in its drive. Take its "cdrom:" line out of /etc/apt/sources.list and try again.',
			{label},
		);
	}

	// Before what could not be fetched: without room that fails as well.
	if (/No space left|don't have enough free space|Disk quota exceeded/.test(`${problem ?? ''}\n${output}`)) {
		return t('There is not enough room on the disk for the packages. Make room and try again.');
	}

	const fetches = [...output.matchAll(/Failed to fetch (\S+)\s+(.*)/g)];
	if (fetches.length > 0) {
		return explainFetch(fetches.map(match => [match[1] ?? '', (match[2] ?? '').trim()]));
	}

	if (/Unable to fetch some archives|Some files failed to download/.test(output)) {
		return t('Not all packages are downloaded. Download them and try again.');
	}

	const unknown = unknownIn(output);
	if (unknown !== undefined) {
		return t('No package source of this host has {unknown}. Add a source that has it.', {unknown});
	}

	if (/remove is disabled|Packages need to be removed/.test(output)) {
		return t(
			'apt would have to remove packages that are in use, and was not allowed to. Settle the conflict with "apt-get install" by hand and try again.',
		);
	}

	const reason = unmetIn(output);
	if (reason !== undefined) {
		return t(
			'The packages do not go together ({reason}). Run "apt-get -f install", or settle the conflict, and try again.',
			{reason},
		);
	}

	const broken = /dpkg: error processing (?:package|archive) (\S+).*\n\s*(.+)/.exec(output);
	if (problem !== undefined || broken) {
		const said = problem ?? `${broken?.[1]}: ${broken?.[2]}`;
		return t('A package could not be installed ({said}). The log shows why; put it right and try again.', {said});
	}

	const last = [...output.matchAll(/^E: (.+)$/gm)].at(-1)?.[1];
	return last === undefined ? undefined : t('apt failed: {last}. The log shows more.', {last});
}

function explainFetch(failures: ReadonlyArray<readonly [url: string, reason: string]>): string {
	const [first = ['', '']] = failures;
	const [url, reason] = first;
	const hosts = [...new Set(failures.map(([address]) => hostOf(address)))];
	const named =
		hosts.slice(0, 3).join(', ') + (hosts.length > 3 ? t(' and {hosts} more', {hosts: hosts.length - 3}) : '');
	if (/404|410 /.test(reason)) {
		const list = /\/dists\//.test(url);
		return list
			? t(
					'The package source {named} no longer has this release. Take it out of /etc/apt/sources.list.d, or name a mirror that still has it.',
					{named},
				)
			: t('The package source {named} no longer has these versions. Fetch the lists again and try again.', {named});
	}

	if (/Hash Sum mismatch|size mismatch/i.test(reason)) {
		return t(
			'The package source {named} gave a damaged file. Try again; if it stays, a proxy in between changes files.',
			{named},
		);
	}

	return t(
		'The package source {named} is out of reach ({given}). Check the network, and the proxy in /etc/apt/apt.conf.d and /etc/environment.',
		{named, given: reason.replace(/:$/, '') || t('no reason given')},
	);
}

/** The host of an address, without a user's name and password; the scheme for addresses without a host. */
function hostOf(address: string): string {
	try {
		const {host, protocol, pathname} = new URL(address);
		return host || `${protocol}${pathname}`;
	} catch {
		return address.replace(/\/\/[^/@]*@/, '//').slice(0, 80);
	}
}
