import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {csrfOrigins} from '../../source/preflight/csrf-origins.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

const http = {protocol: 'http', host: '127.0.0.1', port: 80} as const;
const https = {protocol: 'https', host: '127.0.0.1', port: 443} as const;
const site = (lines: string) => `<VirtualHost *:80>\n${lines}\n</VirtualHost>\n`;

// What the remedy says to write.
for (const [name, settings, apache, endpoint, expected] of [
	['no domain', {allowedHosts: ['*', '10.0.0.1', 'localhost', '::1'], trustedOrigins: []}, '', http, undefined],
	['nothing but addresses in Apache', {}, 'ServerName 10.0.0.1:80\nServerAlias localhost [::1]', http, undefined],
	['a ServerName', {}, 'ServerName omflow.example.com', http, "['https://omflow.example.com']"],
	[
		'a ServerName with scheme and port',
		{},
		'servername https://OMFLOW.example.com:443',
		https,
		"['https://omflow.example.com']",
	],
	[
		'names and wildcards',
		{},
		'ServerName omflow\nServerAlias "*.example.com" omflow',
		http,
		"['https://omflow', 'https://*.example.com']",
	],
	[
		'a name through a variable',
		{},
		`Define SITE omflow.example.com\nServerName \${SITE}`,
		http,
		"['https://omflow.example.com']",
	],
	['a variable nobody knows', {}, `ServerName \${SITE}`, http, undefined],
	['another port', {}, 'ServerName a.example.com', {...http, port: 8080}, "['https://a.example.com']"],
	[
		'an allowed host',
		{allowedHosts: ['a.example.com', '.b.com']},
		'',
		https,
		"['https://a.example.com', 'https://*.b.com']",
	],
	['it is trusted', {trustedOrigins: ['https://a.example.com']}, 'ServerName a.example.com', http, undefined],
	[
		'it is trusted with a port that no browser sends',
		{trustedOrigins: ['https://a.example.com:443']},
		'ServerName a.example.com',
		http,
		"['https://a.example.com:443', 'https://a.example.com']",
	],
	['its whole domain is', {trustedOrigins: ['https://*.example.com']}, 'ServerName example.com', http, undefined],
	['its domain is trusted', {trustedOrigins: ['https://*.example.com']}, 'ServerName a.example.com', http, undefined],
	[
		'another one is trusted',
		{trustedOrigins: ['https://b.example.com']},
		'ServerName a.example.com',
		http,
		"['https://b.example.com', 'https://a.example.com']",
	],
	[
		'an entry without a scheme',
		{trustedOrigins: ['a.example.com', '.b.com']},
		'',
		https,
		"['https://a.example.com', 'https://*.b.com']",
	],
] as const) {
	test(`origins: ${name}`, async t => {
		const subject = await subjectOf(t);
		const root = join(subject.directory, 'apache2');
		await mkdir(root);
		const files = {main: join(root, 'apache2.conf'), own: join(root, 'django.conf'), other: join(root, 'other.conf')};
		await writeFile(files.main, `ServerRoot ${root}\nInclude django.conf\nInclude other.conf\n`);
		await writeFile(files.own, site(apache));
		await writeFile(files.other, site('ServerName other.example.com'));
		const installation = {
			...subject.installation,
			endpoint,
			settings: {allowedHosts: ['*'], trustedOrigins: [], ...settings},
			apache: {kind: 'debian', root, mainFile: files.main, control: '', files: [files.own], errorLog: ''} as const,
		};
		const findings = await csrfOrigins({...subject, installation});
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			expected ? [['warning', 'csrf-origins']] : [],
		);
		const line = /CSRF_TRUSTED_ORIGINS = (\[.*?\])/.exec(findings[0]?.remedy ?? '')?.[1];
		assert.equal(line, expected);
		assert.deepEqual(await csrfOrigins({...subject, installation, hops: [toBugfix]}), []);
	});
}

test('origins: what is written by the remedy is taken, and what stands otherwise is said with how it stands', async t => {
	const endpoint = {...http, port: 8000};
	const look = async (trustedOrigins: readonly string[], allowedHosts = ['omflow.example.com']) =>
		csrfOrigins(await subjectOf(t, {endpoint, settings: {allowedHosts, trustedOrigins}}));
	const [finding] = await look([]);
	assert.match(
		finding?.remedy ?? '',
		/as users type it, for example CSRF_TRUSTED_ORIGINS = \['https:\/\/omflow\.example\.com'\]/,
	);
	assert.deepEqual(await look(['https://omflow.example.com']), []);
	for (const origin of [
		'http://omflow.example.com:8000',
		'https://omflow.example.com:8443',
		'http://omflow.example.com',
	]) {
		const [other, ...more] = await look([origin]);
		assert.deepEqual(more, []);
		assert.deepEqual(
			[other?.severity, other?.sentence],
			[
				'info',
				`CSRF_TRUSTED_ORIGINS has omflow.example.com only as ${origin}; behind a proxy users must come by exactly that.`,
			],
		);
		assert.deepEqual(await look([origin, 'https://omflow.example.com']), []);
	}
});

test('origins: what cannot be told', async t => {
	for (const [settings, expected] of [
		[{allowedHosts: ['a.example.com']}, ['warning']],
		[{allowedHosts: ['*']}, []],
		[{trustedOrigins: []}, ['info']],
		[{trustedOrigins: ['https://a.example.com'], allowedHosts: ['a.example.com']}, []],
	] as const) {
		const findings = await csrfOrigins(await subjectOf(t, {settings}));
		assert.deepEqual(
			findings.map(({severity}) => severity),
			expected,
		);
	}

	const apache = {
		kind: 'debian',
		root: '/nowhere',
		mainFile: '/proc/self/mem',
		control: '',
		files: [],
		errorLog: '',
	} as const;
	const [finding] = await csrfOrigins(await subjectOf(t, {apache}));
	assert.equal(finding?.severity, 'info');
	assert.deepEqual(
		await csrfOrigins(await subjectOf(t, {role: 'collector', settings: {allowedHosts: ['a.b']}}, [toNewPython])),
		[],
	);
});
