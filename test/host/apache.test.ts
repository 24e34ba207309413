import assert from 'node:assert/strict';
import {
	chmod,
	chown,
	lstat,
	mkdtemp,
	readdir,
	readFile,
	realpath,
	rm,
	stat,
	symlink,
	writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {apacheFindings, findApache, findWsgi, proposeEdits, putInPlace} from '../../source/host/apache.js';
import {newModule, oldModule, replaceAll, shapes, writeDebian} from './apache-fixture.js';

const places = {environment: '/opt/omflow/python', module: newModule, python: '3.11'};

async function temporary(t: TestContext): Promise<string> {
	const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'apache-')));
	t.after(() => rm(directory, {recursive: true}));
	return directory;
}

for (const shape of shapes) {
	test(`proposes the new module and paths: ${shape.name}`, async t => {
		const root = await temporary(t);
		await writeDebian(root, shape);
		const wsgi = await findWsgi(root);
		assert.deepEqual(
			wsgi.loadModules.map(({values}) => values[1]),
			[oldModule],
		);
		assert.deepEqual(
			wsgi.findings.filter(({severity}) => severity === 'blocker'),
			[],
		);
		const proposed = proposeEdits(wsgi, places);
		const expected = new Map<string, string>();
		if (shape.load) {
			expected.set(path.join(root, 'mods-available/wsgi.load'), shape.load.replace(oldModule, newModule));
		}

		if (shape.expected.length > 0) {
			expected.set(path.join(root, 'sites-available/django.conf'), replaceAll(shape.site, shape.expected));
		}

		assert.deepEqual(new Map(proposed.map(file => [file.path, file.after.toString('latin1')])), expected);
		for (const file of proposed) {
			const before = file.before.toString('latin1').split('\n');
			const after = file.after.toString('latin1').split('\n');
			assert.equal(after.length, before.length);
			assert.deepEqual(
				file.changed,
				before.flatMap((line, index) => (line === after[index] ? [] : [index])),
			);
			await putInPlace(file.path, file.after);
		}

		assert.deepEqual(proposeEdits(await findWsgi(root), places), [], 'a second proposal changes nothing');
	});
}

test('other paths and other environments stay', async t => {
	const root = await temporary(t);
	const site = [
		`LoadModule wsgi_module ${newModule}`,
		'WSGIPythonHome /opt/omflow/python',
		'WSGIPythonPath /opt/omflow/python/lib/python3.8/site-packages:/opt/omflow/pythonlib/python3.8:/opt/omflow/python/lib64/python3.8/x',
		'WSGIDaemonProcess other python-path=/srv/other/lib/python3.8/site-packages',
		'WSGIScriptAlias / /opt/omflow/server/omflow/wsgi.py',
		'',
	].join('\n');
	await writeDebian(root, {site});
	const [file] = proposeEdits(await findWsgi(root), places);
	assert.equal(
		file?.after.toString(),
		site
			.replace('python3.8/site-packages:', 'python3.11/site-packages:')
			.replace('lib64/python3.8/x', 'lib/python3.11/x'),
	);
});

test('several lines that load mod_wsgi: a blocker, and no proposal', async t => {
	const root = await temporary(t);
	await writeDebian(root, {
		load: 'LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so\n',
		site: `\nLoadModule wsgi_module ${oldModule}\n`,
	});
	const wsgi = await findWsgi(root);
	const blocker = wsgi.findings.find(({severity}) => severity === 'blocker');
	assert.match(blocker?.evidence ?? '', /mods-available\/wsgi\.load:1: .*\n.*sites-available\/django\.conf:2: /);
	assert.ok(wsgi.findings.some(({id}) => id === 'apache-distribution-module'));
	assert.throws(() => proposeEdits(wsgi, places), /wsgi\.load:1, .*django\.conf:2\)/);
});

test('no line that loads mod_wsgi', async t => {
	const root = await temporary(t);
	await writeDebian(root, {site: '# LoadModule wsgi_module /a.so\n'});
	const findings = await apacheFindings({root});
	assert.deepEqual(
		findings.map(({severity, id}) => [severity, id]),
		[
			['blocker', 'apache-modules'],
			['warning', 'apache-site'],
		],
	);
	await assert.rejects(
		async () => proposeEdits(await findWsgi(root), places),
		new RegExp(`No active line .*${path.basename(newModule).replaceAll('.', '\\.')}`),
	);
});

test('a file that two Includes reach holds one line', async t => {
	const root = await temporary(t);
	await writeDebian(root, {site: `LoadModule wsgi_module ${oldModule}\n`});
	await symlink('../sites-available/django.conf', path.join(root, 'sites-enabled/again.conf'));
	assert.equal((await findWsgi(root)).loadModules.length, 1);
});

test('follows directories and wildcards, skips dot files and loops', async t => {
	const root = await temporary(t);
	await writeDebian(root, {site: ''});
	await writeFile(path.join(root, 'sites-enabled/.hidden.conf'), 'LoadModule wsgi_module /hidden.so\n');
	await writeFile(path.join(root, 'sites-enabled/old.conf.bak'), 'LoadModule wsgi_module /bak.so\n');
	await writeFile(path.join(root, 'conf-enabled/loop.conf'), 'Include apache2.conf\nInclude conf-enabled/more\n');
	await writeFile(path.join(root, 'conf-enabled/more'), `LoadModule wsgi_module ${oldModule}\n`);
	const {loadModules} = await findWsgi(root);
	assert.deepEqual(
		loadModules.map(({file}) => path.relative(root, file)),
		['conf-enabled/more'],
	);
});

test('names other sites that would get the new Python too', async t => {
	const root = await temporary(t);
	await writeDebian(root, {
		site: `LoadModule wsgi_module ${oldModule}\nWSGIScriptAlias / /opt/omflow/server/omflow/wsgi.py\n`,
	});
	await writeFile(path.join(root, 'conf-enabled/blog.conf'), 'WSGIScriptAlias /blog /opt/omflow-blog/wsgi.py\n');
	const others = (await apacheFindings({root})).find(({id}) => id === 'apache-other-sites');
	assert.equal(others?.severity, 'warning');
	assert.match(others?.evidence ?? '', /^.*conf-enabled\/blog\.conf:1: WSGIScriptAlias \/blog .*$/);
});

test('knows where errors are logged', async t => {
	const root = await temporary(t);
	const alias = 'WSGIScriptAlias / /opt/omflow/server/omflow/wsgi.py';
	await writeDebian(root, {site: `<VirtualHost *:80>\n${alias}\nErrorLog logs/omflow.log\n</VirtualHost>\n`});
	const wsgi = await findWsgi(root);
	assert.equal(wsgi.errorLog, '/var/log/apache2/error.log');
	assert.equal(wsgi.siteErrorLog, path.join(root, 'logs/omflow.log'));
});

test('finds either layout, or none', async t => {
	const root = await temporary(t);
	assert.equal(await findApache(root), undefined);
	await assert.rejects(findWsgi(root), /No Apache configuration was found in .*: name its configuration directory/);
	await writeDebian(root, {site: ''});
	assert.equal((await findApache(root))?.kind, 'debian');
});

test('putInPlace keeps the link, the mode and the owner, and leaves nothing behind', async t => {
	const root = await temporary(t);
	await writeDebian(root, {site: 'old\n'});
	const target = path.join(root, 'sites-available/django.conf');
	await chmod(target, 0o640);
	if (process.getuid?.() === 0) {
		await chown(target, 33, 34);
	}

	const {mode, uid, gid} = await stat(target);
	await putInPlace(path.join(root, 'sites-enabled/django.conf'), Buffer.from('new \xFF\n', 'latin1'));
	assert.ok((await lstat(path.join(root, 'sites-enabled/django.conf'))).isSymbolicLink());
	assert.equal(await readFile(target, 'latin1'), 'new \xFF\n');
	const after = await stat(target);
	assert.deepEqual([after.mode, after.uid, after.gid], [mode, uid, gid]);
	assert.deepEqual(await readdir(path.dirname(target)), ['django.conf']);
	await assert.rejects(putInPlace(path.join(root, 'sites-enabled/none.conf'), Buffer.from('')), {code: 'ENOENT'});
});
