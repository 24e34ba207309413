import assert from 'node:assert/strict';
import {copyFile, readdir, readFile, rename, rm, stat, truncate, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {type KitManifest, kitFiles, readManifest} from '../../source/kit/manifest.js';
import {sealKit} from '../../source/kit/seal.js';
import type {Server} from '../lab/lab.js';
import {isAsPublished} from '../schema.js';

const runner = createRunner({log: '/dev/null', environment: plainEnvironment});

/**
Everything that an upgrade would change first: packages, OMFLOW, Apache and apt. OMFLOW itself writes its database and
logs.
*/
async function stateOf(server: Server): Promise<string> {
	const places = ['/opt/omflow', '/etc/apache2', '/etc/apt', '/var/lib/apt/lists'];
	const files = ['-type', 'f', '!', '-name', 'db.omflow*', '!', '-path', '*/logs/*', '!', '-path', '*/__pycache__/*'];
	const listing = await server.must(['find', ...places, ...files, '-printf', '%p %s %T@\\n']);
	return `${await server.must(['dpkg-query', '-W'])}${listing.split('\n').sort().join('\n')}`;
}

type Spoil = {
	readonly name: string;
	/** What the refusal must name. */
	readonly names: RegExp;
	/** Changes the unpacked kit; it is sealed anew unless `raw`. */
	spoil?(folder: string, manifest: KitManifest): Promise<KitManifest | undefined>;
	/** Changes the finished archive. */
	damage?(file: string): Promise<void>;
};

const spoils: readonly Spoil[] = [
	{
		name: 'one package short',
		names: /libpopt0/,
		async spoil(folder, manifest) {
			await removeFrom(path.join(folder, 'debs'), /^libpopt0_/);
			return manifest;
		},
	},
	{
		name: 'one wheel short',
		names: /no file of asgiref==/i,
		async spoil(folder, manifest) {
			await removeFrom(path.join(folder, 'wheels'), /^asgiref-/);
			return manifest;
		},
	},
	{
		name: 'one hash short',
		names: /no SHA-256 of debs\/rsync_/,
		async spoil(folder) {
			const file = path.join(folder, kitFiles.manifest);
			const manifest = JSON.parse(await readFile(file, 'utf8')) as {files: Array<{path: string; sha256?: string}>};
			delete manifest.files.find(({path}) => path.startsWith('debs/rsync_'))?.sha256;
			await writeFile(file, JSON.stringify(manifest));
			return undefined;
		},
	},
	{
		name: 'for another architecture',
		names: /for arm64, and this host is amd64/,
		spoil: async (_, manifest) => ({...manifest, platform: {...manifest.platform, architecture: 'arm64'}}),
	},
	{
		name: 'with a wheel for another Python',
		names: /wheels\/mod_wsgi-.*cp310.* is for Python 3\.10, not Python 3\.11/i,
		async spoil(folder, manifest) {
			const wheels = path.join(folder, 'wheels');
			const name = (await readdir(wheels)).find(each => /^mod_wsgi-/i.test(each)) ?? '';
			await rename(path.join(wheels, name), path.join(wheels, name.replaceAll('cp311', 'cp310')));
			return manifest;
		},
	},
	{
		name: 'tampered with',
		names: /wheels\/django-.* has another content than its manifest says/i,
		async spoil(folder) {
			const name = (await readdir(path.join(folder, 'wheels'))).find(each => /^django-/i.test(each)) ?? '';
			const file = path.join(folder, 'wheels', name);
			const content = await readFile(file);
			content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
			await writeFile(file, content);
			return undefined;
		},
	},
	{
		name: 'cut on its way',
		names: /ends before (?:debs|wheels|patches)\/\S+, and was not copied whole/,
		damage: async file => truncate(file, Math.floor((await stat(file)).size / 2)),
	},
];

async function removeFrom(folder: string, pattern: RegExp): Promise<void> {
	const name = (await readdir(folder)).find(each => pattern.test(each));
	assert.ok(name, `${folder} has ${pattern}`);
	await rm(path.join(folder, name));
}

/**
Each is refused by the check, and by the upgrade, with the item named, and nothing is changed. `whole` is the kit as a
folder, and `name` that of its archive on the server.
*/
export async function refusesWhatIsNotWhole(server: Server, whole: string, name: string): Promise<void> {
	const kit = server.path(`/root/${name}`);
	const manifest = readManifest(await readFile(path.join(whole, kitFiles.manifest), 'utf8'));
	const before = await stateOf(server);
	for (const {damage, name: what, names, spoil} of spoils) {
		const folder = server.path('/root/spoiled');
		await rm(folder, {recursive: true, force: true});
		if (spoil) {
			await runner.capture(['cp', '--archive', whole, folder]);
			const sealed = await spoil(folder, manifest);
			if (sealed) {
				const {files, schema: _, kind: __, ...head} = sealed;
				await sealKit(runner, folder, head, new Map(files.map(each => [each.path, each])));
			}
		} else {
			await copyFile(kit, folder);
			await damage?.(folder);
		}

		const checked = await server.exec(['omflow-tui', 'kit', 'check', '/root/spoiled', '--json'], {
			timeout: 120_000,
		});
		assert.equal(checked.exitCode, 3, `${what}: ${checked.stdout}${checked.stderr}`);
		assert.match(`${checked.stdout}${checked.stderr}`, names, what);
		// What cannot even be read is refused before there is anything to report.
		const report = JSON.parse(checked.stdout) as {readonly event?: string};
		if (report.event === undefined) {
			await isAsPublished(report, 'kit-check');
		} else {
			assert.equal(report.event, 'run-ended', checked.stdout);
		}

		const upgrade = ['omflow-tui', 'upgrade', '--kit', '/root/spoiled', '--yes'];
		const used = await server.exec(upgrade, {timeout: 120_000});
		assert.equal(used.exitCode, 3, `${what}: ${used.stdout}${used.stderr}`);
		assert.match(`${used.stdout}${used.stderr}`, names, what);
		assert.equal(await stateOf(server), before, `${what}: nothing is changed`);
	}

	const script =
		'mkdir -p /etc/omflow-tui && ssh-keygen -q -t ed25519 -N "" -f /root/other && echo "x $(cat /root/other.pub)" > /etc/omflow-tui/kit-signers';
	await server.must(['sh', '-c', script]);
	await runner.capture(['cp', '--archive', whole, server.path('/root/unsigned')]);
	await rm(server.path(`/root/unsigned/${kitFiles.signature}`));
	const unsigned = await server.exec(['omflow-tui', 'kit', 'check', '/root/unsigned']);
	assert.equal(unsigned.exitCode, 3);
	assert.match(unsigned.stderr, /The kit is not signed, and this host uses only kits that somebody of .* has signed/);
	const strange = await server.exec(['omflow-tui', 'kit', 'check', `/root/${name}`]);
	assert.equal(strange.exitCode, 3);
	assert.match(strange.stderr, /signature of the kit does not count here: nobody of/);
	await server.must(['rm', '/etc/omflow-tui/kit-signers']);
}
