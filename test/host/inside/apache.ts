/** Runs inside the view that `apache-real.test.ts` builds, where /etc/apache2 may be changed at will. */

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {copyFile, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, test} from 'node:test';
import {findWsgi, proposeEdits, putInPlace, testDraft} from '../../../source/host/apache.js';
import {readDirectives} from '../../../source/host/apache-config.js';
import {createRunner, plainEnvironment} from '../../../source/host/process.js';
import {newModule, oldModule, shapes} from '../apache-fixture.js';

const enabled = '/etc/apache2/sites-enabled/django.conf';
const available = '/etc/apache2/sites-available/django.conf';
const loadFile = '/etc/apache2/mods-available/wsgi.load';
const staging = '/opt/omflow/.staging';
const runner = createRunner({log: '/tmp/log', environment: plainEnvironment});

const apache = (...words: string[]) => {
	const result = spawnSync('apache2ctl', words, {encoding: 'utf8', env: plainEnvironment});
	return {status: result.status, output: result.stdout + result.stderr};
};

beforeEach(async () => {
	// The staged environment holds the module under its final name; the old one is gone, so Apache must complain.
	const inStaging = newModule.replace('/opt/omflow/python', staging);
	await mkdir(path.dirname(inStaging), {recursive: true});
	await copyFile('/usr/lib/apache2/modules/mod_wsgi.so', inStaging);
	await mkdir('/opt/omflow/python', {recursive: true});
	spawnSync('a2dismod', ['-q', '-f', 'wsgi'], {env: plainEnvironment});
	spawnSync('a2enmod', ['-q', 'info'], {env: plainEnvironment});
});

afterEach(async () => {
	await rm(enabled, {force: true});
	await rm(available, {force: true});
	await writeFile(loadFile, 'LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so\n');
});

async function enable(site: string, load?: string): Promise<void> {
	await writeFile(available, Buffer.from(site, 'latin1'));
	execFileSync('a2ensite', ['-q', 'django'], {env: plainEnvironment});
	if (load !== undefined) {
		await writeFile(loadFile, load);
		execFileSync('a2enmod', ['-q', 'wsgi'], {env: plainEnvironment});
	}
}

for (const shape of shapes) {
	test(`the draft passes before it is in place: ${shape.name}`, async () => {
		await enable(shape.site, shape.load);
		assert.match(apache('-t').output, new RegExp(`Cannot load .*${path.basename(oldModule)}`));
		const proposed = proposeEdits(await findWsgi('/etc/apache2'), {
			environment: '/opt/omflow/python',
			module: newModule,
			python: '3.11',
		});
		const files = [];
		for (const [index, file] of proposed.entries()) {
			const draft = `/tmp/draft ${index}`;
			await writeFile(draft, file.after);
			files.push({path: file.path, draft});
		}

		const binds = [{from: staging, to: '/opt/omflow/python'}];
		const good = await testDraft(runner, {files, binds});
		assert.ok(good.ok, good.output);
		// Without the environment or without the draft it must fail, or the test above proves nothing.
		assert.equal((await testDraft(runner, {files, binds: []})).ok, false);
		assert.equal((await testDraft(runner, {files: [], binds})).ok, false);
		for (const file of proposed) {
			assert.deepEqual(await readFile(file.path), file.before, 'the real file is as it was');
			await putInPlace(file.path, file.after);
		}

		execFileSync('mount', ['--bind', staging, '/opt/omflow/python']);
		try {
			assert.equal(apache('-t').status, 0);
			assert.match(apache('-M').output, /^ wsgi_module /m);
		} finally {
			execFileSync('umount', ['/opt/omflow/python']);
		}
	});
}

test('a second line that loads the module fails the draft', async () => {
	await enable(
		`LoadModule wsgi_module ${newModule}\n`,
		'LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so\n',
	);
	const result = await testDraft(runner, {files: [], binds: [{from: staging, to: '/opt/omflow/python'}]});
	assert.equal(result.ok, false);
	assert.match(result.output, /AH01574.*\n(.*\n)*mod_wsgi is loaded twice/);
});

test('a draft without the module, and one Apache refuses', async () => {
	await enable('# nothing\n');
	assert.match((await testDraft(runner, {files: [], binds: []})).output, /does not list wsgi_module/);
	await writeFile('/tmp/bad', 'NoSuchDirective on\n');
	const bad = await testDraft(runner, {files: [{path: enabled, draft: '/tmp/bad'}], binds: []});
	assert.equal(bad.ok, false);
	assert.match(bad.output, /Invalid command 'NoSuchDirective'/);
});

test('a directory that cannot be laid over another fails the draft', async () => {
	await enable('# nothing\n');
	assert.equal((await testDraft(runner, {files: [], binds: [{from: '/nowhere', to: '/opt/omflow/python'}]})).ok, false);
});

// mod_info prints the configuration as Apache understood it, line by line.
for (const [name, text] of [
	['CRLF with continuations', 'SetEnv a \\\r\n one\r\nSetEnv b "two  three" \r\n'],
	[
		'comments that swallow lines',
		'# one \\\nSetEnv a lost\nSetEnv b kept\n  # two \\\r\nSetEnv c lost\r\nSetEnv d kept\r\n',
	],
	['doubled backslash at the end', 'SetEnv a x\\\\\ny\nSetEnv c d\n'],
	['continuation inside a word', 'SetEn\\\nv a on\\\ne\n'],
	[
		'tabs, form feeds, letter case, sections',
		'\t\fsetENV\ta  b\t\n<Directory "/srv/a b">\n\tSETENV c d\n</directory>\n',
	],
	['no line end', 'SetEnv a b'],
	['bytes beyond ASCII', 'SetEnv a \xE6\x97\xA5\n'],
] as const) {
	test(`reads as Apache does: ${name}`, async () => {
		await enable(text);
		const dump = spawnSync('apache2ctl', ['-t', '-D', 'DUMP_CONFIG'], {env: plainEnvironment}).stdout.toString(
			'latin1',
		);
		const ofSite = dump.split('# In file: ').find(part => part.startsWith(enabled)) ?? '';
		const squeeze = (line: string) =>
			line
				.replaceAll(/[ \t\f]+/g, ' ')
				.trim()
				.toLowerCase();
		const apacheRead = ofSite
			.split('\n')
			.slice(1)
			.map(squeeze)
			.filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('</'));
		const weRead = readDirectives(Buffer.from(text, 'latin1')).map(directive => squeeze(directive.text));
		assert.ok(apacheRead.length > 0, dump.slice(0, 2000));
		assert.deepEqual(weRead, apacheRead);
	});
}
