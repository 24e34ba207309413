import assert from 'node:assert/strict';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, suite, test} from 'node:test';
import type {CheckReport} from '../../source/commands/check.js';
import {lockedExitCode, underLock} from '../../source/engine/lock.js';
import {processesWith} from '../rehearsal/host.js';
import {makeStateDirectory, viewOf} from '../rehearsal/program.js';
import {closedPort, type Ended, lastEvent, Program, program, run} from './program.js';
import {noView, Server} from './server.js';

const skip = await noView();

function assertLocked({status, stdout, stderr}: Ended, said: RegExp): void {
	assert.deepEqual([status, stdout], [lockedExitCode, ''], stderr);
	assert.match(stderr, said);
}

suite('while an upgrade is under way', {skip}, () => {
	const state = '/var/lib/omflow-tui';
	let server: Server;
	let patch: string;
	let first: Program;
	before(async () => {
		server = await Server.open();
		// Without a patch.sh the run ends as soon as the check may go on.
		patch = await server.addPatch('omflow_patch_1_2_0_0.tar.gz', {'omflow_patch/readme.txt': ''});
	});
	after(() => server?.close());

	/** An upgrade that stands still in its check, where it asks the environment's Python. */
	async function begin(): Promise<Program> {
		await server.exec('mkfifo', '/run/hold');
		const begun = new Program(['upgrade', '--patch', patch, '--json'], server);
		await begun.step('check', 'running');
		return begun;
	}

	/** Everybody who waits now goes on, and nobody waits from now on. */
	async function release(): Promise<void> {
		await server.exec('mv', '/run/hold', '/run/held');
		await writeFile(server.path('/run/held'), '', {flag: 'r+'});
		await rm(server.path('/run/held'));
	}

	test('a second one is told so', async () => {
		first = await begin();
		const said = /^omflow-tui: Another run holds the lock on this machine\. Start omflow-tui in a terminal to see it/;
		assertLocked(await run(['upgrade', '--patch', patch, '--yes'], server), said);
		assertLocked(await run(['upgrade', '--patch', patch, '--json'], server), said);
	});

	test('a second worker of the same run finds the lock taken and touches nothing', async () => {
		const begun = first.events.find(({event}) => event === 'run-started');
		assert.ok(begun?.event === 'run-started');
		const argv = underLock(state, [process.execPath, program, 'worker', state, begun.run]);
		await assert.rejects(server.exec(...argv), {code: lockedExitCode});
		const {stdout} = await run(['status', '--json'], server);
		const {working, run: known} = JSON.parse(stdout);
		assert.deepEqual([working, known.id, known.outcome], [true, begun.run, undefined]);
	});

	test('the first one ends as if there had been no other', async () => {
		await release();
		const ended = await first.end();
		assert.deepEqual([ended.status, ended.stderr, lastEvent(ended).outcome], [3, '', 'blocked']);
		assert.equal(first.events.filter(({event}) => event === 'run-started').length, 1);
	});

	test('a reader that goes away, as head does, does not end it', async () => {
		const upgrade = await begin();
		upgrade.child.stdout?.destroy();
		await release();
		const {status, stderr} = await upgrade.end();
		assert.deepEqual([status, stderr], [3, '']);
		const {run: known} = JSON.parse((await run(['status', '--json'], server)).stdout);
		assert.equal(known.outcome, 'blocked');
	});
});

suite('while a backup is put back', {skip}, () => {
	const name = '20260101-000000';
	let server: Server;
	let first: Program;
	before(async () => {
		server = await Server.open();
		const backup = server.path(`/var/lib/omflow-tui/runs/${name}/backup`);
		await mkdir(backup, {recursive: true});
		const record = {run: name, host: 'here', base: '/opt/omflow', from: '1.1.6.1', to: '1.1.6.3', manifest: '0'};
		const {installation} = JSON.parse((await run(['check', '--json'], server)).stdout) as CheckReport;
		const rest = {schema: 1, sealedAt: 1, files: 1, bytes: 1, installation, dumps: []};
		await writeFile(join(backup, 'backup.json'), JSON.stringify({...record, ...rest}));
	});
	after(() => server?.close());

	test('of two begun at the same moment one is told so', async () => {
		await server.exec('mkfifo', '/run/hold');
		const both = [0, 1].map(() => new Program(['restore', name, '--yes', '--json'], server));
		const winner = await Promise.any(both.map(begun => begun.step('check', 'running').then(() => begun)));
		first = winner;
		const [loser] = both.filter(begun => begun !== winner);
		assert.ok(loser);
		const ended = await loser.end();
		assert.equal(ended.status, lockedExitCode, ended.stderr);
		assert.match(ended.stderr, /^omflow-tui: Another run holds the lock on this machine\./);
	});

	test('so is an upgrade, and the backup cannot be removed; the list can be seen', async () => {
		assertLocked(await run(['upgrade', '--yes'], server), /^omflow-tui: Another run holds the lock on this machine\./);
		const removed = await run(['restore', '--remove', name, '--yes'], server);
		assert.equal(removed.status, 3);
		assert.match(removed.stderr, /^omflow-tui: The run \S+ is not over, and may need a backup\./);
		assert.match((await run(['restore', '--list'], server)).stdout, new RegExp(`^${name} `, 'm'));
	});

	test('a restore that was cut is not gone on with by one of another backup', async () => {
		// The command first, which would start the worker again. It is the child of what entered the view.
		const {pid: entered} = first.child;
		const command = await readFile(`/proc/${entered}/task/${entered}/children`, 'utf8');
		process.kill(Number(command), 'SIGKILL');
		await first.end();
		const {pid} = JSON.parse(await readFile(server.path('/var/lib/omflow-tui/lock'), 'utf8'));
		await server.exec('kill', '-KILL', String(pid));
		const other = '20250101-000000';
		const refused = await run(['restore', other, '--yes'], server);
		assert.equal(refused.status, 3, refused.stderr);
		assert.match(refused.stderr, /^omflow-tui: The run \S+ to 1\.1\.6\.1 is not over\. End it first/);
	});

	test('and the first one ends as if there had been no other', async () => {
		await rm(server.path('/run/hold'));
		const ended = await run(['restore', name, '--yes', '--json'], server);
		assert.equal(ended.status, 3, ended.stdout);
		assert.match(ended.stderr, /^omflow-tui: the run \S+ is not over; going on with it\.\n$/);
		assert.equal(lastEvent(ended).outcome, 'blocked');
	});
});

test('of two rehearsals begun at the same moment one is told so, and its view is the other’s', {skip}, async t => {
	const state = await makeStateDirectory(t);
	await mkdir(state, {recursive: true});
	// Without a mirror they end by themselves.
	const proxy = `http://${closedPort}`;
	const env = {http_proxy: proxy, https_proxy: proxy};
	const both = [0, 1].map(() => run(['rehearse', '--sample', '--yes', '--state-dir', state], {env}));
	const [second, first] = (await Promise.all(both)).sort((a, b) => Number(b.status) - Number(a.status));
	assert.ok(first && second);
	const said =
		/^omflow-tui: A rehearsal is under way on this machine\. Start omflow-tui rehearse in a terminal to see it\.\n$/;
	assertLocked(second, said);
	assert.equal(first.status, 1, `${first.stderr}\n${first.stdout}`);
	assert.match(first.stdout, /out of reach/);
	assert.equal(await viewOf(state), undefined);
	assert.deepEqual(await processesWith(state), []);
});
