/** Reads what `pip install --progress-bar off` prints. Pure; the samples in the tests are recorded. */

export type PackageState =
	/** Asked for, not yet looked at. */
	| 'wanted'
	| 'fetching'
	/** Being compiled into a wheel, or asked for its metadata by running its own code. */
	| 'building'
	/** Fetched and built; waits until all are. */
	| 'ready'
	| 'installed';

export type PipPackage = {
	/** As its author spells it, as far as known. */
	readonly name: string;
	readonly state: PackageState;
	readonly version?: string;
	/** Size of the file, as pip rounds it. */
	readonly bytes?: number;
};

export type PipProgress = {
	/** By normalised name; see `normalizeName`. */
	readonly packages: Readonly<Record<string, PipPackage>>;
	/** Normalised name of the package pip is at. */
	readonly current?: string;
	/** Normalised name of the package that could not be built. */
	readonly failed?: string;
	/** Telling lines of a failure, at most twenty; they can be far above pip's last lines. */
	readonly evidence: readonly string[];
	/** 0 to 100, never less than before. */
	readonly percent: number;
};

/** One name for all spellings: rule of PEP 503. */
export function normalizeName(name: string): string {
	return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Before the first line. `wanted` are the names in the requirements file. */
export function startProgress(wanted: readonly string[] = []): PipProgress {
	const packages = Object.fromEntries(
		wanted.map(name => [normalizeName(name), {name, state: 'wanted'} satisfies PipPackage]),
	);
	return {packages, evidence: [], percent: 0};
}

const telling =
	/^Looking in indexes: |after connection broken by|Max retries exceeded|CERTIFICATE_VERIFY_FAILED|SSLError|ProxyError|No matching distribution|Could not find a version|conflicting dependencies|depends on|The user requested|ResolutionImpossible|fatal error: |: not found$|command not found|Can not find valid pkg-config|not to be installed|No such file or directory: '|Requires-Python|No space left|DO NOT MATCH THE HASHES|Failed building wheel|Failed to build|Failed to find|cannot find -l/;
const enoughEvidence = 20;

/** The progress after one more line of output; the same object when the line says nothing new. */
export function reduceLine(progress: PipProgress, line: string): PipProgress {
	const noted =
		telling.test(line) && progress.evidence.length < enoughEvidence
			? {...progress, evidence: [...progress.evidence, line.trim().slice(0, 500)]}
			: progress;
	return reduceKnown(noted, line.trim());
}

function reduceKnown(progress: PipProgress, line: string): PipProgress {
	let match = /^(?:Collecting|Processing|Obtaining) (\S+)/.exec(line);
	if (match) {
		const found = nameOf(match[1] ?? '');
		return found ? put(leave(progress), found.name, {state: 'fetching', ...found}, true) : progress;
	}

	match = /^(?:Downloading|Using cached) (\S+?)(?:\.metadata)?(?: \(([\d.]+) (bytes|[kMG]B)\))?$/.exec(line);
	if (match) {
		const file = fileName(match[1] ?? '');
		const bytes = match[2] && !line.includes('.metadata') ? {bytes: sizeOf(match[2], match[3])} : {};
		// What the index now gives, it was not out of reach for: an attempt before this one failed, and passed.
		const evidence = progress.evidence.filter(old => !/connection broken|Max retries/.test(old));
		return file
			? put({...progress, evidence}, file.name, {state: 'fetching', version: file.version, ...bytes}, true)
			: progress;
	}

	match = /^Requirement already (?:satisfied|up-to-date): ([A-Za-z\d][\w.-]*).*?(?:\(([^()\s]+)\))?$/.exec(line);
	if (match) {
		return put(progress, match[1] ?? '', {state: 'installed', ...version(match[2])}, false);
	}

	match =
		/^(?:Building wheel|Running setup\.py (?:install|bdist_wheel)) for (\S+).*: (started|finished with status '(\w+)')/.exec(
			line,
		);
	if (match) {
		const name = match[1] ?? '';
		if (match[3] === 'error') {
			return {...put(progress, name, {state: 'building'}, true), failed: normalizeName(name)};
		}

		return put(progress, name, {state: match[3] === 'done' ? 'ready' : 'building'}, true);
	}

	match = /^(?:Preparing|Getting|Installing|Running) .*: (started|finished with status '(\w+)')$/.exec(line);
	if (match && progress.current) {
		const state = match[2] === 'done' ? 'fetching' : 'building';
		const next = put(progress, progress.packages[progress.current]?.name ?? progress.current, {state}, true);
		return match[2] === 'error' ? {...next, failed: progress.current} : next;
	}

	match = /(?:Failed building wheel for|Failed to build) (?!one or more|installable)(\S+)/.exec(line);
	if (match) {
		return {...progress, failed: normalizeName((match[1] ?? '').replace(/[,;]$/, ''))};
	}

	match = /^Installing collected packages: (.+)$/.exec(line);
	if (match) {
		return (match[1] ?? '').split(', ').reduce((all, name) => put(all, name, {state: 'ready'}, false), leave(progress));
	}

	match = /^Successfully installed (.+)$/.exec(line);
	if (match) {
		const {current: _, ...rest} = progress;
		const installed = (match[1] ?? '').split(' ').reduce<PipProgress>((all, word) => {
			// Versions have no hyphen, names may.
			const at = word.lastIndexOf('-');
			return put(all, word.slice(0, at), {state: 'installed', version: word.slice(at + 1)}, false);
		}, rest);
		return {...installed, percent: 100};
	}

	return progress;
}

/** The package pip was at is fetched as soon as pip goes on to the next. */
function leave(progress: PipProgress): PipProgress {
	const current = progress.current === undefined ? undefined : progress.packages[progress.current];
	return current?.state === 'fetching' || current?.state === 'building'
		? put(progress, current.name, {state: 'ready'}, true)
		: progress;
}

function put(progress: PipProgress, name: string, change: Partial<PipPackage>, isCurrent: boolean): PipProgress {
	const key = normalizeName(name);
	const before: PipPackage = progress.packages[key] ?? {name, state: 'wanted'};
	const packages = {...progress.packages, [key]: {...before, ...change, name: before.name}};
	return {
		...progress,
		packages,
		...(isCurrent ? {current: key} : {}),
		percent: Math.max(progress.percent, percentOf(Object.values(packages))),
	};
}

const worth: Readonly<Record<PackageState, number>> = {
	wanted: 0,
	fetching: 20,
	building: 40,
	ready: 70,
	installed: 100,
};

/** 100 only when pip says so: dependencies still turn up while it works. */
function percentOf(packages: readonly PipPackage[]): number {
	const sum = packages.reduce((total, {state}) => total + worth[state], 0);
	return Math.min(99, Math.round(sum / Math.max(1, packages.length)));
}

function version(text: string | undefined): {version?: string} {
	return text === undefined ? {} : {version: text};
}

/** Name in a requirement, and the version where a file or URL tells it. */
function nameOf(requirement: string): {name: string; version?: string} | undefined {
	if (/^(?:[a-z+]+:\/\/|\.{0,2}\/)/.test(requirement)) {
		const egg = /#egg=([\w.-]+)/.exec(requirement);
		return egg?.[1] ? {name: egg[1]} : fileName(requirement);
	}

	const name = /^[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?/.exec(requirement)?.[0];
	return name === undefined ? undefined : {name};
}

/** Name and version from the name of a wheel (PEP 427) or a source archive. */
function fileName(path: string): {name: string; version: string} | undefined {
	const base =
		path
			.replace(/[#?].*$/, '')
			.split('/')
			.at(-1) ?? '';
	const wheel = /^([^-]+)-([^-]+)-.+\.whl$/.exec(base);
	const archive = /^(.+)-(\d[^-]*?)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(base);
	const [, name, found] = wheel ?? archive ?? [];
	return name === undefined || found === undefined ? undefined : {name, version: found};
}

function sizeOf(amount: string, unit = 'bytes'): number {
	const units: Readonly<Record<string, number>> = {bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9};
	return Math.round(Number(amount) * (units[unit] ?? 1));
}
