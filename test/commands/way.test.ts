import assert from 'node:assert/strict';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {after, before, suite, test} from 'node:test';
import type {CheckReport} from '../../source/commands/check.js';
import {decideWay, planned} from '../../source/commands/way.js';
import {releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {isAsPublished} from '../schema.js';
import {keys, Terminal} from '../terminal.js';
import {program, run} from './program.js';
import {noView, Server} from './server.js';

const archives = ['1.1.6.3', '1.2.0.0'].map(version => ({version, file: `/srv/${version}.tar.gz`}));
const way = (from: string, asked: {to?: string; via?: readonly string[]; sha256?: string}, at = archives) =>
	decideWay(parseVersion(from), at, releases, {to: undefined, via: [], sha256: undefined, ...asked});

test('a plan keeps of each hop its runbook, its archive and what it needs', () => {
	const hops = planned(way('1.1.6.1', {via: ['1.1.6.3'], sha256: 'a'.repeat(64)}).hops);
	assert.deepEqual(
		hops.map(({to, runbook}) => [to, runbook]),
		[
			['1.1.6.3', 'general'],
			['1.2.0.0', 'environment'],
		],
	);
	assert.deepEqual(hops[0]?.options, {from: '1.1.6.1', archive: '/srv/1.1.6.3.tar.gz', sha256: 'a'.repeat(64)});
	assert.match(JSON.stringify(hops[1]?.options.needs), /"python":"3.11"/);
});

test('the newest archive is wanted where nobody says another version', () => {
	assert.deepEqual(
		way('1.1.6.3', {}).hops.map(({to}) => to),
		['1.2.0.0'],
	);
	assert.deepEqual(
		way('1.1.6.1', {to: '1.1.6.3'}).hops.map(({to}) => to),
		['1.1.6.3'],
	);
});

for (const [from, asked, at, said] of [
	[
		'1.1.6.1',
		{to: '1.2.0.1'},
		archives,
		/^There is no patch archive for 1\.2\.0\.1 on the way from 1\.1\.6\.1 to 1\.2\.0\.1:\n/,
	],
	['1.2.1.0', {}, archives, /^1\.2\.0\.0 is older than the installed 1\.2\.1\.0/],
	['1.1.6.1', {}, [], /^Which patch archive\? Name it, or the folder/],
	['1.1.6.1', {to: 'soon'}, archives, /^A version looks like 1\.2\.0\.0, and “soon” does not\.$/],
	['1.1.6.1', {via: ['1.2.1.0']}, archives, /^A way from 1\.1\.6\.1 to 1\.2\.0\.0 cannot pass 1\.2\.1\.0\./],
] as const) {
	test(`no way from ${from} by ${JSON.stringify(asked)}`, () => {
		assert.throws(() => way(from, asked, [...at]), {message: said});
	});
}

suite('on a server with 1.1.6.1 and the archives of two versions', {skip: await noView()}, () => {
	const members = {'omflow_patch/readme.txt': ''};
	let server: Server;
	let folder: string;
	before(async () => {
		server = await Server.open();
		await server.setVersion('1.1.6.1');
		folder = '/srv/patches';
		await server.exec('mkdir', folder);
		for (const version of ['1_1_6_3', '1_2_0_0']) {
			// Without a patch.sh nothing of it can be applied.
			const patch = await server.addPatch(`omflow_patch_${version}.tar.gz`, members);
			await server.exec('mv', patch, folder);
		}
	});
	after(() => server?.close());

	test('check names the way, what stands in it, and the safer one', async () => {
		const ended = await run(['check', '--json', '--patch', folder], server);
		assert.equal(ended.status, 3, ended.stderr);
		const report = JSON.parse(ended.stdout) as CheckReport;
		await isAsPublished(report, 'check');
		assert.deepEqual(
			report.hops.map(({from, to}) => [from, to]),
			[['1.1.6.1', '1.2.0.0']],
		);
		const blockers = report.findings.filter(({severity}) => severity === 'blocker').map(({id}) => id);
		assert.ok(blockers.includes('archive'), String(blockers));
		const range = report.findings.find(({id}) => id === 'update-range');
		assert.match(range?.remedy ?? '', /1\.1\.6\.3 first/);
		// Nothing was made, not even a state directory's folders.
		assert.deepEqual(
			(await readdir(server.path('/var/lib/omflow-tui'))).filter(name => name === 'runs'),
			[],
		);
	});

	test('check tells people the same in lines, and looks at the host alone when nobody says where to', async () => {
		const told = await run(['check', '--patch', folder, '--via', '1.1.6.3'], server);
		assert.equal(told.status, 3);
		assert.match(
			told.stdout,
			/^OMFLOW 1\.1\.6\.1 in \/opt\/omflow on \S+: server\n1\.1\.6\.1 → 1\.1\.6\.3: \/srv\/patches\//,
		);
		assert.match(told.stdout, /\n1\.1\.6\.3 → 1\.2\.0\.0: \S+, changes Python to 3\.11\n/);
		assert.match(
			told.stdout,
			/\nblocker archive: omflow_patch_1_1_6_3\.tar\.gz is refused: there is no patch\.sh in it\./,
		);
		assert.match(told.stdout, /findings? stands? in the way\.\n$/);
		const host = await run(['check'], server);
		assert.equal(host.status, 0, host.stdout);
		assert.match(host.stdout, /Only the host was looked at\. Name an archive with --patch, or a version with --to\./);
		assert.match(host.stdout, /Nothing stands in the way\.\n$/);
	});

	test('check of a way that is not allowed says why', async () => {
		const ended = await run(['check', '--json', '--to', '1.1.0.0'], server);
		const {findings} = JSON.parse(ended.stdout) as CheckReport;
		assert.match(findings.find(({id}) => id === 'version')?.sentence ?? '', /^1\.1\.0\.0 is older than the installed/);
		assert.equal(ended.status, 3);
	});

	test('check without an installation, and with releases that cannot be read, says so', async () => {
		const ids = async (...more: string[]) => {
			const ended = await run(['check', '--json', '--to', '1.2.0.0', ...more], server);
			assert.equal(ended.status, 3, ended.stderr);
			return (JSON.parse(ended.stdout) as CheckReport).findings.map(({id}) => id);
		};
		assert.deepEqual(await ids('--base', '/nowhere'), ['installation']);
		await server.exec('mkdir', '-p', '/etc/omflow-tui');
		await writeFile(server.path('/etc/omflow-tui/releases.json'), '{"schema": 1, "releases": [{"version": "one"}]}');
		assert.deepEqual(await ids(), ['releases']);
		await server.exec('rm', '/etc/omflow-tui/releases.json');
		assert.ok((await ids()).includes('archive-missing'));
	});

	test('check of a command line that is wrong ends with 2', async () => {
		for (const words of [
			['--to', 'soon'],
			['--via', 'x', '--to', '1.2.0.0'],
			['--patch', folder, '--sha256', 'a'.repeat(64)],
		]) {
			const ended = await run(['check', '--json', ...words], server);
			assert.deepEqual([ended.status, ended.stdout], [2, ''], ended.stderr);
		}
	});

	test('a person may choose the safer way', async t => {
		const argv = server.wrap([process.execPath, program, 'upgrade', '--patch', folder]);
		const terminal = Terminal.spawn(argv[0] ?? '', argv.slice(1));
		t.after(() => terminal.close());
		await terminal.waitFor('Which way to 1.2.0.0?');
		await terminal.waitFor('1.1.6.1 → 1.1.6.3 → 1.2.0.0');
		terminal.send(`${keys.down}${keys.down}${keys.enter}`);
		assert.equal((await terminal.waitForExit()).code, 0);
		assert.deepEqual(await readdir(server.path('/var/lib/omflow-tui/runs')).catch(() => []), []);

		const second = Terminal.spawn(argv[0] ?? '', argv.slice(1));
		t.after(() => second.close());
		await second.waitFor('Which way to 1.2.0.0?');
		second.send(keys.enter);
		await second.waitFor('→ 1.1.6.3');
		await second.waitFor('“Check” failed');
		const [id = ''] = await readdir(server.path('/var/lib/omflow-tui/runs'));
		const plan = JSON.parse(await readFile(server.path(`/var/lib/omflow-tui/runs/${id}/plan.json`), 'utf8'));
		assert.deepEqual(
			plan.hops.map(({to, runbook}: {to: string; runbook: string}) => [to, runbook]),
			[
				['1.1.6.3', 'general'],
				['1.2.0.0', 'environment'],
			],
		);
		second.send(`${keys.down}${keys.down}${keys.enter}`);
		await second.waitFor('BLOCKED');
		second.send('q');
		assert.equal((await second.waitForExit()).code, 3);
	});
});
