import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {tryCommand} from '../lab/commands.js';
import {
	installProgram,
	killClient,
	killServerSessions,
	login,
	patchArchive,
	prepareHost,
	type Server,
	sshArgv,
	startServer,
	waitFor,
} from '../lab/lab.js';
import {answer, omflow, showsLive, stateOf, waitForProcess} from './observe.js';

const reason = await prepareHost();

async function serverWithProgram(t: TestContext): Promise<Server> {
	const server = await startServer();
	t.after(() => server.stop());
	await installProgram(server);
	return server;
}

/**
Makes apt wait before it calls dpkg, so that the connection is cut while apt runs however fast the machine is.
Returns what lets it go on.
*/
async function holdApt(server: Server): Promise<() => Promise<void>> {
	const hook = 'DPkg::Pre-Invoke {"test ! -p /run/hold-apt || cat /run/hold-apt";};';
	await server.must(['sh', '-c', 'mkfifo /run/hold-apt; echo "$1" > /etc/apt/apt.conf.d/99hold', 'sh', hook]);
	return async () => {
		await server.must(['sh', '-c', 'mv /run/hold-apt /run/held-apt; echo > /run/held-apt']);
	};
}

/** Nothing of vera's is left on the server, as far as logind and sshd are concerned. */
async function loggedOut(server: Server): Promise<void> {
	await waitFor("the end of vera's sessions", async () => {
		return (await server.must(['loginctl', 'list-users', '--no-legend'])).trim() === '';
	});
}

suite('a real upgrade over ssh', {skip: reason, timeout: 600_000}, () => {
	test('goes on when the connection is cut during apt and during pip, and is kept', async t => {
		const server = await serverWithProgram(t);
		const before = await omflow(server);
		assert.equal(before.version, '1.1.6.3');

		const letAptGoOn = await holdApt(server);
		const first = login(server, `sudo omflow-tui upgrade --patch ${patchArchive}`);
		t.after(() => first.close());
		await first.waitFor('1.2.0.0');
		await waitForProcess(server, /^cat \/run\/hold-apt/);
		const apt = await waitForProcess(server, /^apt-get .*install/);
		await killClient(first);
		await loggedOut(server);
		assert.ok(await apt.isAlive(), 'apt was ended with the connection');

		const second = login(server, 'sudo omflow-tui');
		t.after(() => second.close());
		await second.waitFor(/Packages.*running/);
		await letAptGoOn();
		await showsLive(second, server, 'packages');
		await answer(second, server, {id: 'requirements/list'});
		const pip = await waitForProcess(server, /-m pip .*install/);
		assert.ok((await killServerSessions(server)) > 0);
		await second.waitForExit();
		await loggedOut(server);
		assert.ok(await pip.isAlive(), 'pip was ended with the connection');

		const third = login(server, 'sudo omflow-tui');
		t.after(() => third.close());
		await third.waitFor(/Python packages.*running/);
		// With 3.11 before and after, the module keeps its path, and there is nothing to ask.
		if (!before.python.startsWith('3.11')) {
			await answer(third, server, {id: 'site/lines'});
		}

		await answer(third, server, {id: 'ready/open', wanted: 'open'});
		await answer(third, server, {id: 'keep/decision', wanted: 'keep'});
		await third.waitFor('KEPT');
		third.send('q');
		assert.deepEqual(await third.waitForExit(), {code: 0, signal: 0});

		assert.equal((await stateOf(server)).outcome, 'kept');
		const after = await omflow(server);
		assert.equal(after.version, '1.2.0.0');
		assert.match(after.django, /^4\.2\./);
		assert.deepEqual([after.rows, after.text], [before.rows, before.text]);
		assert.equal(await server.must(['systemctl', '--failed', '--no-legend']), '');
	});

	test('goes on by itself after a power cut in the middle of patch.sh', async t => {
		const server = await serverWithProgram(t);
		const before = await omflow(server);
		const upgrade = `sudo omflow-tui upgrade --patch ${patchArchive} --yes --json`;
		const cut = tryCommand(sshArgv(server, {command: upgrade}), {timeout: 400_000});
		await waitForProcess(server, /^bash \.\/patch\.sh/);
		await server.powerCut();
		assert.notEqual((await cut).exitCode, 0);

		await server.boot();
		const {outcome, message} = await waitFor(
			'the end of the run',
			async () => {
				const state = await stateOf(server);
				return state.outcome && state;
			},
			{deadline: 180_000, interval: 300},
		);
		assert.equal(outcome, 'kept', message ?? '');
		const after = await omflow(server);
		assert.equal(after.version, '1.2.0.0');
		assert.deepEqual([after.rows, after.text], [before.rows, before.text]);
	});

	test('comes to the same end when its worker is killed during pip', async t => {
		const server = await serverWithProgram(t);
		const run = tryCommand(sshArgv(server, {command: `sudo omflow-tui upgrade --patch ${patchArchive} --yes --json`}), {
			timeout: 400_000,
		});
		await waitForProcess(server, /-m pip .*install/);
		const worker = await waitForProcess(server, /^\S*node \S+ worker /);
		process.kill(worker.pid, 'SIGKILL');

		const {stdout, stderr, exitCode} = await run;
		const events = stdout
			.trim()
			.split('\n')
			.map(line => JSON.parse(line) as RunEvent);
		const last = events.at(-1);
		assert.ok(last?.event === 'run-ended', `${stderr}\n${stdout.slice(-2000)}`);
		assert.deepEqual([last.outcome, exitCode], ['kept', 0], last.message);
		assert.equal(events.filter(({event}) => event === 'run-started').length, 2);
		assert.equal((await omflow(server)).version, '1.2.0.0');
	});
});
