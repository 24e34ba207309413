import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {t} from '../locales/index.js';
import {explainApt} from './apt-output.js';
import {type AptProgress, advance, beginning, parseStatusLine} from './apt-status.js';
import {lockHolder} from './locks.js';
import {CommandError, type Runner, type RunOptions} from './process.js';
import {followLines} from './tail.js';

export type AptSettings = {
	/** Proxies and certificates for programs with network; see `networkEnvironment` in pip.ts. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Configuration file read after this host's own; see apt-aside.ts. */
	readonly configuration?: string | undefined;
	/** Nothing is fetched from afar: also what else may use the network runs without. */
	readonly offline?: boolean;
	/** May be ended at any moment, as when nothing is installed. */
	readonly cuttable?: boolean;
	/** The log the runner writes to: without it a failed source goes unseen by apt before 2.1.18, which warns only. */
	readonly log?: string;
	/** File for apt's progress, kept afterwards, so that a later process can read on. Default: a temporary one. */
	readonly status?: string;
	/** From the plan, for the rate of the download. */
	readonly downloadBytes?: number;
	/** How long to wait while another program holds a lock, in milliseconds. Default: ten minutes. */
	readonly patience?: number;
	/** Ends waiting for a lock. A running apt is never ended. */
	readonly signal?: AbortSignal;
};

export const aptEnvironment: Readonly<Record<string, string>> = {
	// The parsers here read English.
	LC_ALL: 'C',
	LANG: 'C',
	LANGUAGE: '',
	DEBIAN_FRONTEND: 'noninteractive',
	UCF_FORCE_CONFFOLD: '1',
	APT_LISTCHANGES_FRONTEND: 'none',
	// It restarts services after an installation, Apache among them.
	NEEDRESTART_SUSPEND: '1',
};

/** `noninteractive` alone does not keep dpkg from asking about configuration files. */
export const keepConfiguration = ['--force-confdef', '--force-confold'];

/** The words by which a program of apt's reads a further configuration. */
export function configuredBy({configuration}: Pick<AptSettings, 'configuration'>): string[] {
	return configuration === undefined ? [] : ['-c', configuration];
}

export function aptArguments(settings: AptSettings): string[] {
	const values = [
		'APT::Status-Fd=3',
		'Dpkg::Use-Pty=0',
		`DPkg::Lock::Timeout=${Math.ceil((settings.patience ?? 600_000) / 1000)}`,
		...keepConfiguration.map(option => `Dpkg::Options::=${option}`),
	];
	return [...configuredBy(settings), ...values.flatMap(value => ['-o', value])];
}

/** An Error that says what apt's own words mean, with these as its cause. */
export function explained(error: unknown, problem?: string): unknown {
	if (!(error instanceof CommandError)) {
		return error;
	}

	const sentence = explainApt(error.lastOutput, problem);
	if (/Could not get lock|Unable to (?:lock|acquire)|frontend lock|lock was locked by/.test(error.lastOutput)) {
		return new LockedError(sentence, {cause: error});
	}

	return sentence === undefined ? error : new Error(sentence, {cause: error});
}

/** Another program holds a lock: to be tried again. */
class LockedError extends Error {}

/**
Runs apt-get with its progress read from a file, and turns its errors into sentences.
*/
export async function runApt(
	runner: Runner,
	argv: readonly string[],
	stage: AptProgress['stage'],
	onProgress: (progress: AptProgress) => void,
	settings: AptSettings,
	network: boolean,
): Promise<void> {
	const temporary = settings.status ? undefined : await mkdtemp(join(tmpdir(), 'omflow-tui-apt-'));
	// A file, not a pipe: apt is ended by a pipe whose reader has died, in the middle of a package.
	const status = settings.status ?? join(temporary ?? '', 'status');
	const complaints: string[] = [];
	let progress = beginning(stage);
	const started = performance.now();
	const follower = followLines(status, await lengthOf(status), line => {
		const parsed = parseStatusLine(line);
		if (parsed) {
			const elapsed = (performance.now() - started) / 1000;
			const {downloadBytes} = settings;
			progress = advance(progress, parsed, {elapsed, ...(downloadBytes === undefined ? {} : {downloadBytes})});
			onProgress(progress);
		}
	});
	const log = settings.log
		? followLines(settings.log, await lengthOf(settings.log), line => {
				if (/^[EW]: /.test(line) && complaints.length < 50) {
					complaints.push(line);
				}
			})
		: undefined;
	onProgress(progress);
	const isOnline = network && !settings.offline;
	const options: RunOptions = {
		env: {...aptEnvironment, ...(isOnline ? settings.environment : {})},
		network: isOnline,
		status,
		...(settings.cuttable ? {cuttable: true} : {}),
	};
	try {
		await runner.run(argv, options).finally(async () => {
			await follower.stop();
			await log?.stop();
		});
	} catch (error) {
		throw explained(error, progress.problem);
	} finally {
		if (temporary) {
			await rm(temporary, {recursive: true, force: true});
		}
	}

	const failed = complaints.filter(line => /Failed to fetch/.test(line));
	if (stage === 'lists' && failed.length > 0) {
		throw new Error(explainApt(failed.join('\n')));
	}
}

/** Tries again as long as a lock is held, and says by whom. */
export async function patiently(
	settings: AptSettings,
	stage: AptProgress['stage'],
	onProgress: (progress: AptProgress) => void,
	attempt: () => Promise<void>,
): Promise<void> {
	const deadline = performance.now() + (settings.patience ?? 600_000);
	for (;;) {
		try {
			await attempt();
			return;
		} catch (error) {
			if (!(error instanceof LockedError) || performance.now() > deadline) {
				throw error;
			}
		}

		// Asking /proc instead of apt keeps the log free of failed attempts.
		do {
			const holder = await lockHolder();
			const doing = holder
				? t('waits for {program} (process {pid})', {program: holder.program, pid: holder.pid})
				: t('waits for a lock');
			onProgress({...beginning(stage), doing});
			await sleep(500, undefined, settings.signal ? {signal: settings.signal} : {});
		} while ((await lockHolder()) && performance.now() < deadline);
	}
}

async function lengthOf(path: string): Promise<number> {
	return stat(path).then(
		({size}) => size,
		() => 0,
	);
}
