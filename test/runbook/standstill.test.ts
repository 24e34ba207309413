import assert from 'node:assert/strict';
import {access, chmod, mkdir, readFile, rm} from 'node:fs/promises';
import {type AddressInfo, createServer, type Server} from 'node:net';
import {type TestContext, test} from 'node:test';
import {mark} from '../../source/host/venv.js';
import {installationBefore, paths, recorded} from '../../source/runbook/facts.js';
import {apply} from '../../source/runbook/steps/apply.js';
import {backup} from '../../source/runbook/steps/backup.js';
import {start} from '../../source/runbook/steps/start.js';
import {stop} from '../../source/runbook/steps/stop.js';
import {exchangeEnvironment} from '../../source/runbook/steps/switch.js';
import {controlScript, lacks, type Tried, tryOut} from './context.js';

/** OMFLOW of these tests: it runs and listens until its script stops it, which it hears on its port. */
async function running(t: TestContext): Promise<{context: Tried; server: Server} | undefined> {
	const missing = await lacks('/usr/bin/rsync');
	if (missing) {
		t.skip(missing);
		return undefined;
	}

	const server = createServer(socket => {
		socket.destroy();
		server.close();
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => server.close());
	const {port} = server.address() as AddressInfo;
	const context = await tryOut(t, {port});
	const script = await context.put(
		'omflow/server/omflow_server',
		controlScript(context.at('running'), `: < /dev/tcp/127.0.0.1/${port} || :`),
	);
	await chmod(script, 0o755);
	await context.put('omflow/server/db.omflow', '');
	await backup.do(context);
	await context.put('running', '');
	return {context, server};
}

const breakages: Record<string, (context: Tried) => Promise<unknown>> = {
	removed: async context => rm(context.at('omflow/server/omflow_server')),
	emptied: async context => context.put('omflow/server/omflow_server', ''),
	'cut in the middle': async context => context.put('omflow/server/omflow_server', '#!/bin/bash\ncase "$1" in\n'),
	'one that knows no status': async context => context.put('omflow/server/omflow_server', '#!/bin/bash\nexit 0\n'),
};
for (const [how, damage] of Object.entries(breakages)) {
	test(`files go back with the control script ${how} by the patch`, async t => {
		const there = await running(t);
		if (!there) {
			return;
		}

		const {context, server} = there;
		const before = await readFile(context.at('omflow/server/omflow_server'), 'utf8');
		await context.record(recorded.patchBegun, true);
		await damage(context);
		await start.undo?.(context);
		assert.equal(server.listening, false, 'stopped before anything goes back');
		await apply.undo?.(context);
		assert.equal(await readFile(context.at('omflow/server/omflow_server'), 'utf8'), before);
		await assert.rejects(access(context.at('running')));
	});
}

test('files go back with no script to ask when nothing listens, and not while something does', async t => {
	const there = await running(t);
	if (!there) {
		return;
	}

	const {context, server} = there;
	await context.put('omflow/server/omflow_server', '#!/bin/bash\nexit 1\n');
	await context.put('run/backup/omflow/server/omflow_server', '[ "$1" != stop ]\n');
	await assert.rejects(async () => start.undo?.(context), /does not stop: port \d+ is taken by node \(process \d+\)\./);
	server.close();
	await start.undo?.(context);
});

for (const isNew of [true, false]) {
	test(`the environment is not exchanged ${isNew ? '' : 'back '}under a running OMFLOW`, async t => {
		const there = await running(t);
		if (!there) {
			return;
		}

		const {context, server} = there;
		const aside = paths.staging(context.facts);
		await mkdir(aside, {recursive: true});
		await mark(isNew ? aside : paths.environment(context.facts), context.facts.run);
		await (isNew ? exchangeEnvironment.do(context) : exchangeEnvironment.undo?.(context));
		assert.equal(server.listening, false);
		assert.equal(await exchangeEnvironment.look(context), isNew ? 'done' : 'partial');
		const exchanged = context.events.findIndex(event => event.startsWith('renameat2'));
		assert.ok(exchanged > context.events.findIndex(event => event.endsWith('omflow_server stop')));
		assert.equal(context.events[exchanged - 1], `sync --file-system ${aside}`);
		// A second time there is nothing to exchange, and nothing is stopped for it.
		await context.put('running', '');
		await (isNew ? exchangeEnvironment.do(context) : exchangeEnvironment.undo?.(context));
		await access(context.at('running'));
	});
}

test('a run that was begun when a server was always alone is taken back all the same', async t => {
	const there = await running(t);
	if (!there) {
		return;
	}

	const {context} = there;
	const {role: _role, directory: server, beside: _beside, settings: _settings, ...found} = installationBefore(context);
	await context.record(recorded.installation, {...found, server});
	await context.record(recorded.before, {ran: true, answered: false});
	await rm(context.at('running'), {force: true});
	await stop.undo?.(context);
	await access(context.at('running'));
});
