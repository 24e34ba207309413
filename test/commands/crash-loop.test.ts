import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {after, before, suite, test} from 'node:test';
import {run} from './program.js';
import {noView, Server} from './server.js';

const skip = await noView();

suite('a worker that always dies', {skip}, () => {
	let server: Server;
	before(async () => {
		server = await Server.open();
		// Its check asks this Python, which ends whoever asks.
		const python = '#!/bin/sh\necho "$PPID" >> /run/deaths\nkill -KILL "$PPID"\n';
		await writeFile(server.path('/opt/omflow/python/bin/python'), python, {mode: 0o755});
	});
	after(() => server?.close());

	test('is started a few times and no more, and what is left to do is said', async () => {
		const patch = await server.addPatch('omflow_patch_1_2_0_0.tar.gz', {'omflow_patch/readme.txt': ''});
		const {status, stderr} = await run(['upgrade', '--patch', patch, '--yes'], server);
		const deaths = (await readFile(server.path('/run/deaths'), 'utf8')).trim().split('\n');
		assert.equal(status, 4, stderr);
		assert.equal(new Set(deaths).size, 5, stderr);
		assert.match(
			stderr,
			/\nomflow-tui: The worker of the run \S+ ended again and again before the run was over, and is not started any more\. What it said is in \S+\/worker\.log\. Remove the cause and start omflow-tui: the run goes on where it stands\.\n$/,
		);
		const {working, run: known} = JSON.parse((await run(['status', '--json'], server)).stdout);
		assert.deepEqual([working, known.outcome], [false, undefined]);
	});
});
