import assert from 'node:assert/strict';
import {readdir} from 'node:fs/promises';
import {createServer} from 'node:http';
import {type AddressInfo, createServer as createListener, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {type TestContext, test} from 'node:test';
import {judgeSources} from '../../source/host/apt-sources.js';
import {aptSources} from '../../source/preflight/apt-sources.js';
import {aptHost, type Installed, subjectOf} from './support.js';

const all = ['python3.11', 'python3.11-dev', 'python3.11-venv', 'python3-pip', 'apache2-dev', 'gcc', 'rsync'].map(
	(name): Installed => [name, '1'],
);

async function portOf(t: TestContext, server: Server, address = '127.0.0.1'): Promise<number> {
	await new Promise<void>(resolve => server.listen(0, address, resolve));
	t.after(() => server.close());
	return (server.address() as AddressInfo).port;
}

/** A package source that has a release file for `good`. */
async function repository(t: TestContext): Promise<string> {
	const release = 'Suite: x\nComponents: main\nArchitectures: amd64\nDate: Thu, 01 Jan 2015 00:00:00 UTC\nSHA256:\n';
	const texts: Readonly<Record<string, string>> = {'/dists/good/Release': release};
	const server = createServer((request, response) => {
		const text = texts[request.url ?? ''];
		response.writeHead(text === undefined ? 404 : 200).end(text);
	});
	return `http://127.0.0.1:${await portOf(t, server)}`;
}

/** A port where nobody listens any more. */
async function deserted(): Promise<number> {
	const server = createListener();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as AddressInfo;
	await new Promise(resolve => server.close(resolve));
	return port;
}

test('package sources that answer are no finding, and nothing is left behind', async t => {
	const address = await repository(t);
	const {runner, directory} = await aptHost(t, {lines: [`deb [trusted=yes] ${address} good main`]});
	assert.deepEqual(await aptSources(subjectOf(runner)), []);
	assert.deepEqual(await readdir(`${directory}/lists`), ['partial']);
	assert.deepEqual(
		(await readdir(tmpdir())).filter(name => name.startsWith('omflow-tui-sources-')),
		[],
	);
});

test('package sources that fail are named with the reason, without user and password', async t => {
	const address = await repository(t);
	// apt asks no more of a host that once failed.
	const nobody = `127.0.0.3:${await deserted()}`;
	const {runner} = await aptHost(t, {
		lines: [
			`deb [trusted=yes] ${address} good main`,
			`deb ${address} gone main`,
			`deb http://user:hunter2@${nobody}/debian bookworm main`,
			'deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - Official amd64 DVD Binary-1 with firmware]/ bookworm main',
		],
	});
	const [finding, ...rest] = await aptSources(subjectOf(runner));
	assert.deepEqual(rest, []);
	assert.equal(finding?.id, 'apt-source-unreachable');
	assert.equal(finding.severity, 'blocker');
	assert.equal(finding.sentence, 'Of 4 package sources 3 cannot be used.');
	const lines = finding.evidence?.split('\n') ?? [];
	for (const expected of [
		new RegExp(`^${address} gone: 404 `),
		new RegExp(`^http://${nobody}/debian bookworm: Could not connect to`),
		/^cdrom:.* DVD Binary-1 with firmware bookworm: .*apt-cdrom/,
	]) {
		assert.ok(
			lines.some(line => expected.test(line)),
			`${expected} in ${finding.evidence}`,
		);
	}

	assert.doesNotMatch(JSON.stringify(finding), /hunter2|user/);
});

for (const [name, installed, severity, remedy] of [
	['nothing is installed', [], 'blocker', /Check the network/],
	['only Python is installed', all.slice(0, 3), 'blocker', /Check the network/],
	['everything is installed', all, 'warning', /can do without/],
] as const) {
	test(`no package source answers and ${name}`, async t => {
		const {runner} = await aptHost(t, {lines: [`deb http://127.0.0.1:${await deserted()} x main`], installed});
		const [finding] = await aptSources(subjectOf(runner));
		assert.equal(finding?.id, 'apt-source-unreachable');
		assert.equal(finding.severity, severity);
		assert.match(finding.remedy ?? '', remedy);
	});
}

for (const [name, installed, severity] of [
	['one package is missing', all.slice(1), 'blocker'],
	['everything is installed', all, 'warning'],
] as const) {
	test(`one of two package sources fails and ${name}`, async t => {
		const address = await repository(t);
		const lines = [`deb [trusted=yes] ${address} good main`, `deb ${address} gone main`];
		const [finding, ...others] = await aptSources(subjectOf((await aptHost(t, {lines, installed})).runner));
		assert.deepEqual(others, []);
		assert.deepEqual([finding?.severity, finding?.sentence], [severity, 'Of 2 package sources 1 cannot be used.']);
	});
}

test('a package source that is silent costs no more than its time', async t => {
	const sockets: Array<{destroy: () => void}> = [];
	const port = await portOf(
		t,
		createListener(socket => sockets.push(socket)),
		// apt asks what is on one host one after the other.
		'127.0.0.2',
	);
	t.after(() => {
		for (const socket of sockets) {
			socket.destroy();
		}
	});
	const address = await repository(t);
	const {runner} = await aptHost(t, {
		lines: [`deb [trusted=yes] ${address} good main`, `deb http://127.0.0.2:${port} x main`],
	});
	const started = performance.now();
	const [finding] = await aptSources(subjectOf(runner), 1);
	assert.ok(performance.now() - started < 5000);
	assert.match(finding?.evidence ?? '', new RegExp(`^http://127\\.0\\.0\\.2:${port} x: \\S.*$`));
	assert.equal(finding?.severity, 'warning');
	assert.equal(finding.sentence, 'Of 2 package sources 1 did not answer in time; they may be slow.');
	assert.match(finding.remedy ?? '', /waits longer/);
});

test('no source at all, and a file that apt cannot read', async t => {
	const none = await aptSources(subjectOf((await aptHost(t, {})).runner));
	assert.deepEqual(
		none.map(({severity, id, sentence}) => [severity, id, sentence]),
		[['blocker', 'apt-source-unreachable', 'No package source is configured.']],
	);
	const broken = await aptSources(
		subjectOf((await aptHost(t, {lines: ['deb http://user:hunter2@127.0.0.1/debian']})).runner),
	);
	assert.deepEqual(
		broken.map(({severity, id}) => [severity, id]),
		[['blocker', 'apt-sources-unreadable']],
	);
	assert.match(broken[0]?.evidence ?? '', /Malformed entry/);
	assert.doesNotMatch(JSON.stringify(broken), /hunter2/);
});

test('nothing is asked when no hop needs packages', async t => {
	const {runner} = await aptHost(t, {});
	assert.deepEqual(await aptSources(subjectOf(runner, {hops: [{from: '1.2.0.0', to: '1.2.0.1'}]})), []);
});

test('who was not heard of when time was up has not answered', () => {
	const output = 'Get:1 http://a/debian x InRelease [151 kB]\nIgn:2 file:/srv/repository ./ InRelease\n';
	const sources = ['http://a/debian x', 'http://b/debian x'];
	assert.deepEqual(judgeSources(sources, output, 5), [
		{source: 'http://a/debian x'},
		{source: 'http://b/debian x', problem: 'no answer within 5 s', isSlow: true},
	]);
	for (const [reason, isSlow] of [
		['Could not connect to b:80 (192.0.2.1), connection timed out', true],
		['Connection failed [IP: 192.0.2.1 80]', true],
		['Could not connect to b:80 (192.0.2.1). - connect (111: Connection refused)', undefined],
		['404  Not Found [IP: 192.0.2.1 80]', undefined],
	] as const) {
		const [, answer] = judgeSources(sources, `${output}Err:3 http://b/debian x InRelease\n  ${reason}\n`, 5);
		assert.deepEqual([answer?.problem, answer?.isSlow], [reason, isSlow]);
	}

	assert.deepEqual(judgeSources(['file:/srv/repository'], output, undefined), [{source: 'file:/srv/repository'}]);
	// A key that is missing is found out after the file has come.
	const unsigned = `${output}Err:1 http://a/debian x InRelease\n  The following signatures couldn't be verified\n`;
	assert.equal(judgeSources(sources, unsigned, undefined)[0]?.problem, "The following signatures couldn't be verified");
	for (const [said, problem] of [
		['expired (invalid since 26d 5h 3min 1s)', 'its release file is expired (invalid since 26d 5h 3min 1s)'],
		['not valid yet (invalid for another 2h 1s)', 'its release file is not valid yet (invalid for another 2h 1s)'],
	] as const) {
		const text = `E: Release file for http://a/debian/dists/x/InRelease is ${said}. Updates for this repository will not be applied.`;
		assert.equal(judgeSources(sources, `${output}${text}\n`, undefined)[0]?.problem, problem);
	}
});
