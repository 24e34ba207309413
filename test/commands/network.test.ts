import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {suite, test} from 'node:test';
import {digestHost, processesWith} from '../rehearsal/host.js';
import {makeStateDirectory, viewOf} from '../rehearsal/program.js';
import {closedPort, lastEvent, Program} from './program.js';
import {noView} from './server.js';

/** From the moment the step that cannot reach what it needs has begun, in milliseconds. */
const soon = 60_000;

suite('a rehearsal that reaches nobody ends soon, says whom, and leaves nothing', {skip: await noView()}, () => {
	const cases = [
		{
			title: 'package index',
			step: 'sample-environment',
			env: {PIP_INDEX_URL: `http://vera:secret@${closedPort}/simple`},
			said: /^The package index http:\/\/\S*@127\.0\.0\.1:9\/simple is out of reach \(Connection refused\)\. Check network, proxy and index in \/etc\/environment and \/etc\/pip\.conf/,
		},
		{
			title: 'mirror',
			step: 'sample-packages',
			env: {http_proxy: `http://${closedPort}`, https_proxy: `http://${closedPort}`},
			said: /^The package source \S+ is out of reach \(.*127\.0\.0\.1:9.*\)\. Check the network, and the proxy in \/etc\/apt\/apt\.conf\.d and \/etc\/environment|^The package sources of this machine offer no .* is out of reach/,
		},
	] as const;
	for (const {title, step, env, said} of cases) {
		test(title, {timeout: 300_000}, async t => {
			const state = await makeStateDirectory(t);
			const before = await digestHost();
			const program = new Program(['rehearse', '--sample', '--yes', '--json', '--state-dir', state], {env});
			const ended = await program.end();
			const {outcome, message} = lastEvent(ended);
			assert.deepEqual([ended.status, outcome], [1, 'rolled-back'], message);
			assert.match(message, said);
			assert.doesNotMatch(ended.stdout + ended.stderr, /secret/);
			const began = program.events.find(event => event.event === 'step' && event.step === step);
			const failed = program.events.find(event => event.event === 'step' && event.status === 'failed');
			assert.ok(began && failed?.event === 'step' && failed.step === step);
			assert.ok(failed.time - began.time < soon, `it took ${failed.time - began.time} ms`);

			assert.equal(await viewOf(state), undefined);
			assert.equal(existsSync(`${state}/rehearsal/view`), false);
			assert.deepEqual(await processesWith(state), []);
			assert.equal(await digestHost(), before);
		});
	}
});
