import assert from 'node:assert/strict';
import {chmod, mkdir, readdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {environmentInside, inside, isWholeRoot, licenceIn, unpackRoot} from '../../source/host/build-root.js';
import {nobody, unpackPackages} from '../../source/host/unpack.js';
import {runner, scratch} from '../kit/kit-folder.js';

const {exitCode} = await runner.capture(['sh', '-c', 'command -v dpkg-deb setpriv unshare'], {accept: [0, 1, 127]});
const skip =
	process.getuid?.() !== 0
		? 'it needs root'
		: exitCode === 0
			? false
			: 'this machine lacks dpkg-deb, setpriv or unshare';

/** A package with whatever `fill` puts into it. */
async function makeDeb(folder: string, name: string, fill: (tree: string) => Promise<void>): Promise<string> {
	const tree = join(folder, `${name}-tree`);
	await mkdir(join(tree, 'DEBIAN'), {recursive: true, mode: 0o755});
	const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n`;
	await writeFile(join(tree, 'DEBIAN/control'), control);
	await fill(tree);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', tree, join(folder, 'debs', `${name}.deb`)]);
	return `${name}.deb`;
}

/** A package of one file, without the folders that it is in: what tar would have made of these is left to others. */
async function makeBareDeb(folder: string, name: string, file: string): Promise<void> {
	const tree = join(folder, `${name}-tree`);
	await mkdir(join(tree, file, '..'), {recursive: true});
	await writeFile(join(tree, file), 'evil');
	await writeFile(join(tree, 'control'), `Package: ${name}\nVersion: 1\nArchitecture: all\n`);
	for (const [archive, member] of [
		['control.tar', './control'],
		['data.tar', `./${file}`],
	] as const) {
		await runner.capture(['tar', '-cf', join(tree, archive), '-C', tree, member]);
	}

	const members = [['debian-binary', Buffer.from('2.0\n')] as const];
	const tars = await Promise.all(
		['control.tar', 'data.tar'].map(async each => [each, await readFile(join(tree, each))] as const),
	);
	const parts = [...members, ...tars].flatMap(([member, content]) => [
		Buffer.from(
			`${member.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
		),
		content,
	]);
	await writeFile(join(folder, 'debs', `${name}.deb`), Buffer.concat([Buffer.from('!<arch>\n'), ...parts]));
}

async function places(t: TestContext) {
	const directory = await scratch(t);
	const [debs, outside, root] = ['debs', 'outside', 'root'].map(name => join(directory, name)) as [
		string,
		string,
		string,
	];
	await mkdir(debs, {mode: 0o755});
	await mkdir(outside, {mode: 0o755});
	return {directory, debs, outside, root};
}

test('a package writes nowhere else through the link that another one brings', {skip}, async t => {
	const {debs, directory, outside, root} = await places(t);
	await makeDeb(directory, 'a-link', async tree => {
		await mkdir(join(tree, 'usr/lib'), {recursive: true});
		await symlink(outside, join(tree, 'usr/lib/foo'));
	});
	await makeBareDeb(directory, 'b-file', 'usr/lib/foo/evil');
	// Several are unpacked at once: the link is there before the file comes.
	const names = [...Array<string>(6).fill('a-link.deb'), 'b-file.deb'];
	await unpackPackages(runner, root, {folder: debs, names}).catch(() => {});
	assert.deepEqual(await readdir(outside), []);
});

test('what is unpacked belongs to nobody, and makes nobody root', {skip}, async t => {
	const {debs, directory, root} = await places(t);
	await makeDeb(directory, 'setuid', async tree => {
		await mkdir(join(tree, 'usr/bin'), {recursive: true});
		await writeFile(join(tree, 'usr/bin/become'), 'x', {mode: 0o755});
		await chmod(join(tree, 'usr/bin/become'), 0o4755);
	});
	await unpackPackages(runner, root, {folder: debs, names: ['setuid.deb']});
	assert.equal((await stat(join(root, 'usr/bin/become'))).uid, nobody);
});

/** The shell of this host and what it is linked with, as if they had come in packages. */
async function shellRoot(t: TestContext) {
	const {debs, directory, outside, root} = await places(t);
	const name = await makeDeb(directory, 'shell', async tree => {
		const {stdout} = await runner.capture(['ldd', '/bin/sh', '/usr/bin/id', '/usr/bin/touch']);
		const files = new Set([...stdout.matchAll(/(\/\S+)(?= \(|:$)/gm)].map(match => match[1] ?? ''));
		for (const file of [...files, '/bin/sh', '/usr/bin/id', '/usr/bin/touch']) {
			const target = join(tree, 'usr', file.replace(/^\/usr/, ''));
			await mkdir(join(target, '..'), {recursive: true});
			await runner.capture(['cp', '--dereference', file, target]);
		}

		await mkdir(join(tree, 'usr/share/doc/shell'), {recursive: true});
		await writeFile(
			join(tree, 'usr/share/doc/shell/copyright'),
			'Files: *\nLicense: MIT\n\nFiles: x\nLicense: BSD-3\n',
		);
		await mkdir(join(tree, 'usr/share/doc/link'), {recursive: true});
		await writeFile(join(outside, 'secret'), 'License: secret\n');
		await symlink(join(outside, 'secret'), join(tree, 'usr/share/doc/link/copyright'));
	});
	await unpackRoot(runner, root, {folder: debs, names: [name]}, () => {});
	const work = join(directory, 'work');
	await mkdir(join(work, 'home'), {recursive: true, mode: 0o755});
	await runner.capture(['chown', `${nobody}:${nobody}`, join(work, 'home')]);
	return {root, work};
}

test('what runs in a build root is nobody, and writes in its home alone', {skip}, async t => {
	const {root, work} = await shellRoot(t);
	assert.equal(await isWholeRoot(root), true);
	const run = async (script: string) =>
		(
			await runner.capture(inside({directory: root, work})(['/bin/sh', '-c', script]), {
				env: environmentInside,
				accept: [0, 1],
			})
		).stdout;
	assert.match(await run('id'), /^uid=65534\(nobody\)/);
	const tried =
		'for place in /evil /usr/evil /etc/hosts /work/evil; do touch $place 2> /dev/null && echo $place; done; touch /work/home/mine';
	assert.equal(await run(tried), '');
	assert.deepEqual(await readdir(join(work, 'home')), ['mine']);
	assert.equal(
		await run('for device in /dev/*; do echo $device; done'),
		'/dev/null\n/dev/random\n/dev/urandom\n/dev/zero\n',
	);
});

test('licences are read from the root, and from nowhere that a link in it leads to', {skip}, async t => {
	const {root} = await shellRoot(t);
	assert.equal(await licenceIn({directory: root}, 'shell'), 'MIT, BSD-3');
	assert.equal(await licenceIn({directory: root}, 'link'), undefined);
});
