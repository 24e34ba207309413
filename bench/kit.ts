import {execFile} from 'node:child_process';
import {chown, copyFile, mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {setAside} from '../source/host/apt-aside.js';
import {type AptSetup, readAptSetup} from '../source/host/apt-setup.js';
import {environmentInside, inside as insideRoot, inWork} from '../source/host/build-root.js';
import {resolutionStatus} from '../source/host/dpkg-status.js';
import {networkEnvironment} from '../source/host/environment.js';
import {createRunner, plainEnvironment} from '../source/host/process.js';
import {nobody} from '../source/host/unpack.js';
import type {KitRequest} from '../source/kit/request.js';
import {needsOf} from '../source/omflow/releases.js';
import {parseVersion} from '../source/omflow/version.js';
import {makeBase} from '../test/lab/base.js';
import {prepareHost} from '../test/lab/host.js';
import {type Figure, milliseconds} from './figure.js';
import type {Place} from './place.js';

const run = promisify(execFile);

/** What an environment of some years has, as the sample server. */
const requirements = [
	'django>=4.2,<4.3',
	'ldap3',
	'mod_wsgi',
	'openpyxl',
	'PyMySQL',
	'python-dateutil',
	'requests',
	'wheel',
	'xlrd',
];

/**
How long a kit takes for a bare server, with empty caches, against fetching the same lists plainly: `apt-get update` and
`apt-get download`, and `pip download` by the very Python.
*/
export async function kit(place: Place): Promise<Figure[]> {
	const reason = await prepareHost();
	if (reason) {
		throw new Error(`No kit can be measured: ${reason}.`);
	}

	const environment = {...plainEnvironment, ...(await networkEnvironment())};
	const runner = createRunner({log: '/dev/null', environment});
	const folder = join(place.folder, 'kit');
	await mkdir(folder, {mode: 0o700});
	const request = await requestFor((await makeBase()).root, await readAptSetup(runner));
	await writeFile(join(folder, 'request.json'), JSON.stringify(request));
	const state = join(folder, 'state');
	const output = join(folder, 'kit.tar.zst');
	const words = ['kit', 'build', join(folder, 'request.json'), '--output', output, '--state-dir', state, '--yes'];
	const building = await timed(() =>
		run(process.execPath, [place.program, ...words], {env: {...process.env, NODE_ENV: 'production'}}),
	);

	const [root = ''] = await readdir(join(state, 'kit/cache/roots'));
	const apt = await timed(() => fetchPackages(request, join(folder, 'plain'), environment));
	const pip = await timed(() => fetchWheels(join(state, 'kit/cache/roots', root), join(folder, 'work'), environment));
	const {size} = await stat(output);
	await rm(folder, {recursive: true, force: true});
	return [
		{
			name: 'A kit for a bare server, against apt-get download and pip download of the same list',
			value: building / (apt + pip),
			aim: 1.2,
			unit: '×',
			from: `${milliseconds(building)} / (${milliseconds(apt)} + ${milliseconds(pip)}), ${(size / 1e6).toFixed(0)} MB`,
		},
	];
}

async function requestFor(server: string, apt: AptSetup): Promise<KitRequest> {
	const needs = needsOf(parseVersion('1.2.0.0'));
	if (!needs) {
		throw new Error('1.2.0.0 needs nothing');
	}

	return {
		schema: 1,
		kind: 'omflow-kit-request',
		program: 'bench',
		createdAt: Date.now(),
		host: 'bare',
		from: '1.1.6.3',
		to: '1.2.0.0',
		database: 'sqlite',
		platform: {id: 'debian', version: '12', codename: 'bookworm', architecture: 'amd64', glibc: '2.36', foreign: []},
		python: needs.python,
		aptPackages: needs.aptPackages,
		requirements: requirements.map(line => ({line})),
		apt,
		status: resolutionStatus(await readFile(join(server, 'var/lib/dpkg/status'), 'utf8')),
	};
}

async function fetchPackages(
	{apt, aptPackages, status}: KitRequest,
	directory: string,
	environment: Readonly<Record<string, string>>,
): Promise<void> {
	await mkdir(directory, {recursive: true});
	await writeFile(join(directory, 'status'), status.map(line => `${line}\n`).join(''));
	const configuration = await setAside({
		directory,
		setup: apt,
		status: join(directory, 'status'),
		architectures: ['amd64'],
	});
	const options = {env: environment, cwd: directory, maxBuffer: 64 * 1024 * 1024};
	await run('apt-get', ['-c', configuration, '-qq', 'update'], options);
	const plan = ['-c', configuration, '-qq', '-s', '--no-install-recommends', 'install', ...aptPackages];
	const {stdout} = await run('apt-get', plan, options);
	const names = [...stdout.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)].map(match => `${match[1]}=${match[2]}`);
	await run('apt-get', ['-c', configuration, '-qq', 'download', ...names], options);
}

async function fetchWheels(root: string, work: string, environment: Readonly<Record<string, string>>): Promise<void> {
	await mkdir(join(work, 'home'), {recursive: true, mode: 0o755});
	await chown(join(work, 'home'), nobody, nobody);
	const trusted = '/etc/ssl/certs/ca-certificates.crt';
	await copyFile(trusted, join(work, inWork.trusted));
	const env = {...environment, ...environmentInside, PIP_CERT: `/work/${inWork.trusted}`, PIP_FIND_LINKS: ''};
	const runInside = async (...words: readonly string[]) => {
		const [command = '', ...rest] = insideRoot({directory: root, work})(words);
		await run(command, rest, {env});
	};
	// Debian's pip, which needs no environment.
	const pip = ['/usr/bin/python3.11', '-m', 'pip', 'download', '-q', '--no-cache-dir', '--dest', '/work/home/plain'];
	await runInside(...pip, ...requirements);
}

async function timed(body: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await body();
	return performance.now() - began;
}
