import assert from 'node:assert/strict';
import {mkdir, readFile, readlink, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import type {Installation} from '../../source/omflow/installation.js';
import {aboutOmflow, placeSystemFiles} from '../../source/runbook/backup/system-files.js';
import {lacks, workshop} from '../host/support.js';

test('of Apache exactly the files of OMFLOW become what the backup has; other sites stay as they are', async t => {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		return t.skip(missing);
	}

	const {directory, runner} = await workshop(t);
	const [root, backup] = [join(directory, 'apache2'), join(directory, 'backup')];
	const put = async (file: string, text: string) => {
		await mkdir(dirname(file), {recursive: true});
		await writeFile(file, text);
	};
	const held = join(backup, 'apache');
	await put(join(held, 'sites-available/django.conf'), 'WSGIScriptAlias / old\n');
	await put(join(held, 'sites-available/shop.conf'), 'old shop\n');
	await put(join(held, 'mods-available/wsgi.load'), '  LoadModule wsgi_module /old.so\n');
	for (const tree of [held, root]) {
		await mkdir(join(tree, 'mods-enabled'), {recursive: true});
		await mkdir(join(tree, 'sites-enabled'), {recursive: true});
		await symlink('../mods-available/wsgi.load', join(tree, 'mods-enabled/wsgi.load'));
	}

	await symlink('../sites-available/django.conf', join(held, 'sites-enabled/django.conf'));
	await put(join(root, 'sites-available/django.conf'), 'WSGIScriptAlias / new\n');
	await put(join(root, 'sites-available/omflow.conf'), 'WSGIScriptAlias / newer\n');
	await symlink(join(root, 'sites-available/omflow.conf'), join(root, 'sites-enabled/omflow.conf'));
	await put(join(root, 'sites-available/shop.conf'), 'new shop\n');
	await put(join(root, 'mods-available/wsgi.load'), 'LoadModule wsgi_module /new.so\n');
	const installation = (file: string) =>
		({
			role: 'server',
			beside: [],
			apache: {root, files: [join(root, 'sites-available', file)]},
		}) as unknown as Installation;

	const files = await aboutOmflow([installation('django.conf'), installation('omflow.conf')], backup);
	assert.deepEqual(files, {
		apacheRoot: root,
		apache: [
			'mods-available/wsgi.load',
			'mods-enabled/wsgi.load',
			'sites-available/django.conf',
			'sites-available/omflow.conf',
			'sites-enabled/django.conf',
			'sites-enabled/omflow.conf',
		],
		units: [],
	});
	for (const _ of ['once', 'and again after a cut']) {
		await placeSystemFiles({...runner, directory: join(directory, 'run'), say: async () => {}}, files, backup);
		const read = async (name: string) => readFile(join(root, name), 'utf8');
		assert.equal(await read('sites-available/django.conf'), 'WSGIScriptAlias / old\n');
		assert.equal(await read('mods-available/wsgi.load'), '  LoadModule wsgi_module /old.so\n');
		assert.equal(await read('sites-available/shop.conf'), 'new shop\n');
		assert.equal(await readlink(join(root, 'sites-enabled/django.conf')), '../sites-available/django.conf');
		await assert.rejects(stat(join(root, 'sites-available/omflow.conf')), {code: 'ENOENT'});
		await assert.rejects(stat(join(root, 'sites-enabled/omflow.conf')), {code: 'ENOENT'});
		const replaced = join(directory, 'run/replaced', root, 'sites-available/django.conf');
		assert.equal(await readFile(replaced, 'utf8'), 'WSGIScriptAlias / new\n');
	}
});

test('a unit goes back to where it was, through a folder that is a link', async t => {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		return t.skip(missing);
	}

	const {directory, runner} = await workshop(t);
	await mkdir(join(directory, 'usr/lib/systemd'), {recursive: true});
	await symlink('usr/lib', join(directory, 'lib'));
	const place = join(directory, 'lib/systemd/omflow_test.service');
	const backup = join(directory, 'backup');
	await mkdir(join(backup, 'system', dirname(place)), {recursive: true});
	await writeFile(join(backup, 'system', place), '[Unit]\n', {mode: 0o644});
	const files = await aboutOmflow([], backup);
	assert.deepEqual(files, {apache: [], units: [place.slice(1)]});
	// Without systemd on this host nothing is told to it; with it, it reads its units again, which harms nobody.
	await placeSystemFiles({...runner, directory: join(directory, 'run'), say: async () => {}}, files, backup);
	assert.equal(await readFile(join(directory, 'usr/lib/systemd/omflow_test.service'), 'utf8'), '[Unit]\n');
	assert.equal(await readlink(join(directory, 'lib')), 'usr/lib');
	await rm(place);
});
