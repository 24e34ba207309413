import {lstat, mkdir, mkdtemp, readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {planInstall} from '../host/apt.js';
import {isThere, removeTree} from '../host/files.js';
import {normalizeName} from '../host/pip.js';
import {CommandError, type Runner} from '../host/process.js';
import {apart, asNobody, mergeUsr, nobody, unpackPackages} from '../host/unpack.js';
import {mark, t} from '../locales/index.js';
import {type KitManifest, kitFiles} from './manifest.js';
import {aptFor, type Kit} from './taken.js';

/** What to do about a kit that was built and does not fit. */
const anew = mark(
	'Make a new request here (omflow-tui kit request), and build it on the connected machine (omflow-tui kit build REQUEST): what it has is not fetched again.',
);

/** The same about any kit; one without a request was filled by hand. */
export function mend({request}: KitManifest): string {
	return request
		? t(anew)
		: t(
				'Fetch what is named for this very system, with apt-get download or pip download, and put it into the folders; or let a kit be built instead: omflow-tui kit request.',
			);
}

/**
Lets pip choose from a kit's wheels as the upgrade will, and installs nothing. Where its Python is not installed yet, that
is unpacked from the kit and laid over a view of this host. Since it is the kit that is judged, its programs run as nobody
and without a network.
*/
export async function tryPip(runner: Runner, kit: Kit, python: string): Promise<Finding[]> {
	const {directory, manifest} = kit;
	const program = (await readdir(join(directory, 'wheels'))).find(name => /^pip-\d[^-]*-py3-none-any\.whl$/.test(name));
	if (!program) {
		return [untried(t('the kit has no pip of its own'))];
	}

	const requirements = await readFile(join(directory, kitFiles.requirements), 'utf8');
	const toBuild = new Set(manifest.toBuild.map(normalizeName));
	const scratch = await mkdtemp(join(directory, 'trial-'));
	try {
		const words = [
			...['install', '--dry-run', '--ignore-installed', '--no-index', '--no-build-isolation', '--quiet'],
			...['--disable-pip-version-check', '--no-cache-dir', '--break-system-packages', '--only-binary', ':all:'],
			...['--find-links', '/mnt/kit/wheels', '--constraint', `/mnt/kit/${kitFiles.lock}`],
			...requirements.split('\n').filter(line => isAsked(line, toBuild)),
		];
		const argv = [`/usr/bin/python${python}`, `/mnt/kit/wheels/${program}/pip`, ...words];
		const wrapped = (await isThere(`/usr/bin/python${python}`))
			? [...apart('-n'), '/bin/sh', '-c', onHost, 'sh', directory, ...asNobody, ...argv]
			: [
					...apart('-n'),
					'/bin/sh',
					'-c',
					overHost,
					'sh',
					directory,
					...(await viewOf(runner, kit, python, scratch)),
					...argv,
				];
		await runner.capture(wrapped, {
			timeout: 300_000,
			// Nothing of this host's settings for pip is the kit's.
			env: {HOME: '/mnt/tmp', TMPDIR: '/mnt/tmp', PIP_CONFIG_FILE: '/dev/null'},
		});
		return [{severity: 'info', id: 'kit-pip', sentence: t('pip finds everything it needs in the kit.')}];
	} catch (error) {
		return [judge(error, manifest)];
	} finally {
		await removeTree(scratch);
	}
}

function isAsked(line: string, toBuild: ReadonlySet<string>): boolean {
	const name = /^[A-Za-z\d][\w.-]*/.exec(line.trim())?.[0];
	return name !== undefined && !toBuild.has(normalizeName(name));
}

function judge(error: unknown, manifest: KitManifest): Finding {
	const output = error instanceof CommandError ? error.lastOutput : '';
	const missing = [...output.matchAll(/No matching distribution found for (\S+)/g)].map(match => match[1]);
	if (missing.length > 0) {
		const sentence = t('The kit has no Python package that satisfies {missing}.', {missing: missing.join(', ')});
		return {severity: 'blocker', id: 'kit-pip', sentence, evidence: output, remedy: mend(manifest)};
	}

	if (/ResolutionImpossible|conflicting dependencies/.test(output)) {
		const sentence = t('The Python packages of the kit do not go together.');
		return {severity: 'blocker', id: 'kit-pip', sentence, evidence: output, remedy: mend(manifest)};
	}

	return untried(output.split('\n').at(-1) || (error as Error).message);
}

function untried(why: string): Finding {
	return {
		severity: 'warning',
		id: 'kit-pip',
		sentence: t('It could not be tried whether pip finds everything in the kit.'),
		evidence: why,
		remedy: t(
			'The files themselves were compared with the list; the upgrade stops before the window if pip misses one.',
		),
	};
}

/** What is seen of a kit at `/mnt` below a directory, and a place to write. */
const furnished = (root: string) =>
	`mount -t tmpfs -o mode=755 tmpfs ${root}/mnt && mkdir ${root}/mnt/kit && mkdir -m 1777 ${root}/mnt/tmp && ` +
	`mount --bind "$1" ${root}/mnt/kit && mount -o remount,bind,ro,nosuid,nodev ${root}/mnt/kit`;

/** Constant: paths and the program come as positional parameters, never into the text. */
const onHost = `${furnished('')} && shift && exec "$@"`;

const overHost = [
	'mount -t overlay overlay -o "nosuid,lowerdir=/,upperdir=$2,workdir=$3" "$4"',
	furnished('"$4"'),
	'mount --rbind /dev "$4/dev"',
	'view="$4"',
	'shift 4',
	`exec /usr/bin/setpriv --no-new-privs -- chroot --userspec=${nobody}:${nobody} "$view" "$@"`,
].join(' && ');

/** Unpacks the kit's Python for a view of this host. Returns the directories that the overlay is made of. */
async function viewOf(runner: Runner, kit: Kit, python: string, scratch: string): Promise<readonly string[]> {
	const [upper, work, view] = ['upper', 'work', 'view'].map(name => join(scratch, name)) as [string, string, string];
	const plan = await planInstall(runner, [`python${python}`], {configuration: await aptFor(runner, kit)});
	const folder = join(kit.directory, 'debs');
	const debs = await readdir(folder);
	const names = plan.packages.flatMap(
		({name}) => debs.find(deb => deb.startsWith(`${name.replace(/:.*/, '')}_`)) ?? [],
	);
	await unpackPackages(runner, upper, {folder, names});
	if ((await lstat('/lib')).isSymbolicLink()) {
		await mergeUsr(runner, upper);
	}

	await Promise.all([work, view].map(async path => mkdir(path)));
	return [upper, work, view];
}
