import {lstat, mkdir, mkdtemp, readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {planInstall} from '../host/apt.js';
import {mergeUsr} from '../host/build-root.js';
import {isThere, removeTree} from '../host/files.js';
import {normalizeName} from '../host/pip.js';
import {CommandError, type Runner} from '../host/process.js';
import {kitFiles} from './manifest.js';
import {aptFor, type Kit} from './taken.js';

/** What to do about a kit that does not fit. */
export const anew =
	'Make a new request here (omflow-tui kit request), and build it on the connected machine (omflow-tui kit build REQUEST): what it has is not fetched again.';

/**
Lets pip choose from a kit's wheels as the upgrade will, and installs nothing. Where its Python is not installed yet, that
is unpacked from the kit and laid over a view of this host, which only this one program sees.
*/
export async function tryPip(runner: Runner, kit: Kit, python: string): Promise<Finding[]> {
	const {directory, manifest} = kit;
	const program = (await readdir(join(directory, 'wheels'))).find(name => /^pip-\d[^-]*-py3-none-any\.whl$/.test(name));
	if (!program) {
		return [untried('the kit has no pip of its own')];
	}

	const requirements = await readFile(join(directory, kitFiles.requirements), 'utf8');
	const toBuild = new Set(manifest.toBuild.map(normalizeName));
	const scratch = await mkdtemp(join(directory, 'trial-'));
	try {
		const wrap = (await isThere(`/usr/bin/python${python}`))
			? (argv: readonly string[]) => argv
			: await overHost(runner, kit, python, scratch);
		const words = [
			...['install', '--dry-run', '--ignore-installed', '--no-index', '--no-build-isolation', '--quiet'],
			...['--disable-pip-version-check', '--no-cache-dir', '--root-user-action', 'ignore', '--break-system-packages'],
			...['--find-links', join(directory, 'wheels'), '--constraint', join(directory, kitFiles.lock)],
			...requirements.split('\n').filter(line => isAsked(line, toBuild)),
		];
		await runner.capture(wrap([`/usr/bin/python${python}`, join(directory, 'wheels', program, 'pip'), ...words]), {
			timeout: 300_000,
			env: {TMPDIR: scratch},
		});
		return [{severity: 'info', id: 'kit-pip', sentence: 'pip finds everything it needs in the kit.'}];
	} catch (error) {
		return [judge(error)];
	} finally {
		await removeTree(scratch);
	}
}

function isAsked(line: string, toBuild: ReadonlySet<string>): boolean {
	const name = /^[A-Za-z\d][\w.-]*/.exec(line.trim())?.[0];
	return name !== undefined && !toBuild.has(normalizeName(name));
}

function judge(error: unknown): Finding {
	const output = error instanceof CommandError ? error.lastOutput : '';
	const missing = [...output.matchAll(/No matching distribution found for (\S+)/g)].map(match => match[1]);
	if (missing.length > 0) {
		const sentence = `The kit has no Python package that satisfies ${missing.join(', ')}.`;
		return {severity: 'blocker', id: 'kit-pip', sentence, evidence: output, remedy: anew};
	}

	if (/ResolutionImpossible|conflicting dependencies/.test(output)) {
		const sentence = 'The Python packages of the kit do not go together.';
		return {severity: 'blocker', id: 'kit-pip', sentence, evidence: output, remedy: anew};
	}

	return untried(output.split('\n').at(-1) || (error as Error).message);
}

function untried(why: string): Finding {
	return {
		severity: 'warning',
		id: 'kit-pip',
		sentence: 'It could not be tried whether pip finds everything in the kit.',
		evidence: why,
		remedy: 'The files themselves were compared with the list; the upgrade stops before the window if pip misses one.',
	};
}

/** Constant: paths and the program come as positional parameters, never into the text. */
const script =
	'mount -t overlay overlay -o "lowerdir=/,upperdir=$1,workdir=$2" "$3" && ' +
	'mount --bind "$4" "$3$4" && mount --rbind /dev "$3/dev" && root="$3" && shift 4 && exec chroot "$root" "$@"';

async function overHost(
	runner: Runner,
	kit: Kit,
	python: string,
	scratch: string,
): Promise<(argv: readonly string[]) => readonly string[]> {
	const [upper, work, view] = ['upper', 'work', 'view'].map(name => join(scratch, name)) as [string, string, string];
	const plan = await planInstall(runner, [`python${python}`], {configuration: await aptFor(runner, kit)});
	const debs = await readdir(join(kit.directory, 'debs'));
	await Promise.all([upper, work, view].map(async path => mkdir(path)));
	for (const {name} of plan.packages) {
		const file = debs.find(deb => deb.startsWith(`${name.replace(/:.*/, '')}_`));
		if (file) {
			await runner.capture(['dpkg-deb', '--extract', join(kit.directory, 'debs', file), upper], {timeout: 300_000});
		}
	}

	if ((await lstat('/lib')).isSymbolicLink()) {
		await mergeUsr(upper);
	}

	// The kit may lie on another filesystem than the root, which the view would not show.
	await mkdir(join(upper, kit.directory), {recursive: true});
	const unshare = ['/usr/bin/unshare', '-m', '--propagation', 'private', '--', '/bin/sh', '-c', script, 'sh'];
	return argv => [...unshare, upper, work, view, kit.directory, ...argv];
}
