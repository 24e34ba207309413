import assert from 'node:assert/strict';
import {mkdir, readFile, rename, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {takeKit} from '../../source/kit/archive.js';
import {makeKitByHand} from '../../source/kit/by-hand.js';
import {lacks, makeWheel} from '../host/support.js';
import {head, runner, scratch} from './kit-folder.js';

const skip = await lacks('/usr/bin/python3', '/usr/bin/dpkg-deb');

const {request: _, createdAt: __, toBuild: ___, ...wanted} = head;

test('folders of wheels become a kit, and what else lies there is left', {skip}, async t => {
	const directory = await scratch(t);
	const [wheels, kit, taken] = ['wheels', 'kit', 'taken'].map(name => join(directory, name)) as [
		string,
		string,
		string,
	];
	await Promise.all([wheels, kit, taken].map(path => mkdir(path, {mode: 0o700})));
	await makeWheel(runner, wheels, 'setuptools', '80.0');
	await makeWheel(runner, wheels, 'Django', '4.2.16');
	for (const name of ['mod_wsgi-5.0.2.tar.gz', 'SHA256SUMS']) {
		await writeFile(join(wheels, name), name);
	}

	const manifest = await makeKitByHand(runner, {
		...wanted,
		directory: kit,
		wheels,
		requirements: ['django>=4.2,<4.3'],
	});
	assert.deepEqual(manifest.toBuild, ['mod-wsgi']);
	assert.equal(await readFile(join(kit, 'lock.txt'), 'utf8'), 'django==4.2.16\nmod-wsgi==5.0.2\nsetuptools==80.0\n');
	assert.equal(manifest.files.find(({path}) => path.endsWith('mod_wsgi-5.0.2.tar.gz'))?.origin, 'by hand');
	assert.equal(
		manifest.files.some(({path}) => path.includes('SHA256SUMS')),
		false,
	);
	assert.deepEqual(await takeKit(kit, taken), manifest);
});

test('two versions of a package, a link, and a folder that is not there are named', async t => {
	const directory = await scratch(t);
	const wheels = join(directory, 'wheels');
	await mkdir(wheels);
	const make = async (name: string, from: string) => {
		await mkdir(join(directory, name), {mode: 0o700});
		return makeKitByHand(runner, {
			...wanted,
			directory: join(directory, name),
			wheels: from,
			requirements: [],
		});
	};
	await writeFile(join(wheels, 'django-4.2.16-py3-none-any.whl'), 'a');
	await writeFile(join(wheels, 'Django-4.2.17-py3-none-any.whl'), 'b');
	await assert.rejects(
		make('one', wheels),
		/Django-4\.2\.17.* and .*django-4\.2\.16.* are two versions of one package/,
	);
	const links = join(directory, 'links');
	await mkdir(links);
	await symlink('/etc/shadow', join(links, 'x-1-py3-none-any.whl'));
	await assert.rejects(make('two', links), /x-1-py3-none-any\.whl is not a plain file/);
	await assert.rejects(make('three', join(directory, 'none')), /none cannot be read \(ENOENT\)/);
});

test('what was not copied whole, or not under its name, is named before a kit is made of it', {skip}, async t => {
	const directory = await scratch(t);
	let made = 0;
	const make = async (folders: {readonly debs?: string; readonly wheels?: string}) => {
		const kit = join(directory, `kit-${made++}`);
		await mkdir(kit, {mode: 0o700});
		return makeKitByHand(runner, {...wanted, directory: kit, ...folders, requirements: []});
	};
	const wheels = join(directory, 'wheels');
	const wheel = join(wheels, 'asgiref-3.8.1-py3-none-any.whl');
	await mkdir(wheels);
	await makeWheel(runner, wheels, 'asgiref', '3.8.1');
	assert.equal((await make({wheels})).files.length, 4);
	for (const [name, why] of [
		['asgiref-3.8.1-py3-none-any (1).whl', /has a name that no wheel has\. Give it the name under which/],
		['asgiref.whl', /asgiref\.whl has a name that no wheel has/],
		['sqlparse-3.8.1-py3-none-any.whl', /sqlparse-3\.8\.1\S+ holds another package, asgiref 3\.8\.1\. Give it/],
	] as const) {
		await rename(wheel, join(wheels, name));
		await assert.rejects(make({wheels}), why);
		await rename(join(wheels, name), wheel);
	}

	await truncate(wheel, (await stat(wheel)).size - 1);
	await assert.rejects(
		make({wheels}),
		/wheels\/asgiref-3\.8\.1-py3-none-any\.whl is no zip file, or was not copied whole/,
	);

	const debs = join(directory, 'debs');
	const deb = join(debs, 'lab-app_1.0_all.deb');
	await mkdir(join(directory, 'tree/DEBIAN'), {recursive: true});
	await writeFile(
		join(directory, 'tree/DEBIAN/control'),
		'Package: lab-app\nVersion: 1.0\nArchitecture: all\nMaintainer: Test <t@example.org>\nDescription: x\n',
	);
	await mkdir(debs);
	await runner.capture(['dpkg-deb', '--root-owner-group', '--build', join(directory, 'tree'), deb]);
	assert.equal((await make({debs})).files.length, 4);
	await rename(deb, join(debs, 'lab-app (1).deb'));
	await assert.rejects(make({debs}), /lab-app \(1\)\.deb has a name that no file of a kit has\. Give it the name/);
	await rename(join(debs, 'lab-app (1).deb'), deb);
	await truncate(deb, (await stat(deb)).size - 70);
	await assert.rejects(make({debs}), (error: Error) =>
		error.message.startsWith(`${deb} is no Debian package, or was not copied whole. `),
	);
});
