import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {after, before, suite, test} from 'node:test';
import {startTime} from '../../source/host/process.js';
import {command} from '../lab/commands.js';
import {
	killClient,
	killServerSessions,
	login,
	prepareHost,
	type Server,
	sshRun,
	startServer,
	waitFor,
} from '../lab/lab.js';

const reason = await prepareHost();

suite('a bare server of the lab', {skip: reason}, () => {
	let server: Server;
	before(async () => {
		server = await startServer({omflow: false});
	});
	after(() => server.stop());

	test('vera logs in over the cable, is not root, and may use sudo', async () => {
		const {stdout} = await sshRun(server, 'id -un; sudo -n id -un; hostname; echo "$LANG"');
		assert.equal(stdout, 'vera\nroot\nomflow-lab\nC.UTF-8\n');
	});

	test('what vera leaves behind is killed at logout; a unit of its own is not', async () => {
		const sleepers = () => server.processes().flatMap(({argv}) => (argv[0]?.endsWith('sleep') ? [argv[1]] : []));
		await sshRun(server, 'sudo systemd-run -q --unit=own sleep 1002; setsid -f sleep 1001 >/dev/null 2>&1 </dev/null');
		await waitFor('the end of what vera left behind', () => !sleepers().includes('1001'));
		assert.deepEqual(sleepers(), ['1002']);
	});

	test('a terminal of hers ends with the client and with the session on the server', async () => {
		const sleeping = () => server.processes().some(({argv}) => argv[1] === '1003');
		for (const cut of [killClient, () => killServerSessions(server)]) {
			const terminal = login(server);
			await terminal.waitFor('vera@omflow-lab');
			terminal.send('test -t 0 && sleep 1003\r');
			await waitFor('sleep', sleeping);
			await cut(terminal);
			await terminal.waitForExit();
			await waitFor('the end of what ran in the terminal', () => !sleeping());
		}
	});

	test('it reaches the package sources', async () => {
		assert.equal((await server.exec(['apt-get', '-qq', 'update'], {timeout: 120_000})).stderr, '');
	});

	test('a folder of a lower layer can be renamed, as on a disk', async () => {
		// Perl's rename does not fall back to copying, as mv would.
		await server.must(['perl', '-e', 'rename("/usr/share/doc", "/usr/share/other") or die $!']);
		await server.must(['perl', '-e', 'rename("/usr/share/other", "/usr/share/doc") or die $!']);
	});

	test('a power cut loses the processes and keeps the files', async () => {
		await server.must(['sh', '-c', 'echo kept > /root/file']);
		await server.powerCut();
		await server.boot();
		assert.equal(await server.readFile('/root/file'), 'kept\n');
		assert.equal((await sshRun(server, 'sudo systemctl is-active own')).stdout, 'inactive\n');
	});
});

suite('a server with OMFLOW', {skip: reason}, () => {
	let server: Server;
	before(async () => {
		server = await startServer();
	});
	after(() => server.stop());

	const answer = async () => JSON.parse(await server.must(['curl', '-sSf', 'http://127.0.0.1/status.json']));

	test('OMFLOW answers with the old version, and systemd has nothing to complain of', async () => {
		const {version, django} = await answer();
		assert.deepEqual({version, django}, {version: '1.1.6.3', django: '2.2.28'});
		assert.equal(await server.must(['systemctl', '--failed', '--no-legend']), '');
	});

	test('OMFLOW comes back after a power cut', async () => {
		await server.powerCut();
		await server.boot();
		assert.equal((await answer()).version, '1.1.6.3');
	});
});

test('a server without a network has only its loopback, and vera logs in there', {skip: reason}, async t => {
	const server = await startServer({omflow: false, network: false});
	t.after(() => server.stop());
	assert.equal((await sshRun(server, 'ls /sys/class/net')).stdout, 'lo\n');
});

test('nothing is left of a stopped server', {skip: reason}, async () => {
	const server = await startServer({omflow: false});
	const pids = server.processes().map(({pid}) => pid);
	const {directory, address = ''} = server;
	const cable = `${address.slice(0, address.lastIndexOf('.'))}.1/30`;
	assert.ok((await command(['ip', 'address'])).includes(cable));
	await server.stop();
	const alive = await Promise.all(pids.map(startTime));
	assert.deepEqual(
		alive.filter(time => time !== undefined),
		[],
	);
	assert.equal(existsSync(directory), false);
	assert.ok(!(await command(['ip', 'address'])).includes(cable));
});
