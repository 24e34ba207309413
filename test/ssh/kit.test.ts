import assert from 'node:assert/strict';
import {copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import type {RunState} from '../../source/engine/state.js';
import {takeKit} from '../../source/kit/archive.js';
import {installProgram, patchArchive, prepareHost, type Server, startServer, waitFor} from '../lab/lab.js';
import {startMirror} from '../lab/mirror.js';
import {isAsPublished} from '../schema.js';
import {omflow, stateOf, waitForProcess} from './observe.js';
import {refusesWhatIsNotWhole} from './spoiled-kits.js';

const reason = await prepareHost();
const kitName = 'omflow-kit-omflow-lab-1.2.0.0.tar.zst';

async function boot(t: TestContext, options: Parameters<typeof startServer>[0]): Promise<Server> {
	const server = await startServer(options);
	t.after(() => server.stop());
	await installProgram(server);
	return server;
}

suite('a kit for a server without a network', {skip: reason, timeout: 900_000}, () => {
	test('is asked for there, built elsewhere, found complete, and upgrades it', async t => {
		const [server, builder] = [await boot(t, {network: false}), await boot(t, {network: true})];
		const links = (await server.must(['ip', '-o', 'link'])).trim().split('\n');
		assert.deepEqual(
			links.map(link => link.split(': ')[1]),
			['lo'],
			'the server has no interface but its loopback',
		);

		// What the builder has itself must be in the kit all the same.
		await builder.must(['apt-get', '-qq', '-y', 'install', 'rsync'], {env: {DEBIAN_FRONTEND: 'noninteractive'}});
		const asked = await server.must(['omflow-tui', 'kit', 'request', '--output', '/root/request.json', '--json']);
		await isAsPublished(JSON.parse(asked), 'kit-request', 'printed');
		assert.equal((JSON.parse(asked) as {to: string}).to, '1.2.0.0');
		await isAsPublished(JSON.parse(await server.readFile('/root/request.json')), 'kit-request');
		await copyFile(server.path('/root/request.json'), builder.path('/root/request.json'));
		await copyFile(server.path(patchArchive), builder.path('/root/omflow_patch_1_2_0_0.tar.gz'));
		await builder.must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/key']);

		const kit = await buildWithPowerCut(builder);
		await buildsFromMirror(t, builder, kit);
		const bytes = (await stat(kit)).size;
		t.diagnostic(`the kit has ${(bytes / 1e6).toFixed(0)} MB`);
		await copyFile(kit, server.path(`/root/${kitName}`));
		await server.must(['touch', '/root/before']);

		await refusesWhatIsNotWhole(t, server, kit, kitName);
		const {outcome, findings} = await check(server, kitName);
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
	});
});

/** Builds, with the power cut while pip works; returns the kit as the host sees it. */
async function buildWithPowerCut(builder: Server): Promise<string> {
	const words = ['--patch', '/root/omflow_patch_1_2_0_0.tar.gz', '--sign', '/root/key', '--yes', '--json'];
	const first = builder.exec(['sh', '-c', 'cd /root && exec omflow-tui kit build request.json "$@"', 'sh', ...words], {
		timeout: 300_000,
	});
	await waitForProcess(builder, /pip install .*--dry-run/, 300_000);
	const archives = '/var/lib/omflow-tui/kit/cache/debs';
	const fetched = await timesIn(builder.path(archives));
	assert.ok(Object.keys(fetched).length > 50, 'packages were fetched before');
	await builder.powerCut();
	await first.catch(() => {});
	await builder.boot();
	const go = ['sh', '-c', 'cd /root && exec omflow-tui kit build --yes --json'];
	const {stdout, stderr, exitCode} = await builder.exec(go, {timeout: 300_000});
	assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
	const commands = events(stdout).flatMap(event => (event.event === 'command' ? [event.command] : []));
	assert.ok(
		commands.some(command => command.includes('pip wheel')),
		'the build went on with pip',
	);
	assert.deepEqual(
		commands.filter(command => command.startsWith('apt-get')),
		[],
		'no package is fetched again',
	);
	assert.deepEqual(await timesIn(builder.path(archives)), fetched);
	return builder.path(`/root/${kitName}`);
}

/** The same once more from a company's own mirror and index, with a password and an authority that nobody else knows. */
async function buildsFromMirror(t: TestContext, builder: Server, kit: string): Promise<void> {
	const scratch = await mkdtemp(path.join(tmpdir(), 'omflow-tui-mirror-'));
	t.after(() => rm(scratch, {recursive: true, force: true}));
	const unpacked = path.join(scratch, 'kit');
	await mkdir(unpacked, {mode: 0o700});
	await takeKit(kit, unpacked);
	const address = (builder.address ?? '').replace(/\.\d+$/, '.1');
	const mirror = await startMirror({
		directory: scratch,
		debs: builder.path('/var/lib/omflow-tui/kit/cache/debs'),
		wheels: path.join(unpacked, 'wheels'),
		user: 'ops',
		password: 'geheim-9',
		address,
	});
	t.after(() => mirror.stop());
	const put = async (name: string, input: string) =>
		builder.must(['sh', '-c', 'cat > "$1"', 'sh', `/root/${name}`], {input});
	await put('mirror.list', `deb [trusted=yes] ${mirror.url}/apt/ ./\n`);
	await put('netrc', `machine ${address} login ops password geheim-9\n`);
	await put('ca.pem', await readFile(mirror.ca, 'utf8'));
	const words = [
		'--sources',
		'mirror.list',
		'--index',
		`${mirror.url}/simple/`,
		'--credentials',
		'netrc',
		'--ca',
		'ca.pem',
	];
	const argv = [
		'sh',
		'-c',
		'cd /root && exec omflow-tui kit build request.json --output own.tar.gz --yes --json "$@"',
		'sh',
	];
	const {exitCode, stderr, stdout} = await builder.exec([...argv, ...words], {timeout: 300_000});
	assert.equal(exitCode, 0, `${stdout.slice(-3000)}\n${stderr}`);
	const got = (kind: RegExp) =>
		mirror.requests.filter(each => each.authorized && each.status === 200 && kind.test(each.path));
	assert.ok(got(/^\/apt\/Packages/).length > 0, 'the lists came from the mirror');
	assert.ok(got(/^\/files\/django-.*\.whl$/i).length > 0, 'the wheels came from the index');
	assert.doesNotMatch(stdout, /geheim-9/);
	const logs = await builder.must([
		'sh',
		'-c',
		'cat /var/lib/omflow-tui/kit/state/runs/*/logs/* /var/lib/omflow-tui/kit/state/runs/*/*json',
	]);
	assert.doesNotMatch(logs, /geheim-9/);
	const {stdout: left} = await builder.exec(['grep', '-rl', 'geheim-9', '/var/lib/omflow-tui/kit']);
	assert.equal(left, '', 'the password is in no file of the build');
	const own = path.join(scratch, 'own');
	await mkdir(own, {mode: 0o700});
	const {files} = await takeKit(builder.path('/root/own.tar.gz'), own);
	assert.doesNotMatch(JSON.stringify(files), /geheim-9/);
	assert.ok(
		files.filter(({path: name}) => name.startsWith('wheels/')).every(({origin}) => origin.startsWith(mirror.url)),
		'every wheel names the index as its origin',
	);
}

async function timesIn(folder: string): Promise<Record<string, number>> {
	const names = (await readdir(folder)).filter(name => name.endsWith('.deb')).sort();
	return Object.fromEntries(
		await Promise.all(names.map(async name => [name, (await stat(path.join(folder, name))).mtimeMs])),
	);
}

type Checked = {
	readonly outcome: string;
	readonly findings: ReadonlyArray<{readonly id: string; readonly severity: string; readonly sentence: string}>;
};

async function check(server: Server, name: string): Promise<Checked> {
	const {stdout, stderr} = await server.exec(['omflow-tui', 'kit', 'check', `/root/${name}`, '--json'], {
		timeout: 120_000,
	});
	assert.ok(stdout, stderr);
	await isAsPublished(JSON.parse(stdout), 'kit-check');
	return JSON.parse(stdout) as Checked;
}

function events(text: string): RunEvent[] {
	return text
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
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
