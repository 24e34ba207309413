import {lstat, mkdir, open, readdir, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {removeTree, writeDurably} from './files.js';
import {CommandError, type Runner, showCommand} from './process.js';

/**
An environment is made where it will be used, and yet beside the one in use: `staging` is mounted over `final` in
a mount namespace of its own, so that every path written into it is the final one. Without `staging` the
environment is at `final` itself.
*/
export type Place = {readonly staging?: string; readonly final: string};

/** Constant: paths and the program come as positional parameters, never into the text. */
const stagedScript = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';

const markerName = '.omflow-tui';

/** argv that runs a program where `staging` is seen at `final`. Nobody else sees it there. */
export function stagedArgv(
	place: {readonly staging: string; readonly final: string},
	argv: readonly string[],
): readonly string[] {
	return [
		'/usr/bin/unshare',
		'-m',
		'--propagation',
		'private',
		'--',
		'/bin/sh',
		'-c',
		stagedScript,
		'sh',
		place.staging,
		place.final,
		...argv,
	];
}

/** The same for a place that may not be staged; fits as `wrap` in pip.ts. */
export function at(place: Place): (argv: readonly string[]) => readonly string[] {
	const {staging, final} = place;
	return argv => (staging === undefined ? argv : stagedArgv({staging, final}, argv));
}

/** Undefined when an environment can be staged, else a sentence why not. `staging` need not exist yet. */
export async function cannotStage(
	runner: Runner,
	{staging, final}: {readonly staging: string; readonly final: string},
): Promise<string | undefined> {
	const there = await lstat(final).catch(() => undefined);
	if (!there) {
		return t('{final} is not there, so nothing can be mounted over it.', {final});
	}

	if (there.isSymbolicLink()) {
		return t('{final} is a link, and a link cannot be exchanged with a directory.', {final});
	}

	if (!there.isDirectory()) {
		return t('{final} is not a directory.', {final});
	}

	if (await isMount(final)) {
		return t('{final} is a mount of its own, and a mount cannot be exchanged with a directory.', {final});
	}

	const above = await nearestThere(staging);
	if ((await stat(above)).dev !== there.dev) {
		return t('{staging} would be on another filesystem than {final}, so the two cannot be exchanged.', {
			staging,
			final,
		});
	}

	try {
		// The real thing: a container may allow the namespace and forbid the mount.
		await runner.capture(stagedArgv({staging: above, final}, ['/bin/true']));
		return undefined;
	} catch (error) {
		const reason = error instanceof CommandError ? error.lastOutput.split('\n').at(-1) : undefined;
		return t('This machine does not allow a private mount{reason}.', {reason: reason ? ` (${reason})` : ''});
	}
}

export type CreateOptions = Place & {
	/** Full path: an environment of /usr/bin/python3 changes its interpreter with the next update of the system. */
	readonly python: string;
	/** Put into the environment as its marker, last of all. */
	readonly run: string;
};

/**
Makes an empty environment at the place. What an earlier attempt left in `staging` is removed first; at `final`
nothing may be. The new one has the mode and owner of the one at `final`.
*/
export async function create(runner: Runner, options: CreateOptions): Promise<void> {
	const {staging, final, python, run} = options;
	const target = staging ?? final;
	const old = await lstat(final).catch(() => undefined);
	if (staging === undefined && old) {
		throw new Error(t('{final} is still there. Move it aside before an environment is made in its place.', {final}));
	}

	if (staging !== undefined) {
		await removeTree(staging);
		await mkdir(staging, {recursive: true, mode: old ? old.mode & 0o7777 : 0o755});
		if (old) {
			const directory = await open(staging);
			await directory.chown(old.uid, old.gid).finally(() => directory.close());
		}
	}

	try {
		const argv = [python, '-m', 'venv', final];
		await runner.run(at(options)(argv), {
			cuttable: true,
			shownAs: `${showCommand(argv)}${staging === undefined ? '' : ' (staged)'}`,
		});
	} catch (error) {
		if (
			error instanceof CommandError &&
			/ensurepip is not available|No module named (?:venv|ensurepip)/.test(error.lastOutput)
		) {
			const version = /python(\d+\.\d+)$/.exec(python)?.[1] ?? '3';
			throw new Error(
				t('{python} cannot make environments. Install python{version}-venv and try again.', {python, version}),
				{
					cause: error,
				},
			);
		}

		throw error;
	}

	await mark(target, run);
}

/** Writes the marker of a run into a tree, so that a later look can tell which tree is which. */
export async function mark(tree: string, run: string): Promise<void> {
	await writeDurably(join(tree, markerName), `${run}\n`, {mode: 0o644});
}

/** The run that made a tree; undefined for every other tree, and for one that was not finished. */
export async function markerOf(tree: string): Promise<string | undefined> {
	const text = await readFile(join(tree, markerName), 'utf8').catch(() => undefined);
	return text?.trim() || undefined;
}

export type Interpreter = {
	/** For example `3.11.2`. */
	readonly version: string;
	/** Directory of the interpreter the environment is built on. */
	readonly home: string;
};

/** What an environment's pyvenv.cfg says; undefined when it is no environment. Reads virtualenv's as well. */
export async function interpreterOf(tree: string): Promise<Interpreter | undefined> {
	const text = await readFile(join(tree, 'pyvenv.cfg'), 'utf8').catch(() => undefined);
	const value = (name: string) => new RegExp(`^${name}\\s*=\\s*(.+?)\\s*$`, 'm').exec(text ?? '')?.[1];
	const version = value('version') ?? value('version_info');
	return version === undefined
		? undefined
		: {version: /^[\d.]*\d/.exec(version)?.[0] ?? version, home: value('home') ?? ''};
}

/** Final path of the environment's own mod_wsgi module, as mod_wsgi says it. */
export async function moduleLocation(runner: Runner, place: Place): Promise<string> {
	const program = `${place.final}/bin/mod_wsgi-express`;
	let printed: string;
	try {
		printed = (await runner.capture(at(place)([program, 'module-location']))).stdout;
	} catch (error) {
		throw new Error(
			t('mod_wsgi does not run in {path}. Install it there and try again; the log shows more.', {path: place.final}),
			{
				cause: error,
			},
		);
	}

	// Warnings may stand around it.
	const path = printed
		.split('\n')
		.map(line => line.trim())
		.findLast(line => line.startsWith('/') && line.endsWith('.so'));
	if (path === undefined) {
		throw new Error(
			t('mod_wsgi in {path} does not say where its module is. Install it there again.', {path: place.final}),
		);
	}

	return path;
}

export type Expectation = {
	/** For example `3.11`. */
	readonly python: string;
	/** Modules that must import, for example `django` and `mod_wsgi`. */
	readonly imports: readonly string[];
	/** Whether mod_wsgi's module must be there and find its libraries. */
	readonly module: boolean;
};

/** Whether an environment will work once it is at `final`. Blockers where it will not. */
export async function verify(runner: Runner, place: Place, expected: Expectation): Promise<Finding[]> {
	const {final} = place;
	const tree = place.staging ?? final;
	const findings: Finding[] = [];
	const blocker = (id: string, sentence: string, remedy: string, evidence?: string) =>
		findings.push({severity: 'blocker', id, sentence, remedy, ...(evidence ? {evidence} : {})});
	const again = t('Make the environment again.');

	const interpreter = await interpreterOf(tree);
	if (!interpreter?.version.startsWith(`${expected.python}.`)) {
		const is = interpreter ? t('is made of Python {version}', {version: interpreter.version}) : t('is no environment');
		blocker('environment-python', t('{final} {is}, not of {python}.', {final, is, python: expected.python}), again);
		return findings;
	}

	for (const name of expected.imports) {
		const script = 'import importlib, sys; importlib.import_module(sys.argv[1])';
		try {
			await runner.capture(at(place)([`${final}/bin/python`, '-I', '-c', script, name]));
		} catch (error) {
			const evidence = error instanceof CommandError ? error.lastOutput.split('\n').at(-1) : undefined;
			blocker(
				'environment-import',
				t('The new environment cannot import {name}.', {name}),
				t('Install {name} there.', {name}),
				evidence,
			);
		}
	}

	const strangers = await foreignScripts(tree, final);
	if (strangers.length > 0) {
		const evidence = strangers.slice(0, 5).join(', ');
		blocker('environment-scripts', t('Scripts of the new environment name another interpreter.'), again, evidence);
	}

	if (expected.module) {
		try {
			const path = await moduleLocation(runner, place);
			const {stdout} = await runner.capture(at(place)(['ldd', path]));
			const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(match => match[1]).join(', ');
			if (missing) {
				blocker(
					'module-libraries',
					t('{path} lacks libraries.', {path}),
					t('Install the packages that have them.'),
					missing,
				);
			}
		} catch (error) {
			const evidence = error instanceof CommandError ? error.lastOutput.split('\n').at(-1) : undefined;
			const sentence =
				error instanceof CommandError ? t('The mod_wsgi module cannot be read.') : (error as Error).message;
			blocker('module', sentence, t('Install mod_wsgi there again.'), evidence);
		}
	}

	if (findings.length === 0) {
		const sentence = t('The environment runs Python {version}.', {version: interpreter.version});
		findings.push({severity: 'info', id: 'environment', sentence});
	}

	return findings;
}

/** Scripts in bin/ whose first line names a Python that is not the environment's own. */
async function foreignScripts(tree: string, final: string): Promise<string[]> {
	const strangers: string[] = [];
	for (const entry of await readdir(join(tree, 'bin'), {withFileTypes: true})) {
		if (entry.isFile()) {
			const [first = ''] = (await beginningOf(join(tree, 'bin', entry.name))).split('\n');
			if (/^#!.*python/.test(first) && !first.replace(/^#!\s*/, '').startsWith(`${final}/bin/`)) {
				strangers.push(`${entry.name}: ${first}`);
			}
		}
	}

	return strangers;
}

async function beginningOf(path: string): Promise<string> {
	const file = await open(path);
	try {
		const {buffer, bytesRead} = await file.read(Buffer.alloc(256), 0, 256, 0);
		return buffer.subarray(0, bytesRead).toString('latin1');
	} finally {
		await file.close();
	}
}

/** Compared with the kernel's own list, which writes spaces and the like as octal numbers. */
async function isMount(path: string): Promise<boolean> {
	const escaped = path.replaceAll(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
	const mounts = await readFile('/proc/self/mountinfo', 'utf8');
	return mounts.split('\n').some(line => line.split(' ')[4] === escaped);
}

async function nearestThere(path: string): Promise<string> {
	for (let candidate = path; ; candidate = dirname(candidate)) {
		const found = await stat(candidate).catch(() => undefined);
		if (found || candidate === dirname(candidate)) {
			return candidate;
		}
	}
}
