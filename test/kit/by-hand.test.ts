import assert from 'node:assert/strict';
import {mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {takeKit} from '../../source/kit/archive.js';
import {makeKitByHand} from '../../source/kit/by-hand.js';
import {head, runner, scratch} from './kit-folder.js';

const {request: _, createdAt: __, toBuild: ___, ...wanted} = head;

test('folders of wheels become a kit, and what else lies there is left', async t => {
	const directory = await scratch(t);
	const [wheels, kit, taken] = ['wheels', 'kit', 'taken'].map(name => join(directory, name)) as [
		string,
		string,
		string,
	];
	await Promise.all([wheels, kit, taken].map(path => mkdir(path, {mode: 0o700})));
	for (const name of [
		'django-4.2.16-py3-none-any.whl',
		'mod_wsgi-5.0.2.tar.gz',
		'SHA256SUMS',
		'setuptools-80.0-py3-none-any.whl',
	]) {
		await writeFile(join(wheels, name), name);
	}

	const manifest = await makeKitByHand(runner, {
		...wanted,
		directory: kit,
		wheels,
		patches: [],
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
			patches: [],
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
