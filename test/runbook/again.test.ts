import assert from 'node:assert/strict';
import {once} from 'node:events';
import {chmod, readFile, rm} from 'node:fs/promises';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {milestones} from '../../source/engine/stage.js';
import {StopRequest} from '../../source/engine/step.js';
import {bootId} from '../../source/host/process.js';
import {recorded} from '../../source/runbook/facts.js';
import {apply} from '../../source/runbook/steps/apply.js';
import {backup} from '../../source/runbook/steps/backup.js';
import {start} from '../../source/runbook/steps/start.js';
import {stop} from '../../source/runbook/steps/stop.js';
import {controlScript, lacks, type Tried, tryOut} from './context.js';

/**
patch.sh was cut in the middle of what it changes; then somebody entered something into OMFLOW, which runs and listens
until its script stops it, or, with `knows` false, without its script knowing.
*/
async function halfRun(t: TestContext, knows = true): Promise<Tried | undefined> {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const server = await listening(t, socket => {
		socket.destroy();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	const context = await tryOut(t, {port});
	const stopIt = `: < /dev/tcp/127.0.0.1/${port} || :`;
	const script = await context.put('omflow/server/omflow_server', controlScript(context.at('running'), stopIt));
	await chmod(script, 0o755);
	await context.put('omflow/server/db.omflow', '');
	await backup.do(context);
	await context.record(recorded.before, {server: {ran: true, answered: false}});
	await context.record(recorded.patchBegun, true);
	await context.put('omflow/server/entered', 'entered');
	if (knows) {
		await context.put('running', '');
	}

	return context;
}

async function listening(t: TestContext, onConnection: (socket: Socket) => void): Promise<Server> {
	const server = createServer(onConnection).listen(0, '127.0.0.1');
	t.after(() => server.close());
	await once(server, 'listening');
	return server;
}

const entered = async (context: Tried) => readFile(context.at('omflow/server/entered'), 'utf8').catch(() => undefined);

const isUndecided = (error: unknown) => error instanceof StopRequest && error.outcome === 'needs-attention';

test('a half-changed OMFLOW that runs again is stopped only by whoever says so', async t => {
	const context = await halfRun(t);
	if (!context) {
		return;
	}

	assert.equal(await stop.look(context), 'todo');
	await assert.rejects(async () => stop.do(context), isUndecided);
	context.answer = ({id}) => ({kind: 'choice', value: id === 'stop/half-run' ? 'later' : ''});
	await assert.rejects(async () => stop.do(context), {name: 'StopRequest', outcome: 'stopped'});
	await readFile(context.at('running'));
	context.answer = () => ({kind: 'choice', value: 'stop'});
	await stop.do(context);
	await assert.rejects(readFile(context.at('running')));
});

test('one that was started by another way is not taken for a failure, which would put the backup over it', async t => {
	const context = await halfRun(t, false);
	if (!context) {
		return;
	}

	assert.equal(await stop.look(context), 'done');
	await assert.rejects(async () => stop.verify(context), isUndecided);
	assert.equal(await entered(context), 'entered');
});

test('what runs again in the middle of taking back is asked about', async t => {
	const context = await halfRun(t);
	if (!context) {
		return;
	}

	await context.record(recorded.stoodStill, true);
	await assert.rejects(async () => apply.undo?.(context), isUndecided);
	assert.equal(await entered(context), 'entered');
	context.answer = () => ({kind: 'choice', value: 'stop'});
	await apply.undo?.(context);
	assert.equal(await entered(context), undefined);
});

test('what the patch has started itself is taken back unasked, once', async t => {
	const context = await halfRun(t);
	if (!context) {
		return;
	}

	await apply.undo?.(context);
	assert.equal(await entered(context), undefined);
	assert.ok(!context.events.includes('ask undo/again'));
	assert.ok(context.recall(recorded.stoodStill));
});

for (const [what, boot, isInService] of [
	['started by the run may be taken back', undefined, false],
	['that came up with the machine is not taken back unasked', 'an earlier one', true],
] as const) {
	test(`a new version ${what}`, async t => {
		const server = await listening(t, socket => {
			socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
		});
		const context = await tryOut(t, {port: (server.address() as AddressInfo).port});
		await context.record(recorded.stoppedIn, boot ?? (await bootId()));
		await start.verify(context);
		assert.equal(context.recall(milestones.inService) !== undefined, isInService);
	});
}

test('a backup made before OMFLOW was started again is made anew, whatever its files say', async t => {
	const context = await halfRun(t);
	if (!context) {
		return;
	}

	await context.record(recorded.patchBegun, undefined);
	assert.ok(context.recall(recorded.sealed));
	context.answer = ({id}) => (id === 'stop/again' ? {kind: 'choice', value: 'stop'} : undefined);
	await stop.do(context);
	assert.ok(context.events.includes('ask stop/again'));
	assert.equal(await backup.look(context), 'todo');
});

test('a service whose script is gone counts as running as long as it listens, and as stopped after that', async t => {
	const context = await halfRun(t);
	if (!context) {
		return;
	}

	await context.record(recorded.patchBegun, undefined);
	await context.record(recorded.before, undefined);
	await rm(context.at('omflow/server/omflow_server'));
	await assert.rejects(
		stop.do(context),
		/^StepError: The server cannot be stopped: .*omflow_server could not be started\./,
	);
	// The look at what it answers has made it end.
	await stop.do(context);
	assert.deepEqual(await stop.verify(context), []);
});
