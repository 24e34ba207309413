import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, suite, type TestContext, test} from 'node:test';
import type {RunState} from '../../source/engine/state.js';
import {keys, Terminal} from '../terminal.js';
import {treeDigest} from '../tree-digest.js';
import {program, run} from './program.js';
import {noView, Server} from './server.js';

const terms = `${Array.from({length: 80}, (_, index) => `${index + 1}. One of the conditions.`).join('\n')}\nTHE END\n`;

suite('what will be done is agreed to before anything is changed', {skip: await noView()}, () => {
	let server: Server;
	let patch: string;
	let untouched: string;
	before(async () => {
		server = await Server.open();
		patch = await server.addPatch('omflow_patch_1_1_6_4.tar.gz', {
			'omflow_patch/patch.sh': '#!/bin/bash\ncp -r server /opt/omflow/\n',
			'omflow_patch/LICENSE.txt': terms,
		});
		untouched = await digest();
	});
	after(() => server?.close());

	const digest = async () =>
		`${await treeDigest(server.path('/opt/omflow'))} ${await treeDigest(server.path('/etc/apache2'))}`;

	function start(t: TestContext): Terminal {
		const [command = '', ...rest] = server.wrap([process.execPath, program, 'upgrade', '--patch', patch]);
		const terminal = Terminal.spawn(command, rest, {columns: 100, rows: 30});
		t.after(() => terminal.close());
		return terminal;
	}

	async function known(): Promise<RunState> {
		return JSON.parse((await run(['status', '--json'], server)).stdout).run;
	}

	test('the terms are read to their end, and who does not agree now has changed nothing', async t => {
		const terminal = start(t);
		await terminal.waitFor(/From 1\.1\.6\.3 to 1\.1\.6\.4: read what will be done, and the vendor's terms/, 60_000);
		await terminal.waitFor(/1\. First backup copy \[1]: /);
		await terminal.waitFor(/Lines 1 to \d+ of \d+\. PgDn reads on\./);
		terminal.send(keys.end);
		await terminal.waitFor(/80\. One of the conditions\.[\s\S]*THE END[\s\S]*the end\. PgUp goes back\./);
		terminal.send(keys.enter);
		await terminal.waitFor(/STOPPED[\s\S]*Nothing was changed\. Start omflow-tui when the time/);
		terminal.send('q');
		assert.deepEqual(await terminal.waitForExit(60_000), {code: 5, signal: 0});
		assert.equal((await known()).outcome, 'stopped');
		assert.equal(await digest(), untouched);
	});

	test('it is asked again, and what was agreed to is kept with its time and the digest of the terms', async t => {
		const terminal = start(t);
		await terminal.waitFor('› Not now', 60_000);
		terminal.send(`${keys.down}${keys.enter}`);
		await terminal.waitFor(/✔ Agreement/, 60_000);
		const {id, steps} = await known();
		assert.equal(steps.find(step => step.id === 'agreement')?.status, 'done');
		const ledger = await readFile(server.path(`/var/lib/omflow-tui/runs/${id}/ledger.ndjson`), 'utf8');
		const entry = ledger
			.split('\n')
			.filter(Boolean)
			.map(line => JSON.parse(line))
			.find(({key}) => key === 'agreement');
		assert.ok(entry.value.at > 0);
		assert.deepEqual(
			entry.value.terms.map(({name, to}: {name: string; to: string}) => [name, to]),
			[['LICENSE.txt', '1.1.6.4']],
		);
		assert.match(entry.value.terms[0].sha256, /^[\da-f]{64}$/);
		assert.match(
			await readFile(server.path(`/var/lib/omflow-tui/runs/${id}/logs/agreement.log`), 'utf8'),
			/^THE END$/m,
		);
	});
});
