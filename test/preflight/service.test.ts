import assert from 'node:assert/strict';
import {createServer} from 'node:net';
import {type TestContext, test} from 'node:test';
import {services} from '../../source/preflight/service.js';
import {partOf, subjectOf} from './installation-of.js';

const runs = {role: 'server', start: ['/bin/true'], stop: ['/bin/true'], status: ['/bin/true']} as const;
const stands = {...runs, status: ['/bin/false']} as const;

async function listen(t: TestContext): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => server.close());
	const address = server.address();
	return typeof address === 'object' && address ? address.port : 0;
}

test('a service that runs, one that does not, and one whose port a stranger has', async t => {
	const endpoint = {protocol: 'http', host: '127.0.0.1', port: await listen(t)} as const;
	// The discard service's: nobody listens there any more.
	const free = {...endpoint, port: 9};
	const told = async (service: typeof runs | typeof stands, at: typeof free) =>
		(await services(await subjectOf(t, {service, endpoint: at}))).map(({severity, id}) => `${severity} ${id}`);
	assert.deepEqual(await told(runs, endpoint), ['info service']);
	assert.deepEqual(await told(stands, free), ['info service']);
	assert.deepEqual(await told(stands, endpoint), ['blocker port-taken']);
});

test('a command that gives no status is a finding, and the collector beside is asked as well', async t => {
	const nowhere = {...runs, status: ['/nowhere/omflow_collector', 'status']};
	const beside = [partOf({role: 'collector', service: nowhere})];
	const findings = await services(await subjectOf(t, {service: runs, beside}));
	assert.deepEqual(
		findings.map(({severity, id}) => `${severity} ${id}`),
		['info service', 'blocker service-status'],
	);
	assert.match(findings[1]?.sentence ?? '', /^Whether the collector runs cannot be told: .*could not be started\.$/);
});
