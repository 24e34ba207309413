import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {
	installProgram,
	killClient,
	killServerSessions,
	login,
	patchArchive,
	prepareHost,
	type Server,
	startServer,
	waitFor,
} from '../lab/lab.js';
import {answer, omflow, showsLive, stateOf, waitForProcess} from './observe.js';
import {assertUsable, measure} from './slow-line.js';

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

async function isRunning(server: Server, id: string): Promise<boolean> {
	return (await stateOf(server)).steps.some(step => step.id === id && step.status === 'running');
}

/** Nothing of vera's is left on the server, as far as logind and sshd are concerned. */
async function loggedOut(server: Server): Promise<void> {
	await waitFor("the end of vera's sessions", async () => {
		// It fails where somebody goes while it lists, and is asked again then.
		const {exitCode, stdout} = await server.exec(['loginctl', 'list-users', '--no-legend']);
		return exitCode === 0 && stdout.trim() === '';
	});
}

suite('a real upgrade over ssh', {skip: reason, timeout: 600_000}, () => {
	test('goes on when the connection is cut during apt and during pip, can be used over a slow line, and is kept', async t => {
		const server = await serverWithProgram(t);
		const before = await omflow(server);
		assert.equal(before.version, '1.1.6.3');

		const letAptGoOn = await holdApt(server);
		const first = login(server, `sudo omflow-tui upgrade --patch ${patchArchive}`);
		t.after(() => first.close());
		await first.waitFor('1.2.0.0');
		await answer(first, server, {id: 'agreement/begin', wanted: 'agree'});
		await waitForProcess(server, /^cat \/run\/hold-apt/);
		const apt = await waitForProcess(server, /^apt-get .*install/);
		await killClient(first);
		await loggedOut(server);
		assert.ok(await apt.isAlive(), 'apt was ended with the connection');

		// From here on whoever looks does so over a line as slow as they get.
		await server.slowDown();
		const second = login(server, 'sudo omflow-tui');
		t.after(() => second.close());
		await second.waitFor(/Packages.*running/);
		await letAptGoOn();
		await showsLive(second, server, 'packages');
		assertUsable(t, 'apt', await measure(second, async () => !(await isRunning(server, 'packages'))));
		await answer(second, server, {id: 'requirements/list'});
		const pip = await waitForProcess(server, /-m pip .*install/);
		assert.ok((await killServerSessions(server)) > 0);
		await second.waitForExit();
		await loggedOut(server);
		assert.ok(await pip.isAlive(), 'pip was ended with the connection');

		const third = login(server, 'sudo omflow-tui');
		t.after(() => third.close());
		await third.waitFor(/Python packages.*running/);
		assertUsable(t, 'pip', await measure(third, async () => !(await isRunning(server, 'python-packages'))));
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
});
