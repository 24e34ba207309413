import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {rm, writeFile} from 'node:fs/promises';
import {type AddressInfo, createServer} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {connections} from '../../source/host/connections.js';
import {parseWaiters} from '../../source/host/locks.js';
import {becomesTrue} from '../../source/host/service.js';
import {type Look, lookAt} from '../../source/host/waiting.js';
import {workshop} from './support.js';

/** A program of its own, ended with the test. */
function start(
	t: TestContext,
	argv: readonly string[],
	stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess & {pid: number} {
	const child = spawn(argv[0] ?? '', argv.slice(1), {stdio: [stdin, 'pipe', 'inherit'], detached: true});
	assert.ok(child.pid);
	t.after(async () => {
		try {
			process.kill(-(child.pid ?? 0), 'SIGKILL');
		} catch {
			// All of it has ended by itself.
		}

		child.stdin?.end();
		await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined);
	});
	return child as ChildProcess & {pid: number};
}

/** Looks again and again until it is seen, with these activities if they are given: processes begin and end meanwhile. */
async function seen(pid: number, kind: string, prompt = '', activities?: readonly string[]): Promise<Look> {
	let look = await lookAt(pid, prompt);
	const isSeen = await becomesTrue(async () => {
		look = await lookAt(pid, prompt, look.sample);
		const found = look.processes.map(({activity, depth}) => `${depth} ${activity}`);
		return look.on?.kind === kind && (activities === undefined || found.join() === activities.join());
	}, 10_000);
	assert.ok(isSeen, JSON.stringify(look));
	return look;
}

test('a lock: who holds it, and on which file', async t => {
	const {directory} = await workshop(t);
	const file = join(directory, 'lock');
	const holder = start(t, ['flock', file, 'sleep', '1000']);
	await seen(holder.pid, 'time');
	const waiter = start(t, ['sh', '-c', 'flock "$1" true; true', 'sh', file]);
	const {on} = await seen(waiter.pid, 'lock', '', ['0 child', '1 lock']);
	assert.ok(on?.kind === 'lock');
	assert.equal(on.path, file);
	assert.deepEqual(on.holder, {pid: holder.pid, program: 'flock'});
});

test('a connection that never answers', async t => {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const {port} = server.address() as AddressInfo;
	const connected = once(server, 'connection');
	const child = start(t, ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; read -u 3 line`]);
	const [socket] = await connected;
	t.after(() => socket.destroy());
	const {on} = await seen(child.pid, 'network');
	assert.ok(on?.kind === 'network');
	assert.equal(on.address, `127.0.0.1:${port}`);
});

test('work, a time, and a stop by a signal', async t => {
	const busy = start(t, ['sh', '-c', 'while :; do :; done']);
	assert.equal((await seen(busy.pid, 'work')).processes[0]?.activity, 'work');
	process.kill(busy.pid, 'SIGSTOP');
	await seen(busy.pid, 'stopped');
	const idle = start(t, ['sleep', '1000']);
	const {on, processes} = await seen(idle.pid, 'time');
	assert.equal(on?.pid, idle.pid);
	assert.equal(processes[0]?.program, 'sleep');
});

test('a question at the terminal, and whether the answer is shown there', async t => {
	const {directory} = await workshop(t);
	const script = join(directory, 'ask.sh');
	await writeFile(script, 'stty echo\nread -p "Name? " name\nread -sp "Password? " password\nexec sleep 1000\n');
	const child = start(t, ['script', '-qefc', `exec bash ${script}`, '/dev/null'], 'pipe');
	const first = await seen(child.pid, 'input', 'Name? ', ['0 unknown', '1 input']);
	assert.ok(first.on?.kind === 'input');
	assert.equal(first.on.prompt, 'Name? ');
	assert.equal(first.on.hidden, false);
	assert.equal(first.on.keys, false);
	assert.equal(first.processes.at(-1)?.program, 'bash ask.sh');
	assert.equal((await lookAt(child.pid, '')).turn, first.turn);
	child.stdin?.write('x\n');
	const isHidden = await becomesTrue(async () => {
		const {on, turn} = await lookAt(child.pid, 'Password? ');
		return on?.kind === 'input' && on.hidden && turn !== first.turn;
	}, 10_000);
	assert.ok(isHidden);
	child.stdin?.write('x\n');
	await seen(child.pid, 'time');
	await rm(script);
});

for (const {command, hidden, keys} of [
	{command: 'read -r -s -n 1', hidden: true, keys: true},
	{command: 'read -n 1', hidden: false, keys: true},
	{command: 'read -s', hidden: true, keys: false},
	{command: 'read -e', hidden: false, keys: false},
]) {
	test(`what becomes of what is typed for ${command}`, async t => {
		const child = start(t, ['script', '-qefc', `stty echo; exec bash -c '${command}'`, '/dev/null'], 'pipe');
		let look = await lookAt(child.pid, '? ');
		const isSeen = await becomesTrue(async () => {
			look = await lookAt(child.pid, '? ');
			return look.on?.kind === 'input' && look.on.hidden === hidden && look.on.keys === keys;
		}, 10_000);
		assert.ok(isSeen, JSON.stringify(look));
	});
}

test('whoever waits for several things asks only with a line that has no end, or that is edited', async t => {
	const child = start(t, ['script', '-qefc', `exec bash -c 'read -t 1000 line'`, '/dev/null'], 'pipe');
	await seen(child.pid, 'input', 'Go on? ');
	assert.equal((await lookAt(child.pid, '')).on?.kind, 'unknown');
	const editor = start(t, ['script', '-qefc', `exec bash -c 'read -e line'`, '/dev/null'], 'pipe');
	await seen(editor.pid, 'input');
});

test('nothing of a command line but program and script is told', async t => {
	const {directory} = await workshop(t);
	const script = join(directory, 'work.sh');
	await writeFile(script, 'sleep 1000\n');
	const child = start(t, ['bash', script, '--password', 'secret']);
	const text = start(t, ['bash', '-c', 'sleep 1000; : secret']);
	assert.equal((await seen(child.pid, 'time')).processes[0]?.program, 'bash work.sh');
	const look = await seen(text.pid, 'time');
	assert.doesNotMatch(JSON.stringify(look), /secret/);
});

test('the value of an option is not told as if it were the script', async t => {
	const {directory} = await workshop(t);
	const script = join(directory, 'work');
	await writeFile(script, 'sleep 1000\n');
	const shown = async (...argv: readonly string[]) =>
		(await seen(start(t, argv).pid, 'time')).processes[0]?.program.replace(/^python[\d.]+/, 'python');
	assert.equal(await shown('bash', '-x', '-e', script), 'bash work');
	assert.equal(await shown('bash', '+x', script), 'bash');
	assert.equal(await shown('bash', '-o', 'errexit', script), 'bash');
	await writeFile(script, 'import time; time.sleep(1000)\n');
	assert.equal(await shown('python3', '-u', '-B', script), 'python work');
	assert.equal(await shown('python3', '-W', 'ignore', script), 'python');
	await writeFile(script, 'sleep 1000;\n');
	assert.equal(await shown('perl', script), 'perl work');
	assert.equal(await shown('perl', '-I', directory, script), 'perl');
	// A shell that reads its commands from the input, and gets a secret as its argument.
	const reader = start(t, ['bash', '-s', 'secret'], 'pipe');
	reader.stdin?.write('sleep 1000\n');
	assert.equal((await seen(reader.pid, 'time')).processes[0]?.program, 'bash');
});

test('nobody is looked at who is gone', async () => {
	const look = await lookAt(2 ** 22 + 1, '');
	assert.equal(look.on, undefined);
	assert.deepEqual(look.processes, []);
});

test('tables of the kernel', () => {
	assert.deepEqual(
		parseWaiters(
			'1: FLOCK  ADVISORY  WRITE 1345 00:3b:5474974 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 1400 00:3b:5474974 0 EOF\n2: OFDLCK ADVISORY  WRITE -1 fe:00:827400 0 EOF\n2: -> POSIX  ADVISORY  WRITE 1500 fe:00:827400 0 EOF\n2:  -> POSIX  ADVISORY  WRITE 1501 fe:00:827400 0 EOF\n',
		),
		[
			{pid: 1400, holder: 1345, inode: 5474974},
			{pid: 1500, holder: -1, inode: 827400},
			{pid: 1501, holder: -1, inode: 827400},
		],
	);
	const tcp = (remote: string, state: string, inode: number) =>
		`   1: 0100007F:8E2A ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0`;
	assert.deepEqual(
		connections(
			[
				'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
				tcp('00000000:0000', '0A', 1),
				tcp('0100007F:0050', '01', 2),
				tcp('B80D0120000000000000000001000000:01BB', '02', 3),
				tcp('0000000000000000FFFF00000100000A:01BB', '01', 4),
			].join('\n'),
		),
		[
			{inode: '2', address: '127.0.0.1:80', isOpening: false},
			{inode: '3', address: '[2001:db8::1]:443', isOpening: true},
			{inode: '4', address: '10.0.0.1:443', isOpening: false},
		],
	);
});
