import {AptRefusal, parsePlan, parsePolicy} from './apt-output.js';
import {
	type AptSettings,
	aptArguments,
	aptEnvironment,
	configuredBy,
	explained,
	keepConfiguration,
	patiently,
	runApt,
} from './apt-run.js';
import type {AptProgress} from './apt-status.js';
import {hasJournal} from './dpkg.js';
import type {Runner} from './process.js';

export type {AptSettings} from './apt-run.js';
export type {AptProgress} from './apt-status.js';
export {type LockHolder, lockHolder} from './locks.js';

export type InstallPlan = {
	/** Everything that would be installed or upgraded. `bytes` still have to be downloaded. */
	readonly packages: ReadonlyArray<{readonly name: string; readonly version: string; readonly bytes: number}>;
	readonly downloadBytes: number;
	/** What the disk holds more afterwards, as apt rounds it; negative when less. */
	readonly installedBytes: number;
	/** Wanted ones that are installed; they are left at their version unless another package needs a newer one. */
	readonly alreadyThere: readonly string[];
	/** Wanted ones that no package source of this host has. */
	readonly unavailable: readonly string[];
	/** Installed ones that would have to go. `install` refuses to remove any. */
	readonly removes: readonly string[];
};

/**
Recommended packages are left out: they double what is changed on a server that works, and neither OMFLOW nor
mod_wsgi needs one. Wanted packages that are there stay at their version.
*/
const installArguments = ['install', '-y', '--no-install-recommends', '--no-upgrade'];

/**
What an installation would bring, from the lists as they are now. Changes nothing and needs no lock. Throws an
Error with apt's reason when the packages do not go together.
*/
export async function planInstall(
	runner: Runner,
	packages: readonly string[],
	settings: AptSettings = {},
): Promise<InstallPlan> {
	const options = [...configuredBy(settings), '-o', 'APT::Get::Show-User-Simulation-Note=0'];
	const query = {env: aptEnvironment, accept: [0, 100], timeout: 300_000};
	const there = new Set(await configured(runner, packages));
	const policy = parsePolicy((await runner.capture(['apt-cache', ...options, 'policy', ...packages], query)).stdout);
	const missing = packages.filter(name => !there.has(name));
	const unavailable = missing.filter(name => policy.get(name)?.candidate === undefined);
	const wanted = missing.filter(name => !unavailable.includes(name));
	const rest = {alreadyThere: packages.filter(name => there.has(name)), unavailable};
	if (wanted.length === 0) {
		return {packages: [], downloadBytes: 0, installedBytes: 0, removes: [], ...rest};
	}

	const simulated = await runner.capture(['apt-get', ...options, '-s', ...installArguments, ...wanted], query);
	const sizes = await runner.capture(['apt-get', ...options, '--print-uris', ...installArguments, ...wanted], query);
	for (const result of [simulated, sizes]) {
		if (result.exitCode !== 0) {
			throw new AptRefusal(`${result.stdout}\n${result.stderr}`);
		}
	}

	return {...parsePlan(simulated.stdout, sizes.stdout), ...rest};
}

/**
Fetches the lists of all package sources. Waits while another program holds their lock, for which apt itself has
no patience. Throws an Error that names the source out of reach; the old lists then stay.
*/
export async function updateLists(
	runner: Runner,
	onProgress: (progress: AptProgress) => void,
	settings: AptSettings = {},
): Promise<void> {
	const options = [...aptArguments(settings), ...(await networkPatience(runner))];
	const argv = ['apt-get', ...options, '-o', 'APT::Update::Error-Mode=any', 'update'];
	await patiently(settings, 'lists', onProgress, () => runApt(runner, argv, 'lists', onProgress, settings, true));
}

/**
How long apt tries a source that does not answer: where this host does not say, less than apt's own two minutes for
each of them. Whoever waits learns sooner what is out of reach, and can try again.
*/
async function networkPatience(runner: Runner): Promise<string[]> {
	const {stdout} = await runner.capture(['apt-config', 'dump'], {env: aptEnvironment});
	const wanted = [
		['Acquire::Retries', '2'],
		['Acquire::http::Timeout', '15'],
	] as const;
	return wanted.flatMap(([name, value]) => (stdout.includes(`${name} "`) ? [] : ['-o', `${name}=${value}`]));
}

/** Downloads what `install` needs, and installs nothing. */
export async function download(
	runner: Runner,
	packages: readonly string[],
	onProgress: (progress: AptProgress) => void,
	settings: AptSettings = {},
): Promise<void> {
	const options = [...aptArguments(settings), ...(await networkPatience(runner))];
	const argv = ['apt-get', ...options, ...installArguments, '--no-remove', '--download-only'];
	await runApt(runner, [...argv, ...packages], 'download', onProgress, settings, true);
}

/**
Installs what `download` has fetched. Runs without the network, so that no maintainer script reaches one in a
rehearsal. Not to be cut: a later `repair` puts right what a crash left.
*/
export async function install(
	runner: Runner,
	packages: readonly string[],
	onProgress: (progress: AptProgress) => void,
	settings: AptSettings = {},
): Promise<void> {
	// What lies in a folder of this host is installed from there, which apt calls a download.
	const local = settings.offline ? [] : ['--no-download'];
	const argv = ['apt-get', ...aptArguments(settings), ...installArguments, '--no-remove', ...local];
	await runApt(runner, [...argv, ...packages], 'install', onProgress, settings, false);
}

/** Whether all of them are installed and configured. */
export async function isConfigured(runner: Runner, packages: readonly string[]): Promise<boolean> {
	return (await configured(runner, packages)).length === packages.length;
}

/** Those of them that are installed and configured. */
export async function configured(runner: Runner, packages: readonly string[]): Promise<string[]> {
	if (packages.length === 0) {
		return [];
	}

	// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg's.
	const format = '${Package}\t${db:Status-Status}\n';
	const argv = ['dpkg-query', '-W', '-f', format, ...packages];
	const {stdout} = await runner.capture(argv, {env: aptEnvironment, accept: [0, 1]});
	const lines = new Set(stdout.split('\n'));
	return packages.filter(name => lines.has(`${name}\tinstalled`));
}

/**
Configures what a cut installation left unpacked, and says whether there was anything. Throws an Error that names
the package that still cannot be configured.
*/
export async function repair(runner: Runner, settings: AptSettings = {}): Promise<boolean> {
	if (!(await isInterrupted(runner))) {
		return false;
	}

	const argv = ['dpkg', ...keepConfiguration, '--configure', '-a'];
	await patiently(
		settings,
		'install',
		() => {},
		async () => {
			try {
				await runner.run(argv, {env: aptEnvironment});
			} catch (error) {
				throw explained(error);
			}
		},
	);
	return true;
}

async function isInterrupted(runner: Runner): Promise<boolean> {
	if (await hasJournal()) {
		return true;
	}

	const audit = await runner.capture(['dpkg', '--audit'], {env: aptEnvironment, accept: [0, 1]});
	return audit.stdout.trim() !== '';
}
