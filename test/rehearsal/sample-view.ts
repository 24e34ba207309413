import {cp, mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import type {SampleShape} from '../../source/rehearsal/sample.js';
import {defaultStatePath, openView, type View} from '../../source/rehearsal/view.js';
import {processesWith} from './host.js';
import {inside, program} from './program.js';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the view of `openSample` has the archives. */
export const patches = '/var/tmp/omflow-patches';

/** A view with the sample of one shape built and started in it, and nothing of the upgrade. */
export async function openSample(t: TestContext, shape: SampleShape): Promise<View> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-sample-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	const stateDirectory = join(directory, 'state');
	await mkdir(stateDirectory);
	await build({
		entryPoints: [fromHere('build-sample.ts')],
		outfile: join(stateDirectory, 'build-sample.mjs'),
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node22',
		banner: {
			js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
		},
		logLevel: 'error',
	});
	await cp(fromHere('../../source/rehearsal/sample'), join(stateDirectory, 'sample'), {recursive: true});
	const view = await openView({directory: join(directory, 'view'), stateDirectory, bundle: program});
	t.after(() => view.close());
	const script = join(defaultStatePath, 'build-sample.mjs');
	await inside(view, process.execPath, script, defaultStatePath, patches, shape);
	return view;
}

/** What a sample says about itself over HTTP, asked inside its view; any path of it. */
export async function answer(view: View, url: string): Promise<Record<string, unknown>> {
	const script = `fetch('${url}').then(async r => console.log(await r.text()))`;
	return JSON.parse(await inside(view, process.execPath, '-e', script)) as Record<string, unknown>;
}

/** Unpacks an archive of the sample as the vendor's page says, and runs its patch.sh with the given programs first. */
export async function applyPatch(view: View, version: string, programs = '/opt/omflow/python/bin'): Promise<string> {
	const name = `omflow_patch_${version.replaceAll('.', '_')}.tar.gz`;
	const script = [
		'set -e',
		`cd ${patches}`,
		`sha256sum --check --strict ${name}.sha256`,
		'mkdir /srv/patch && cd /srv/patch',
		`tar -xzf ${patches}/${name}`,
		'cd */',
		`PATH="${programs}:$PATH" ./patch.sh`,
		'rm -r /srv/patch',
	];
	return inside(view, 'bash', '-c', script.join('\n'));
}

/** Kills the worker of this very program the hard way, and not merely what entered the view for it. */
export async function killOwnWorker(): Promise<void> {
	const command = `${process.execPath} ${program} worker `;
	const found = (await processesWith(program)).find(line => line.replace(/^\d+ /, '').startsWith(command));
	if (!found) {
		throw new Error('There is no worker to kill.');
	}

	process.kill(Number.parseInt(found, 10), 'SIGKILL');
}
