import {lstat, readFile, realpath} from 'node:fs/promises';
import path from 'node:path';
import type {Runner} from '../host/process.js';

/** The virtual environment, which server and collector of a host share. */
export type Environment = {
	readonly path: string;
	readonly exists: boolean;
	/** Version its interpreter says it has; when that does not run, the one in `pyvenv.cfg`; else `unknown`. */
	readonly python: string;
	/** Whether the interpreter runs. */
	readonly runs: boolean;
	/** Version in `pyvenv.cfg`, with which it was made. Differs from `python` after an update of the system. */
	readonly madeWith?: string;
	/** An environment behind a link or a mount cannot be exchanged by renaming. */
	readonly isLink: boolean;
	readonly isMount: boolean;
};

/** Looks at the environment; a missing or broken one is a result, not an error. */
export async function findEnvironment(runner: Runner, directory: string): Promise<Environment> {
	const found = await lstat(directory).catch(() => undefined);
	const madeWith = await madeWithOf(directory);
	const python = found ? await versionOf(runner, path.join(directory, 'bin', 'python')) : undefined;
	return {
		path: directory,
		exists: found !== undefined,
		python: python ?? madeWith ?? 'unknown',
		runs: python !== undefined,
		isLink: found?.isSymbolicLink() ?? false,
		isMount: await isMountPoint(directory),
		...(madeWith === undefined ? {} : {madeWith}),
	};
}

/** `3.8.10` from `version = 3.8.10`; virtualenv calls the key `version_info` and adds more parts. */
async function madeWithOf(directory: string): Promise<string | undefined> {
	const text = await readFile(path.join(directory, 'pyvenv.cfg'), 'utf8').catch(() => '');
	return /^\s*version(?:_info)?\s*=\s*(\d+(?:\.\d+){1,2})/m.exec(text)?.[1];
}

async function versionOf(runner: Runner, python: string): Promise<string | undefined> {
	try {
		const {stdout, stderr} = await runner.capture([python, '-V'], {timeout: 15_000});
		return /Python (\d+(?:\.\d+)*\S*)/.exec(stdout + stderr)?.[1];
	} catch {
		return undefined;
	}
}

/** A bind mount on the same filesystem has the device of its parent, so only the mount table tells, by real paths. */
async function isMountPoint(directory: string): Promise<boolean> {
	const parent = path.dirname(directory);
	const place = path.join(await realpath(parent).catch(() => parent), path.basename(directory));
	const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
	return table.split('\n').some(line => unescapeMount(line.split(' ')[4] ?? '') === place);
}

function unescapeMount(field: string): string {
	return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
