import assert from 'node:assert/strict';
import {copyFile, mkdir, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import type {RunState} from '../../source/engine/state.js';
import {takeKit} from '../../source/kit/archive.js';
import {scratch} from '../kit/kit-folder.js';
import {installProgram, patchArchive, prepareHost, type Server, startServer, waitFor} from '../lab/lab.js';
import {isAsPublished} from '../schema.js';
import {buildsFromMirror, buildWithPowerCut, events, kitName} from './kit-build.js';
import {acceptsOtherWays, check} from './kit-check.js';
import {omflow, stateOf, waitForProcess} from './observe.js';
import {refusesWhatIsNotWhole} from './spoiled-kits.js';

const reason = await prepareHost();

const patches = path.dirname(patchArchive);

async function boot(t: TestContext, options: Parameters<typeof startServer>[0]): Promise<Server> {
	const server = await startServer(options);
	t.after(() => server.stop());
	await installProgram(server);
	return server;
}

suite('a kit for a server without a network', {skip: reason, timeout: 900_000}, () => {
	test('is asked for there, built elsewhere, found complete, and upgrades it', async t => {
		const [server, builder] = await Promise.all([boot(t, {network: false}), boot(t, {network: true})]);
		const links = (await server.must(['ip', '-o', 'link'])).trim().split('\n');
		assert.deepEqual(
			links.map(link => link.split(': ')[1]),
			['lo'],
			'the server has no interface but its loopback',
		);

		const [asked] = await Promise.all([
			server.must(['omflow-tui', 'kit', 'request', '--output', '/root/request.json', '--json']),
			// What the builder has itself must be in the kit all the same.
			builder.must(['apt-get', '-qq', '-y', 'install', 'rsync'], {env: {DEBIAN_FRONTEND: 'noninteractive'}}),
		]);
		await isAsPublished(JSON.parse(asked), 'kit-request', 'printed');
		assert.equal((JSON.parse(asked) as {to: string}).to, '1.2.0.0');
		await isAsPublished(JSON.parse(await server.readFile('/root/request.json')), 'kit-request');
		await copyFile(server.path('/root/request.json'), builder.path('/root/request.json'));
		await mkdir(builder.path('/root/patches'));
		for (const archive of (await readdir(server.path(patches))).filter(name => name.endsWith('.tar.gz'))) {
			await copyFile(server.path(path.join(patches, archive)), builder.path(path.join('/root/patches', archive)));
		}

		await builder.must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/key']);

		const kit = await buildWithPowerCut(builder);
		const bytes = (await stat(kit)).size;
		t.diagnostic(`the kit has ${(bytes / 1e6).toFixed(0)} MB`);
		await copyFile(kit, server.path(`/root/${kitName}`));
		const whole = path.join(await scratch(t), 'whole');
		await mkdir(whole, {mode: 0o700});
		await takeKit(kit, whole);
		// Two machines, neither of which waits for the other.
		await Promise.all([buildsFromMirror(t, builder, whole), isUsed(server, builder, whole)]);
	});
});

/** What becomes of the kit and of others on the server; in the end it is upgraded. */
async function isUsed(server: Server, builder: Server, whole: string): Promise<void> {
	await server.must(['touch', '/root/before']);
	await refusesWhatIsNotWhole(server, whole, kitName);
	await acceptsOtherWays(server, whole, kitName);
	const {outcome, findings} = await check(server, [`/root/${kitName}`]);
	assert.equal(outcome, 'complete', JSON.stringify(findings));
	assert.ok(
		findings.some(({id, severity}) => id === 'kit-pip' && severity === 'info'),
		JSON.stringify(findings),
	);

	const signer = await builder.readFile('/root/key.pub');
	await server.must(['sh', '-c', 'mkdir -p /etc/omflow-tui && cat > /etc/omflow-tui/kit-signers'], {
		input: `ops@example.org ${signer}`,
	});
	const before = await omflow(server);
	const ended = await upgradeWithCuts(server, kitName);
	assert.equal(ended.outcome, 'kept', ended.message ?? '');
	const after = await omflow(server);
	assert.equal(after.version, '1.2.0.0');
	assert.match(after.django, /^4\.2\./);
	assert.deepEqual([after.rows, after.text], [before.rows, before.text]);
	assert.deepEqual(await readdir(server.path('/var/lib/omflow-tui/kits')), [], 'the kit is not needed any more');
	assert.equal(
		await server.must(['sh', '-c', 'find /etc/apt /var/lib/apt/lists -type f -newer /root/before']),
		'',
		'sources and lists of the server are as before',
	);
}

/** Without a terminal, with its worker killed while pip installs, and the power cut while patch.sh runs. Returns its end. */
async function upgradeWithCuts(server: Server, name: string): Promise<RunState> {
	const argv = ['omflow-tui', 'upgrade', '--kit', `/root/${name}`, '--yes', '--json'];
	const cut = server.exec(argv, {timeout: 300_000});
	await waitForProcess(server, /pip install .*--no-index/, 300_000);
	const worker = await waitForProcess(server, /^\S*node \S+ worker /);
	process.kill(worker.pid, 'SIGKILL');
	await waitForProcess(server, /^bash \.\/patch\.sh/, 300_000);
	await server.powerCut();
	const {exitCode, stdout} = await cut;
	assert.notEqual(exitCode, 0);
	assert.equal(events(stdout).filter(({event}) => event === 'run-started').length, 2, 'a second worker went on');

	await server.boot();
	return waitFor(
		'the end of the run, which goes on by itself',
		async () => {
			const state = await stateOf(server);
			return state.outcome && state;
		},
		{deadline: 180_000, interval: 300},
	);
}
