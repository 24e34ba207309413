import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import test from 'node:test';
import {familyOf, processOf, servingOn} from '../../source/host/processes.js';

test('a process serves its port together with what it started', async t => {
	const before = Date.now();
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const child = spawn('/bin/sh', ['-c', 'echo up; read -r line'], {stdio: ['pipe', 'pipe', 'inherit']});
	t.after(() => {
		server.close();
		child.kill();
	});
	await once(child.stdout, 'data');
	const {port} = server.address() as AddressInfo;
	const {listening, serving} = await servingOn(port);
	assert.deepEqual(
		listening.map(({pid}) => pid),
		[process.pid],
	);
	assert.equal(serving?.pid, process.pid);
	assert.equal(serving.program, 'node');
	assert.ok(serving.count >= 2, `${serving.count} processes`);
	assert.ok(serving.bytes > 10e6, `${serving.bytes} bytes`);
	const began = before - process.uptime() * 1000;
	assert.ok(Math.abs(serving.since - began) < 5000, `since ${new Date(serving.since).toISOString()}`);
});

test('nobody serves a port that is free', async () => {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	assert.deepEqual(await servingOn(port), {listening: [], serving: undefined});
});

test('a name with spaces and brackets is no field', () => {
	const line = `77 (a) S (b) S 5 ${'0 '.repeat(17)}4242 0 0`;
	assert.deepEqual(processOf(line), {pid: 77, parent: 5, started: 4242});
	assert.equal(processOf(''), undefined);
});

test('a family is those given, their children and grandchildren', () => {
	const all = [
		[1, 0],
		[5, 1],
		[6, 5],
		[7, 6],
		[8, 1],
	].map(([pid = 0, parent = 0]) => ({pid, parent, started: 0}));
	assert.deepEqual(
		familyOf([5], all).map(({pid}) => pid),
		[5, 6, 7],
	);
});
