import {copyFile, mkdir, mkdtemp, readdir, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {RunEvent} from '../source/engine/events.js';
import {takeKit} from '../source/kit/archive.js';
import type {KitManifest} from '../source/kit/manifest.js';
import {installProgram, patchArchive, type Server, type StartOptions, startServer} from '../test/lab/lab.js';

const patches = path.dirname(patchArchive);

/** A kit as a folder on this machine, and its archive on a server. */
export type Taken = {
	readonly folder: string;
	readonly manifest: KitManifest;
	readonly archive: string;
	readonly figures: string;
};

export type End = Extract<RunEvent, {event: 'run-ended'}>;

/** The servers of one part; all of them go with it. */
export class Machines {
	readonly #servers: Server[] = [];
	#scratch: string | undefined;

	/** Boots a server with the program. */
	async start(options: StartOptions): Promise<Server> {
		const server = await startServer(options);
		this.#servers.push(server);
		await installProgram(server);
		return server;
	}

	/** Lets another machine build the kit that a server asks for, with all archives that lie there, and copies it over. */
	async kitFor(server: Server, builder: Server): Promise<Taken> {
		await server.must(['omflow-tui', 'kit', 'request', '--output', '/root/request.json', '--json']);
		await copyFile(server.path('/root/request.json'), builder.path('/root/request.json'));
		await mkdir(builder.path('/root/patches'));
		for (const name of (await readdir(server.path(patches))).filter(each => each.endsWith('.tar.gz'))) {
			await copyFile(server.path(path.join(patches, name)), builder.path(path.join('/root/patches', name)));
		}

		const began = performance.now();
		await finish(builder, [
			...['kit', 'build', '/root/request.json', '--patch', '/root/patches'],
			...['--output', '/root/kit.tar.zst'],
		]);
		const seconds = ((performance.now() - began) / 1000).toFixed(0);
		const file = builder.path('/root/kit.tar.zst');
		const archive = '/root/kit.tar.zst';
		await copyFile(file, server.path(archive));
		this.#scratch ??= await mkdtemp(path.join(tmpdir(), 'omflow-tui-kits-'));
		const folder = path.join(this.#scratch, 'kit');
		await mkdir(folder, {mode: 0o700});
		const manifest = await takeKit(file, folder);
		const count = (of: string) =>
			manifest.files.filter(each => each.path.startsWith(of) && each.path !== 'debs/Packages').length;
		const megabytes = ((await stat(file)).size / 1e6).toFixed(0);
		const figures = `built in ${seconds} s, ${megabytes} MB, ${count('debs/')} packages, ${count('wheels/')} of Python`;
		return {folder, manifest, archive, figures};
	}

	async stop(): Promise<void> {
		for (const server of this.#servers) {
			await server.stop();
		}

		if (this.#scratch) {
			await rm(this.#scratch, {recursive: true, force: true});
		}
	}
}

/** Carries out a run without a person, to its good end. */
export async function finish(server: Server, words: readonly string[]): Promise<End> {
	const argv = ['omflow-tui', ...words, '--yes', '--json'];
	const {stdout, stderr, exitCode} = await server.exec(argv, {timeout: 1_200_000});
	const end = JSON.parse(stdout.trimEnd().split('\n').at(-1) || 'null') as End | null;
	if (exitCode !== 0 || end?.outcome !== 'kept') {
		throw new Error(`${argv.join(' ')} ended with ${exitCode}:\n${stdout.slice(-4000)}\n${stderr}`);
	}

	return end;
}
