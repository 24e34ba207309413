import {readFile, stat} from 'node:fs/promises';
import {t} from '../locales/index.js';
import {pipFailure} from './pip-errors.js';
import {type PipProgress, reduceLine, startProgress} from './pip-progress.js';
import {CommandError, type Runner, showCommand} from './process.js';
import {followLines} from './tail.js';

export {networkEnvironment, withoutSecrets} from './environment.js';
export {normalizeName, type PackageState, type PipPackage, type PipProgress} from './pip-progress.js';

/** pip alone would try an index five times, with growing pauses: minutes, where there is no answer at all. */
export const pipPatience: Readonly<Record<string, string>> = {PIP_RETRIES: '2'};

/** Makes argv run somewhere else, for example in the staged view; see venv.ts. */
export type Wrap = (argv: readonly string[]) => readonly string[];

export type PipSettings = {
	readonly wrap?: Wrap;
	/** Proxies, certificates, index: `networkEnvironment()`. */
	readonly settings?: Readonly<Record<string, string>>;
};

export type InstalledPackage = {readonly name: string; readonly version: string};

/** pip of an environment, called by its interpreter: neither PATH nor a script's first line matters. */
function pip(environment: string, words: readonly string[], wrap: Wrap = argv => argv): readonly string[] {
	return wrap([`${environment}/bin/python`, '-m', 'pip', ...words]);
}

/**
What is installed in an environment, as lines `Name==version`. `pip list` and not `pip freeze`, which writes
`Name @ file:///…` for what came from a local file. The interpreter may be any since 3.6, with its own pip.
*/
export async function freeze(runner: Runner, environment: string, settings: PipSettings = {}): Promise<string[]> {
	const words = ['list', '--format=freeze', '--disable-pip-version-check'];
	const options = {env: settings.settings ?? {}, timeout: 300_000};
	const {stdout} = await runner.capture(pip(environment, words, settings.wrap), options).catch(error => {
		throw new Error(
			t('The Python packages in {environment} cannot be listed. Check that {environment}/bin/python -m pip works.', {
				environment,
			}),
			{cause: error},
		);
	});
	return stdout.split('\n').filter(line => /^[\w.-]+={2,3}\S+$/.test(line));
}

/** The same as names and versions. */
export async function list(
	runner: Runner,
	environment: string,
	settings: PipSettings = {},
): Promise<InstalledPackage[]> {
	return (await freeze(runner, environment, settings)).map(line => {
		const [name = '', version = ''] = line.split(/={2,3}/);
		return {name, version};
	});
}

export type InstallOptions = PipSettings & {
	/** Directory of the environment, under its final path. */
	readonly environment: string;
	readonly requirementsFile: string;
	/** Directory that outlives the environment, so that a second attempt fetches and builds nothing again. */
	readonly cache: string;
	/** The log the runner writes to; the progress is read from it. */
	readonly log: string;
	readonly onProgress?: (progress: PipProgress) => void;
	/** Further words for `pip install`, for example `--no-index --find-links DIR` of a kit. */
	readonly arguments?: readonly string[];
	/** Nothing is fetched from afar. */
	readonly offline?: boolean;
	/** The requirements file as pip sees it, where `wrap` makes that differ. */
	readonly seenAs?: string;
	/** What `wrap` does, in a word or two for people. Default: `staged`. */
	readonly where?: string;
};

/**
Installs what a requirements file names. May be cut and called again. Throws an Error that says in sentences what
is wrong: index out of reach, no such version, a package that cannot be built.
*/
export async function install(runner: Runner, options: InstallOptions): Promise<PipProgress> {
	return carryOut(runner, ['install', ...(options.arguments ?? []), '--cache-dir', options.cache], options);
}

/** Everything of `install`, but only to find out what it would take. `report` gets pip's JSON about it. */
export async function resolve(
	runner: Runner,
	{report, ...options}: Omit<InstallOptions, 'cache'> & {readonly report: string},
): Promise<PipProgress> {
	const words = ['install', '--dry-run', '--ignore-installed', '--report', report, ...(options.arguments ?? [])];
	return carryOut(runner, words, options);
}

/** Puts a wheel of each package that a requirements file names into a folder, built where there is none. */
export async function collect(
	runner: Runner,
	{folder, ...options}: Omit<InstallOptions, 'cache'> & {readonly folder: string},
): Promise<PipProgress> {
	return carryOut(runner, ['wheel', '--wheel-dir', folder, ...(options.arguments ?? [])], options);
}

/**
Downloads one package alone: its wheel for the Python and the platforms given, else its source. False when there is
none. The platforms are tags, the best first.
*/
export async function fetchOne(
	runner: Runner,
	{
		folder,
		platforms,
		python,
		...options
	}: Omit<InstallOptions, 'cache'> & {
		readonly folder: string;
		readonly python?: string;
		readonly platforms?: readonly string[];
	},
): Promise<boolean> {
	const target =
		platforms && python
			? [
					'--only-binary=:all:',
					`--python-version=${python}`,
					'--implementation=cp',
					...[`cp${python.replace('.', '')}`, 'abi3', 'none'].map(abi => `--abi=${abi}`),
					...platforms.map(platform => `--platform=${platform}`),
				]
			: ['--no-binary=:all:'];
	try {
		await carryOut(runner, ['download', '--no-deps', '--dest', folder, ...target], options);
		return true;
	} catch (error) {
		const {cause} = error as Error;
		if (cause instanceof CommandError && /No matching distribution found/.test(cause.lastOutput)) {
			return false;
		}

		throw error;
	}
}

async function carryOut(
	runner: Runner,
	command: readonly string[],
	options: Omit<InstallOptions, 'cache' | 'arguments'>,
): Promise<PipProgress> {
	const always = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
	const {seenAs = options.requirementsFile} = options;
	const words = [...command, ...always, '--requirement', seenAs];
	let progress = startProgress(requirementNames(await readFile(options.requirementsFile, 'utf8')));
	const {size} = await stat(options.log).catch(() => ({size: 0}));
	const follower = followLines(options.log, size, line => {
		const next = reduceLine(progress, line);
		if (next !== progress) {
			progress = next;
			options.onProgress?.(progress);
		}
	});
	options.onProgress?.(progress);
	try {
		await runner
			.run(pip(options.environment, words, options.wrap), {
				network: !options.offline,
				cuttable: true,
				...(options.wrap
					? {shownAs: `${showCommand(pip(options.environment, words))} (${options.where ?? 'staged'})`}
					: {}),
				// Its output goes to a file, where Python would else keep lines back and the screen would stand still.
				env: {...options.settings, PYTHONUNBUFFERED: '1'},
			})
			.finally(() => follower.stop());
	} catch (error) {
		throw (error instanceof CommandError && pipFailure(progress, error.lastOutput, error)) || error;
	}

	return progress;
}

/** Names in a requirements file; options, addresses and comments are passed over. */
export function requirementNames(text: string): string[] {
	return text.split('\n').flatMap(line => {
		const name = /^\s*([A-Za-z\d](?:[\w.-]*[A-Za-z\d])?)\s*(?:\[[^\]]*\]\s*)?(?:[=<>!~;@#(]|$)/.exec(line)?.[1];
		return name === undefined ? [] : [name];
	});
}

/** Whether all dependencies of what is installed are there, else a sentence each. */
export async function check(runner: Runner, environment: string, settings: PipSettings = {}): Promise<string[]> {
	const words = ['check', '--disable-pip-version-check'];
	const {exitCode, stdout, stderr} = await runner.capture(pip(environment, words, settings.wrap), {
		env: settings.settings ?? {},
		accept: [0, 1],
		timeout: 300_000,
	});
	if (exitCode === 0) {
		return [];
	}

	const lines = stdout.split('\n').filter(Boolean);
	if (lines.length === 0) {
		throw new Error(
			t('pip check does not run in {environment}: {given}', {
				environment,
				given: stderr.trim().split('\n').at(-1) ?? t('no reason given'),
			}),
		);
	}

	return lines;
}
