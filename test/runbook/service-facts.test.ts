import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import test from 'node:test';
import {becomesTrue} from '../../source/host/service.js';
import {factsOf, ServiceFacts} from '../../source/runbook/service-facts.js';

const service = {role: 'server', start: ['omflow_server', 'start'], stop: [], status: []} as const;

test('facts of a service name its port, its processes and how it is started', async t => {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const {port} = server.address() as AddressInfo;
	const part = {endpoint: {protocol: 'http', host: '127.0.0.1', port} as const, service};
	const facts = Object.fromEntries(await factsOf(part));
	assert.equal(facts.port, `${port}, node (process ${process.pid})`);
	assert.match(facts.processes ?? '', new RegExp(`node ${process.pid}$`));
	assert.match(facts.memory ?? '', /^\d+ MB$/);
	assert.match(facts.since ?? '', /^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d$/);
	assert.equal(facts['started by'], 'omflow_server start');

	const watched = new ServiceFacts();
	assert.deepEqual(watched.latest(part), [], 'nobody waits for the first look');
	assert.ok(await becomesTrue(async () => watched.latest(part).length > 0, 10_000));
});

test('a port that nobody holds', async () => {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	const facts = await factsOf({endpoint: {protocol: 'http', host: '127.0.0.1', port}, service});
	assert.deepEqual(facts, [
		['port', `${port}, nobody listens`],
		['started by', 'omflow_server start'],
	]);
});
