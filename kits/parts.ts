import assert from 'node:assert/strict';
import {copyFile, mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {patchArchive, type Server} from '../test/lab/lab.js';
import {check} from '../test/ssh/kit-check.js';
import {omflow} from '../test/ssh/observe.js';
import {finish, type Machines, type Taken} from './machines.js';

/** Says in a line what came of it; throws when something else did. */
export type Part = (machines: Machines) => Promise<string>;

/** A kit from a machine of another release is complete for the server, and upgrades it. */
export function builtOn(release: string): Part {
	return async machines => {
		const [server, builder] = [await machines.start({network: false}), await machines.start({release})];
		const {archive, figures} = await machines.kitFor(server, builder);
		const {findings, outcome} = await check(server, [archive]);
		assert.equal(outcome, 'complete', JSON.stringify(findings, null, 1));
		const seconds = await upgrade(server, ['--kit', archive]);
		return `${figures}; complete, and upgraded with a window of ${seconds} s`;
	};
}

/** A rehearsal with a kit ends well, and the server is as before. */
export async function rehearsal(machines: Machines): Promise<string> {
	const {server, kit} = await withKit(machines);
	// The server of the lab lies on an overlay, which cannot be the upper layer of another one.
	await server.must(['mkdir', '-p', '/var/lib/omflow-tui']);
	await server.must(['mount', '-t', 'tmpfs', '-o', 'mode=700,size=6g', 'tmpfs', '/var/lib/omflow-tui']);
	const look = async () => [await omflow(server), await server.must(['dpkg-query', '-W'])];
	const before = await look();
	const {downtimeSeconds} = await finish(server, ['rehearse', '--kit', kit.archive]);
	assert.deepEqual(await look(), before);
	return `${kit.figures}; rehearsed with a window of ${downtimeSeconds} s`;
}

/** Folders that were filled by hand: packages, wheels, and the source of what no index has as a wheel. */
export async function folders(machines: Machines): Promise<string> {
	const {server, kit} = await withKit(machines);
	const sources: string[] = [];
	for (const {origin, path: name} of kit.manifest.files) {
		const url = /^built here from (\S+)$/.exec(origin)?.[1];
		if (url) {
			await rm(path.join(kit.folder, name));
			const source = path.basename(url);
			await writeFile(path.join(kit.folder, 'wheels', source), await fetched(url));
			sources.push(source);
		}
	}

	assert.ok(sources.length > 0, 'something is left to be built by the server');
	for (const folder of ['debs', 'wheels']) {
		await mkdir(server.path(`/root/${folder}`));
		for (const name of (await readdir(path.join(kit.folder, folder))).filter(each => each !== 'Packages')) {
			await copyFile(path.join(kit.folder, folder, name), server.path(`/root/${folder}/${name}`));
		}
	}

	const seconds = await upgrade(server, ['--debs', '/root/debs', '--wheels', '/root/wheels', '--patch', patchArchive]);
	return `the server built ${sources.join(', ')} itself, and upgraded with a window of ${seconds} s`;
}

/** One kit for two hops: 1.1.6.1 by 1.1.6.3, which it only has the archive for, to 1.2.0.0. */
export async function hops(machines: Machines): Promise<string> {
	const {server, kit} = await withKit(machines, 'hops');
	assert.equal((await omflow(server)).version, '1.1.6.1');
	const way = ['--via', '1.1.6.3'];
	const {findings, outcome} = await check(server, [kit.archive, ...way]);
	assert.equal(outcome, 'complete', JSON.stringify(findings, null, 1));
	const seconds = await upgrade(server, ['--kit', kit.archive, ...way]);
	return `${kit.figures}; two hops with windows of ${seconds} s in all`;
}

async function withKit(machines: Machines, shape: 'B' | 'hops' = 'B'): Promise<{server: Server; kit: Taken}> {
	const [server, builder] = [await machines.start({network: false, shape}), await machines.start({omflow: false})];
	return {server, kit: await machines.kitFor(server, builder)};
}

/** Upgrades to 1.2.0.0, nothing of the data is lost, and pip had no network. Returns the seconds without service. */
async function upgrade(server: Server, words: readonly string[]): Promise<number> {
	const before = await omflow(server);
	const {downtimeSeconds} = await finish(server, ['upgrade', ...words]);
	const after = await omflow(server);
	assert.equal(after.version, '1.2.0.0');
	assert.match(after.django, /^4\.2\./);
	assert.deepEqual([after.rows, after.text], [before.rows, before.text]);
	return downtimeSeconds;
}

async function fetched(url: string): Promise<Uint8Array> {
	const reply = await fetch(url);
	if (!reply.ok) {
		throw new Error(`${url} answers with ${reply.status}`);
	}

	return new Uint8Array(await reply.arrayBuffer());
}
