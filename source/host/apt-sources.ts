import {chmod, chown, mkdir, mkdtemp, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {t} from '../locales/index.js';
import {aptEnvironment} from './apt-run.js';
import {withoutSecrets} from './environment.js';
import type {Runner} from './process.js';

export type SourceAnswer = {
	/** Address and suite, for example `http://mirror.example.org/debian bookworm`; without a user's name and password. */
	readonly source: string;
	/** Why `apt-get update` would fail for it, in apt's words. Absent when it would not. */
	readonly problem?: string;
	/** It gave no answer in the time it was given; with more patience it may. */
	readonly isSlow?: true;
};

/** The package sources that are configured, without asking them. Throws an Error when apt cannot read them. */
export async function listSources(runner: Runner): Promise<readonly string[]> {
	const listed = await runner.capture(['apt-get', 'update', '--print-uris'], {env: aptEnvironment, accept: [0, 100]});
	if (listed.exitCode !== 0) {
		// The first error names the file and the line.
		const reason = /^E: (.+)$/m.exec(withoutSecrets(listed.stderr))?.[1] ?? t('no reason given');
		throw new Error(t('apt cannot read its package sources: {reason}', {reason}));
	}

	const addresses = [...listed.stdout.matchAll(/^'([^']+)\/InRelease' /gm)].map(match => match[1] ?? '');
	return [...new Set(addresses.map(nameOf))];
}

/** Whether the list of any source was ever fetched; without one apt offers nothing but what is installed. */
export async function hasLists(runner: Runner): Promise<boolean> {
	const argv = ['apt-get', 'indextargets', '--format', '$(FILENAME)', 'Created-By: Packages'];
	return (await runner.capture(argv, {env: aptEnvironment})).stdout.trim() !== '';
}

/**
Which package sources answer. apt asks them itself, so that its proxies, passwords, mirrors, keys and `trusted`
count as they will; but into a folder of its own and for nothing but the release files, so that the host's lists stay
and none of its hooks runs. Takes `seconds` at most; who has not answered until then does not.
*/
export async function askSources(runner: Runner, seconds = 5): Promise<readonly SourceAnswer[]> {
	const sources = await listSources(runner);
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-sources-'));
	try {
		const lists = join(directory, 'lists');
		const partial = join(lists, 'partial');
		await mkdir(partial, {recursive: true});
		// apt downloads as a user of its own where it may write; as root it would do it with a warning.
		const owner = await stat('/var/lib/apt/lists/partial').catch(() => undefined);
		await chmod(directory, 0o711);
		await chown(partial, owner?.uid ?? -1, owner?.gid ?? -1).catch(() => {});
		const settings = join(directory, 'apt.conf');
		await writeFile(settings, settingsFor(lists, seconds));
		// Ended from outside with its whole group: a look-up of a name does not keep to apt's own limits.
		const argv = ['timeout', '-k', '1', String(seconds), 'apt-get', '-c', settings, 'update'];
		const accept = [0, 100, 124, 137];
		const options = {env: aptEnvironment, network: true, accept, timeout: (seconds + 5) * 1000};
		const {exitCode, stdout, stderr} = await runner.capture(argv, options);
		return judgeSources(sources, `${stdout}\n${stderr}`, exitCode > 100 ? seconds : undefined);
	} finally {
		await rm(directory, {recursive: true, force: true});
	}
}

function settingsFor(lists: string, seconds: number): string {
	const values = {
		'Dir::State::lists': `${lists}/`,
		'Dir::Cache::pkgcache': '',
		'Dir::Cache::srcpkgcache': '',
		'Acquire::Retries': 0,
		'Acquire::http::Timeout': Math.max(1, seconds - 2),
		'Acquire::https::Timeout': Math.max(1, seconds - 2),
		quiet: 1,
	};
	const lines = Object.entries(values).map(([name, value]) => `${name} "${value}";`);
	return ['#clear Acquire::IndexTargets;', '#clear APT::Update;', ...lines, ''].join('\n');
}

/**
What the output of `apt-get update` says about each source. `cutAfter` seconds it was ended; then those it says
nothing about have not answered.
*/
export function judgeSources(
	sources: readonly string[],
	output: string,
	cutAfter: number | undefined,
): readonly SourceAnswer[] {
	const problems = new Map<string, string>();
	const answered = new Set<string>();
	const lines = withoutSecrets(output).split('\n');
	for (const [index, line] of lines.entries()) {
		// The name of a disc has blanks.
		const [, word, base = '', suite = ''] = /^(Hit|Get|Err):\d+ (.+) (\S+) (?:In)?Release(?: \[.*)?$/.exec(line) ?? [];
		const source = nameOf(suite.endsWith('/') ? `${base}/${suite}` : `${base}/dists/${suite}`);
		if (word === 'Err') {
			problems.set(source, (/^ +(\S.*)$/.exec(lines[index + 1] ?? '')?.[1] ?? t('no reason given')).trim());
		} else if (word) {
			answered.add(source);
		}

		// Said after all answers, about one whose time or key is wrong.
		const [, address, reason] =
			/^E: Release file for (.+)\/InRelease is (.+?)\.? ?(?:Updates for.*)?$/.exec(line) ?? [];
		if (address && reason) {
			problems.set(nameOf(address), t('its release file is {reason}', {reason: reason}));
		}
	}

	return sources.map(source => {
		const problem = problems.get(source);
		if (problem !== undefined) {
			return {source, problem, ...(isTimeout(problem) ? {isSlow: true as const} : {})};
		}

		return cutAfter === undefined || answered.has(source)
			? {source}
			: {source, problem: t('no answer within {cutAfter} s', {cutAfter}), isSlow: true as const};
	});
}

/** In apt's words, of which “Connection failed” says that one was made and twice nothing came. */
function isTimeout(problem: string): boolean {
	return /timed out|^Connection failed/i.test(problem);
}

/** A source's name from the address of its release file: `BASE/dists/SUITE`, or `BASE/FOLDER` of a flat one. */
function nameOf(address: string): string {
	return address
		.replace(/\/\/[^/\s@]*@/, '//')
		.replaceAll(/[[\]]/g, '')
		.replace('/dists/', ' ')
		.replace(/\/\.?$/, '');
}
