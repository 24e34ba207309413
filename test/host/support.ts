import {access, mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {createRunner, plainEnvironment, type Runner} from '../../source/host/process.js';
import {provide} from '../lab/host.js';

/** A directory that goes with the test, and a runner with its log in there. */
export async function workshop(t: TestContext): Promise<{directory: string; runner: Runner; log: string}> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-test-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	const log = join(directory, 'log');
	return {directory, log, runner: createRunner({log, environment: plainEnvironment})};
}

/** Output of the real programs, with addresses and paths made general. */
export async function recorded(name: string): Promise<string> {
	return readFile(new URL(`recorded/${name}`, import.meta.url), 'utf8');
}

/** What tests need of the machine, and the package each comes in. */
const packageOf: Readonly<Record<string, string>> = {
	'/usr/bin/rsync': 'rsync',
	'/usr/bin/python3': 'python3-venv',
	'/usr/bin/python3.11': 'python3.11-venv',
	'/usr/lib/python3.11/ensurepip': 'python3.11-venv',
	'/usr/include/stdio.h': 'libc6-dev',
	'/usr/bin/openssl': 'openssl',
	'/usr/bin/gcc': 'gcc',
	'/usr/bin/ldd': 'libc-bin',
	'/usr/bin/unshare': 'util-linux',
	'/usr/bin/pg_dump': 'postgresql-client',
	'/usr/bin/mysqldump': 'default-mysql-client',
};

/** Everything that tests of this machine's programs want. */
export const everyProgram = Object.keys(packageOf);

/** Provides programs and files for a test; a sentence when one is missing and cannot be installed here. */
export async function lacks(...programs: string[]): Promise<string | false> {
	const missing: string[] = [];
	for (const program of programs) {
		await access(program).catch(() => missing.push(program));
	}

	if (missing.length === 0) {
		return false;
	}

	const reason = await provide(missing.map(program => [program, packageOf[program] ?? program]));
	return reason ? `${missing.join(', ')} is not installed, and ${reason}` : false;
}

/** Constant: the paths and the program come as parameters. An overlay of the whole machine, without a network. */
const viewScript = `
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root" &&
mount -t proc proc "$1/root/proc" && mount --rbind /dev "$1/root/dev" && mount -t tmpfs tmpfs "$1/root/run" &&
root=$1 && shift && exec chroot "$root/root" "$@"`;

/**
A runner whose programs see this machine as it is and change only a directory that goes with the test; or a
sentence why that cannot be had here. Files are at `root` for the test, and at the same path for the programs.
*/
export async function machineView(t: TestContext): Promise<{runner: Runner; upper: string; log: string} | string> {
	const {directory, runner, log} = await workshop(t);
	for (const name of ['upper', 'work', 'root']) {
		await mkdir(join(directory, name));
	}

	const wrap = (argv: readonly string[]) => [
		...['/usr/bin/unshare', '-m', '-n', '-p', '-f', '--kill-child', '--propagation', 'private'],
		...['/bin/sh', '-c', viewScript, 'sh', directory, ...argv],
	];
	const view: Runner = {
		run: (argv, options) => runner.run(wrap(argv), options),
		capture: (argv, options) => runner.capture(wrap(argv), options),
	};
	try {
		await view.capture(['/bin/true']);
	} catch (error) {
		return `no copy-on-write view here: ${(error as {lastOutput?: string}).lastOutput ?? error}`;
	}

	return {runner: view, upper: join(directory, 'upper'), log};
}

const wheelScript = `import sys, zipfile
path, name, version = sys.argv[1:4]
folder = f'{name}-{version}.dist-info'
files = {
    f'{name}.py': 'def main():\\n    print("main of", __name__)\\n',
    f'{folder}/METADATA': f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n' + ''.join(f'Requires-Dist: {item}\\n' for item in sys.argv[4:]),
    f'{folder}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
    f'{folder}/entry_points.txt': f'[console_scripts]\\n{name}-tool = {name}:main\\n',
}
with zipfile.ZipFile(f'{path}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    for file, text in files.items():
        wheel.writestr(file, text)
    wheel.writestr(f'{folder}/RECORD', ''.join(f'{file},,\\n' for file in [*files, f'{folder}/RECORD']))
`;

/** Makes a wheel with one module and one program, NAME-tool. */
export async function makeWheel(
	runner: Runner,
	directory: string,
	name: string,
	version: string,
	...requires: readonly string[]
): Promise<void> {
	await runner.capture(['/usr/bin/python3', '-c', wheelScript, directory, name, version, ...requires]);
}
