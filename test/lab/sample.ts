import {cp, readdir} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import type {SampleShape} from '../../source/rehearsal/sample-shape.js';
import {type Layer, makeLayer} from './layer.js';
import {digest, digestFiles, project} from './places.js';
import {copyNode} from './program.js';
import {type Server, startOn} from './server.js';

const installer = fileURLToPath(new URL('install-sample.ts', import.meta.url));
const folder = '/root/sample-installer';

const patches = '/home/vera';

/** Where vera finds the vendor's archive for 1.2.0.0. */
export const patchArchive = `${patches}/omflow_patch_1_2_0_0.tar.gz`;

/**
What built the old environment and a server in service has no use for. With these the upgrade's package step
would find its work done.
*/
const tools = [
	'apache2-dev',
	'gcc',
	'libc6-dev',
	'python3.9-dev',
	'python-pip-whl',
	'python3.11-dev',
	'python3.11-venv',
];

/** As the vendor's documents start and stop it; enabled, so that OMFLOW is there after a reboot. */
const unit = `[Unit]
Description=OMFLOW server
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/omflow/server/omflow_server start
ExecStop=/opt/omflow/server/omflow_server stop

[Install]
WantedBy=multi-user.target
`;

/**
OMFLOW 1.1.6.3, or what else a shape has, on top of the bare server, installed by the steps that also build the sample
of a rehearsal.
*/
export async function makeSample(base: Layer, shape: SampleShape = 'B'): Promise<Layer> {
	const rehearsal = path.join(project, 'source/rehearsal');
	const steps = (await readdir(rehearsal)).filter(name => name.startsWith('sample'));
	const sources = await digestFiles([
		...steps.map(name => path.join(rehearsal, name)),
		installer,
		fileURLToPath(import.meta.url),
	]);
	return makeLayer(shape === 'B' ? 'omflow' : `omflow-${shape}`, digest(base.key, sources), async aside => {
		const server = await startOn({layers: [base]});
		try {
			await install(server, shape);
			await server.freeze(aside);
		} finally {
			await server.stop();
		}
	});
}

async function install(server: Server, shape: SampleShape): Promise<void> {
	await server.must(['mkdir', '-p', folder]);
	await build({
		entryPoints: [installer],
		outfile: server.path(`${folder}/install.mjs`),
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node22',
		banner: {
			js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
		},
		logLevel: 'error',
	});
	await cp(path.join(project, 'source/rehearsal/sample'), server.path(`${folder}/sample`), {recursive: true});
	await copyNode(server, `${folder}/node`);
	await installOldPython(server);
	// Through a login shell of vera's, as a person would: /etc/environment counts, nothing of this machine does.
	const program = `sudo ${folder}/node ${folder}/install.mjs ${folder} ${patches} ${shape}`;
	await server.must(['runuser', '-l', 'vera', '-c', program], {timeout: 600_000});
	await server.must(['chown', 'vera:vera', patchArchive]);
	// Debian's pip lives on wheels beside Python, which go with the tools; pip's own is whole.
	await server.must(['/opt/omflow/python/bin/python', '-m', 'pip', '-q', 'install', '--upgrade', 'pip<24'], {
		timeout: 120_000,
	});
	await removeTools(server);
	await server.must(['/opt/omflow/python/bin/python', '-m', 'pip', '-q', 'list']);
	await server.must(['sh', '-c', 'cat > /etc/systemd/system/omflow_server.service'], {input: unit});
	await server.must(['systemctl', 'stop', 'apache2']);
	await server.must(['systemctl', 'enable', '--now', 'omflow_server']);
	await server.must(['curl', '-sSf', 'http://127.0.0.1/status.json']);
	await server.must(['apt-get', 'clean']);
	await server.must(['rm', '-rf', folder, '/var/lib/omflow-tui-sample']);
}

/**
Python 3.9 of Debian 11, which a server that was taken to Debian 12 still has. Without it the old environment
is made with 3.11, and the way to the new one is shorter than on real servers.
*/
async function installOldPython(server: Server): Promise<void> {
	const list = '/etc/apt/sources.list.d/previous.list';
	const script = [
		'set -e',
		`sed -n 's/ bookworm main/ bullseye main/p' /etc/apt/sources.list > ${list}`,
		// Only for what this release does not have itself.
		"printf 'Package: *\nPin: release n=bullseye\nPin-Priority: 100\n' > /etc/apt/preferences.d/previous",
		'apt-get -qq update',
		'apt-get -qq -y install --no-install-recommends python3.9 python3.9-dev python-pip-whl',
		// As packages these exclude what Python 3.11 needs; as files they do not.
		'cd "$(mktemp -d)"',
		'apt-get -qq download python3.9-venv python3-distutils/bullseye python3-lib2to3/bullseye',
		'for package in *.deb; do dpkg-deb --extract "$package" /; done',
	].join('\n');
	const env = {DEBIAN_FRONTEND: 'noninteractive'};
	const {exitCode, stderr} = await server.exec(['sh', '-c', script], {env, timeout: 240_000});
	if (exitCode !== 0) {
		console.log(`The lab found no Python 3.9 of Debian 11: ${stderr.trim().split('\n').at(-1)}`);
	}

	await server.must(['rm', '-f', list, '/etc/apt/preferences.d/previous']);
	await server.must(['apt-get', '-qq', 'update'], {timeout: 120_000});
}

async function removeTools(server: Server): Promise<void> {
	const installed = (await server.must(['dpkg', '--get-selections']))
		.split('\n')
		.flatMap(line => (line.endsWith('\tinstall') ? (line.split(/[:\t]/)[0] ?? []) : []));
	// Apache's module is linked with the library, which dpkg cannot know.
	const needed = installed.filter(name => /^(lib)?python3\.\d+$/.test(name));
	await server.must(['apt-mark', 'manual', ...needed]);
	const unneeded = tools.filter(name => installed.includes(name));
	await server.must(['apt-get', '-qq', '-y', 'purge', '--autoremove', ...unneeded], {timeout: 120_000});
}
