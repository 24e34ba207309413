import {join} from 'node:path';
import {AptRefusal} from './apt-output.js';
import {aptEnvironment, configuredBy} from './apt-run.js';
import {sha256Of} from './checksum.js';
import type {Runner} from './process.js';

/** A package file that an installation wants, whether it was fetched before or not. */
export type PackageFile = {
	/** As apt names it in its archives, for example `gcc_4%3a12.2.0-3_amd64.deb`. */
	readonly file: string;
	/** Without user and password. */
	readonly url: string;
	readonly bytes: number;
	/** 64 hexadecimal digits; absent where the source has none. */
	readonly sha256?: string;
};

/**
All files that the installation of packages would want on a host, in apt's order. `configuration` says which host, see
apt-aside.ts, and `nowhere` is a folder in which no package lies. Throws an Error with apt's reason when the packages
cannot be had or do not go together.
*/
export async function filesFor(
	runner: Runner,
	packages: readonly string[],
	{configuration, nowhere}: {readonly configuration: string; readonly nowhere: string},
): Promise<readonly PackageFile[]> {
	const argv = [
		'apt-get',
		...configuredBy({configuration}),
		'-o',
		`Dir::Cache::archives=${nowhere}/`,
		'--print-uris',
		'-y',
		'--no-install-recommends',
		'--no-upgrade',
		'install',
		...packages,
	];
	const result = await runner.capture(argv, {env: aptEnvironment, accept: [0, 100], timeout: 300_000});
	if (result.exitCode !== 0) {
		throw new AptRefusal(`${result.stdout}\n${result.stderr}`);
	}

	return parseUris(result.stdout);
}

/** Lines `'ADDRESS' FILE BYTES SHA256:DIGEST` as `apt-get --print-uris` prints them with `Acquire::ForceHash`. */
export function parseUris(text: string): PackageFile[] {
	return [...text.matchAll(/^'([^']+)' (\S+\.deb) (\d+) ?(?:SHA256:([\da-f]{64}))?.*$/gm)].map(
		([, url = '', file = '', bytes, sha256]) => ({
			file,
			url: url.replace(/\/\/[^/@]*@/, '//'),
			bytes: Number(bytes),
			...(sha256 === undefined ? {} : {sha256}),
		}),
	);
}

/** Those of the files that do not lie in a folder as they should, and what is wrong with each. Reads all of them. */
export async function wrongFiles(
	files: readonly PackageFile[],
	archives: string,
): Promise<ReadonlyArray<{readonly file: string; readonly problem: string}>> {
	const wrong: Array<{file: string; problem: string}> = [];
	for (const {file, sha256} of files) {
		const found = await sha256Of(join(archives, file)).catch(() => undefined);
		if (found === undefined) {
			wrong.push({file, problem: 'was not fetched'});
		} else if (sha256 === undefined) {
			wrong.push({file, problem: 'has no SHA-256 in the list of its source'});
		} else if (found !== sha256) {
			wrong.push({file, problem: 'has another SHA-256 than the list of its source says'});
		}
	}

	return wrong;
}
