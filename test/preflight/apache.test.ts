import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Site} from '../../source/omflow/installation.js';
import {apache} from '../../source/preflight/apache.js';
import {oldModule, shapes, writeDebian} from '../host/apache-fixture.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

const site = shapes[1]?.site ?? '';
const other = '\nWSGIScriptAlias /wiki /srv/wiki/wsgi.py\n';
const distribution = 'LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so\n';

async function found(t: TestContext, text: string, hops = [toNewPython], load?: string): Promise<string[]> {
	const subject = await subjectOf(t);
	await writeDebian(subject.directory, {site: text, ...(load ? {load} : {})});
	const place: Site = {
		kind: 'debian',
		root: subject.directory,
		mainFile: join(subject.directory, 'apache2.conf'),
		control: 'apache2ctl',
		files: [],
		errorLog: '/var/log/apache2/error.log',
	};
	const installation = {...subject.installation, base: '/opt/omflow', apache: place};
	return (await apache({...subject, installation, hops})).map(({severity, id}) => `${severity} ${id}`);
}

for (const [what, text, hops, load, expected] of [
	['OMFLOW alone', site, [toNewPython], undefined, []],
	['another site beside it', site + other, [toNewPython], undefined, ['warning apache-other-sites']],
	['another site, where Python stays', site + other, [toBugfix], undefined, ['warning apache-other-sites']],
	[
		'a distribution’s module that would win',
		site,
		[toNewPython],
		distribution,
		['blocker apache-modules', 'warning apache-distribution-module'],
	],
	['a distribution’s module, where Python stays', site, [toBugfix], distribution, []],
	['no module at all', site.replace(/^LoadModule.*\n/, ''), [toNewPython], undefined, ['blocker apache-modules']],
	['no line of OMFLOW’s', `LoadModule wsgi_module ${oldModule}\n`, [toNewPython], undefined, ['warning apache-site']],
] as const) {
	test(`Apache: ${what}`, async t => {
		assert.deepEqual(await found(t, text, [...hops], load), expected);
	});
}

test('without a new Python other sites are only down', async t => {
	const subject = await subjectOf(t);
	await writeDebian(subject.directory, {site: site + other});
	await writeFile(join(subject.directory, 'unused'), '');
	const place = {kind: 'debian', root: subject.directory, mainFile: '', control: '', files: [], errorLog: ''} as const;
	const installation = {...subject.installation, base: '/opt/omflow', apache: place};
	const [finding] = await apache({...subject, installation, hops: [toBugfix]});
	assert.equal(finding?.sentence, 'Other sites share this Apache: they are down as long as OMFLOW is.');
	assert.match(finding?.evidence ?? '', /\/srv\/wiki\/wsgi\.py/);
});

test('a collector has no Apache to be looked at', async t => {
	assert.deepEqual(await apache(await subjectOf(t)), []);
});
