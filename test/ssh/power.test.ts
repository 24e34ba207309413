import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {after, before, suite, test} from 'node:test';
import type {RunState} from '../../source/engine/state.js';
import {type Result, tryCommand} from '../lab/commands.js';
import {
	installProgram,
	killClient,
	login,
	prepareHost,
	type Server,
	sshArgv,
	sshRun,
	startServer,
	waitFor,
} from '../lab/lab.js';
import {keys, type Terminal} from '../terminal.js';
import {answer, omflow, stateOf, waitForProcess} from './observe.js';

/*
The whole server loses its power, or is shut down, in every phase of an ordinary update. Every process dies at once and
nothing is told; but what was written and not yet on the disk stays, since the host's kernel goes on: that what must be
on the disk is there before what follows is a matter of the order of the calls, which test/runbook/backup.test.ts sees.
*/

const reason = await prepareHost();
const archive = '/home/vera/omflow_patch_1_1_6_4.tar.gz';
const upgrade = `sudo omflow-tui upgrade --patch ${archive}`;
const database = '/opt/omflow/server/db.omflow';

/** Changes by half what it changes, and waits where the test wants it to. */
const patch = `#!/bin/bash
set -e
sql() { /opt/omflow/python/bin/python -c 'import sqlite3, sys; c = sqlite3.connect("${database}"); c.execute(sys.argv[1]); c.commit()' "$1"; }
echo half > /opt/omflow/server/omflow/half.py
sql "UPDATE ommission_mission SET content = 'half changed' WHERE id = 1"
test ! -p /var/hold/patch || cat /var/hold/patch
rm /opt/omflow/server/omflow/half.py
echo whole > /opt/omflow/server/omflow/whole.py
sql "UPDATE ommission_mission SET content = 'as 1.1.6.4 has it' WHERE id = 1"
printf 'version=1.1.6.4\\nversion_num=001001006004\\n' > /opt/omflow/server/omflow/syscom/version.bin
`;

/** Every run copies, compares and puts back all of OMFLOW: translations and compiled code are two files of three. */
const lessToCopy = `cd /opt/omflow/python/lib/python3*/site-packages
rm -r django/contrib/*/locale django/conf/locale/[a-df-z]*
find /opt/omflow/python -name __pycache__ -prune -exec rm -r {} +`;

/** Apache waits where it stops and where it starts, if the test wants it to. */
const holdApache = `[Service]
ExecStartPre=/bin/sh -c 'test ! -p /var/hold/start || cat /var/hold/start'
ExecStopPost=/bin/sh -c 'test ! -p /var/hold/stop || cat /var/hold/stop'
TimeoutStartSec=infinity
TimeoutStopSec=infinity
`;

suite('when the power goes', {skip: reason, timeout: 300_000}, () => {
	let server: Server;
	let untouched: string[];
	before(async () => {
		server = await startServer();
		await installProgram(server);
		await server.must(['apt-get', '-qq', '-y', 'install', '--no-install-recommends', 'rsync'], {timeout: 120_000});
		await server.must(['mkdir', '-p', '/var/hold', '/etc/systemd/system/apache2.service.d']);
		await put('/etc/systemd/system/apache2.service.d/hold.conf', holdApache);
		await put('/tmp/omflow_patch/patch.sh', patch);
		await server.must(['tar', '-czf', archive, '-C', '/tmp', 'omflow_patch']);
		await server.must(['systemctl', 'daemon-reload']);
		await server.must(['sh', '-c', lessToCopy]);
		untouched = await installed();
	});
	after(() => server?.stop());

	async function put(file: string, text: string): Promise<void> {
		await mkdir(path.dirname(server.path(file)), {recursive: true});
		await writeFile(server.path(file), text);
	}

	/** What comes to this place waits there, also after a boot. */
	const hold = async (place: string) => server.must(['mkfifo', `/var/hold/${place}`]);
	const waiting = async (place: string) => waitForProcess(server, new RegExp(`^cat /var/hold/${place}$`), 30_000);

	/** Whoever waits goes on, and nobody waits there any more. */
	const letGo = async (place: string) =>
		server.must(['sh', '-c', 'mv /var/hold/$1 /var/hold/gone; echo > /var/hold/gone; rm /var/hold/gone', 'sh', place]);

	/** The power goes and comes back; nobody waits in these places any more. */
	async function cut(...places: string[]): Promise<void> {
		await server.powerCut();
		for (const place of places) {
			await rm(path.join(server.directory, 'upper/var/hold', place));
		}

		await server.boot();
	}

	/** What vera reads when she asks. */
	async function asked(): Promise<string> {
		const {stdout, stderr, exitCode} = await sshRun(server, 'sudo omflow-tui status');
		assert.deepEqual([exitCode, stderr], [0, '']);
		return stdout;
	}

	const inConsole = (command = 'sudo omflow-tui'): Terminal => login(server, command);
	const unattended = async (): Promise<Result> =>
		tryCommand(sshArgv(server, {command: `${upgrade} --yes`}), {timeout: 120_000});

	/** Somebody works with OMFLOW. */
	async function enter(text: string): Promise<void> {
		const script = `import sqlite3, sys
c = sqlite3.connect('${database}')
names = [row[1] for row in c.execute('PRAGMA table_info(ommission_mission)')]
values = ['(SELECT max(id) + 1 FROM ommission_mission)' if name == 'id' else '?' if name == 'content' else name for name in names]
c.execute('INSERT INTO ommission_mission SELECT %s FROM ommission_mission WHERE id = 1' % ', '.join(values), (sys.argv[1],))
c.commit()`;
		await server.must(['/usr/bin/python3', '-c', script, text]);
	}

	async function entered(): Promise<string[]> {
		const script = `import sqlite3, json
print(json.dumps([row[0] for row in sqlite3.connect('file:${database}?mode=ro', uri=True).execute('SELECT content FROM ommission_mission ORDER BY id')]))`;
		return JSON.parse(await server.must(['/usr/bin/python3', '-c', script])) as string[];
	}

	/** Everything of the installation but what a running OMFLOW writes, with its content, and how it is started. */
	async function installed(): Promise<string[]> {
		const script =
			'cd / && find opt/omflow etc/apache2 etc/systemd -path opt/omflow/.omflow-tui -prune -o -type f ! -name "*.pyc" ! -name "db.omflow*" ' +
			'! -path "*/logs/*" -exec sha256sum {} + -o -type l -printf "%p %l\\n" | sort';
		return (await server.must(['sh', '-c', script])).trim().split('\n');
	}

	const isActive = async (unit: string) => (await server.exec(['systemctl', 'is-active', unit])).stdout;
	const runsDown = async () => (await server.exec(['curl', '-sSf', 'http://127.0.0.1/status.json'])).exitCode !== 0;
	const ends = async (wanted: RunState['outcome']): Promise<RunState> =>
		waitFor(`the run to end as ${wanted}`, async () => {
			const state = await stateOf(server);
			assert.ok(!state.outcome || state.outcome === wanted, `${state.outcome}: ${state.message}`);
			return state.outcome && state;
		});

	/** Each begins where the one before has left the server. */
	let hasFailed = false;
	function stage(name: string, body: () => Promise<void>): void {
		test(name, async () => {
			assert.ok(!hasFailed, 'the one before has failed');
			hasFailed = true;
			await body();
			hasFailed = false;
		});
	}

	stage('before the window, nothing is lost, and OMFLOW is there', async () => {
		await answer(inConsole(upgrade), server, {id: 'agreement/begin', wanted: 'agree'});
		await waitForProcess(server, /rsync .*backup\/omflow/, 30_000);
		await cut();
		const said = await asked();
		assert.match(said, /^upgrade \S+ on omflow-lab: 1\.1\.6\.3 to 1\.1\.6\.4$/m);
		assert.match(said, /^This machine went down at “First backup copy”, before the window, and was started again/m);
		assert.match(said, /^OMFLOW answers at http:\S+ 200/m);
		assert.match(said, /^Next: omflow-tui goes on with it; omflow-tui upgrade --yes does so without asking\.$/m);
		assert.doesNotMatch(said, /leaves OMFLOW down/);
	});

	stage('with the window just open, OMFLOW comes back and is not stopped again unasked', async () => {
		await hold('stop');
		const console = inConsole();
		await answer(console, server, {id: 'ready/open', wanted: 'open'});
		await waiting('stop');
		await cut('stop');
		const said = await asked();
		assert.match(said, /^This machine went down at “Stop OMFLOW”, in the window/m);
		assert.match(said, /^OMFLOW answers/m);
		await enter('entered with the window open');
	});

	stage('in patch.sh, OMFLOW is not started half changed, and the run goes on by itself', async () => {
		await hold('patch');
		const console = inConsole();
		await answer(console, server, {id: 'stop/again', wanted: 'stop'});
		await waiting('patch');
		await cut();
		await waiting('patch');
		const said = await asked();
		assert.match(said, /^Working at “Run patch\.sh”, in the window\.$/m);
		assert.match(said, /^OMFLOW does not answer/m);
		assert.match(said, /a start of this machine leaves OMFLOW down, and the run goes on by itself\.$/m);
		assert.match(said, /^Next: omflow-tui shows it\.$/m);
		assert.ok(await runsDown());
		assert.equal((await unattended()).exitCode, 75, 'who starts it as well is told that it goes on already');
		assert.equal(await server.must(['systemctl', '--failed', '--no-legend']), '');
	});

	stage('with the patch in, OMFLOW comes back as the new version, and stays it', async () => {
		await hold('start');
		await letGo('patch');
		await waiting('start');
		await cut('start');
		const said = await asked();
		assert.match(said, /^This machine went down at “Start OMFLOW”, in the window/m);
		assert.match(said, /^OMFLOW answers/m);
		assert.equal((await omflow(server)).version, '1.1.6.4');
		await enter('entered with the new version');
		const console = inConsole();
		await waitFor('the decision', async () => (await stateOf(server)).question?.id === 'keep/decision');
		assert.deepEqual(await entered(), [
			'as 1.1.6.4 has it',
			...(await entered()).slice(1, 3),
			'entered with the window open',
			'entered with the new version',
		]);
		console.close();
	});

	stage('at the decision, it waits for whoever logs in and takes it back', async () => {
		await cut();
		const said = await asked();
		assert.match(said, /^This machine went down at “Keep or roll back”, after the window/m);
		assert.match(said, /^OMFLOW answers/m);
		const console = inConsole();
		await console.waitFor(/Keep 1\.1\.6\.4/);
		const open = await asked();
		assert.match(open, /^Waits for an answer at “Keep or roll back”, after the window: OMFLOW 1\.1\.6\.4 is in/m);
		assert.match(open, /^Next: omflow-tui asks it\.$/m);
		await answer(console, server, {id: 'keep/decision', wanted: 'roll-back'});
		const brought = server.path('/opt/omflow/server/omflow/whole.py');
		await waitFor('the first file to go back', () => !existsSync(brought), {deadline: 30_000, interval: 5});
		await cut();
	});

	stage('while files go back, OMFLOW is not started, and they go back by themselves', async () => {
		assert.match((await ends('rolled-back')).message ?? '', /^Rolled back on request\./);
		assert.equal((await omflow(server)).version, '1.1.6.3');
		assert.equal((await entered()).at(-1), 'entered with the window open');
		assert.deepEqual(await installed(), untouched);
		assert.doesNotMatch(await asked(), /Next:|leaves OMFLOW down/);
	});

	stage('a worker that is killed again and again is given up, and status says so', async () => {
		await hold('patch');
		const first = login(server, `${upgrade} --yes`);
		await waiting('patch');
		await killClient(first);
		const {id} = await stateOf(server);
		for (let start = 0; start < 5; start++) {
			const worker = await waitForProcess(server, /^\S*node \S+ worker /, 30_000);
			process.kill(worker.pid, 'SIGKILL');
			await waitFor('its end', async () => !(await worker.isAlive()));
		}

		await waitFor('systemd to give up', async () => /^failed$/m.test(await isActive(`omflow-tui-${id}`)));
		const said = await asked();
		assert.match(
			said,
			/^Its worker ended again and again at “Run patch\.sh”, in the window, and systemd starts it no more\.$/m,
		);
		assert.match(said, new RegExp(`^All it said is in /var/lib/omflow-tui/runs/${id}/worker\\.log$`, 'm'));
		assert.match(said, /^OMFLOW does not answer/m);
		assert.match(said, /^Next: omflow-tui goes on with it;/m);
	});

	stage('the machine goes on by itself only so often', async () => {
		const {id} = await stateOf(server);
		await put(`/var/lib/omflow-tui/runs/${id}/starts`, '3\n');
		await cut();
		const said = await asked();
		assert.match(said, /^This machine went down at “Run patch\.sh”, in the window/m);
		assert.match(said, /^OMFLOW does not answer/m);
		assert.match(said, /a start of this machine leaves OMFLOW down\.$/m);
		const {stderr} = await server.exec(['systemctl', 'start', 'omflow_server']);
		assert.match(stderr, /Assertion failed on job for omflow_server\.service/);
	});

	stage('what was entered half changed is not thrown away unasked', async () => {
		await put('/run/omflow-tui.window', '');
		await server.must(['systemctl', 'start', 'omflow_server']);
		await enter('entered half changed');
		const ended = await unattended();
		assert.equal(ended.exitCode, 4, ended.stdout);
		assert.match(
			ended.stdout,
			/needs-attention: OMFLOW was stopped .* what was entered since is lost\. Start omflow-tui in a/,
		);
		assert.deepEqual([(await entered()).at(0), (await entered()).at(-1)], ['half changed', 'entered half changed']);
		assert.match(await asked(), /^Next: omflow-tui asks what is to become of it\.$/m);

		const console = inConsole();
		await console.waitFor('Go on with what is left');
		console.send(`${keys.down}${keys.enter}`);
		await waitFor('the run to go on', async () => (await stateOf(server)).outcome === undefined);
		await answer(console, server, {id: 'stop/half-run', wanted: 'stop'});
		await waiting('patch');
		assert.equal((await entered()).at(-1), 'entered with the window open');
	});

	stage('an orderly shutdown is the same: the run goes on by itself, and ends as ever', async () => {
		await server.powerOff();
		await rm(path.join(server.directory, 'upper/var/hold/patch'));
		await server.boot();
		await ends('kept');
		assert.equal((await omflow(server)).version, '1.1.6.4');
		assert.equal((await entered()).at(0), 'as 1.1.6.4 has it');
		assert.equal((await entered()).at(-1), 'entered with the window open');
		const now = await installed();
		const changed = now.filter(line => !untouched.includes(line)).map(line => line.split(/ +/)[1]);
		assert.deepEqual(changed.sort(), [
			'opt/omflow/server/omflow/syscom/version.bin',
			'opt/omflow/server/omflow/whole.py',
		]);
		assert.equal(now.length, untouched.length + 1);
		assert.equal(await server.must(['systemctl', '--failed', '--no-legend']), '');
	});
});
