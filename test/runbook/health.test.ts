import assert from 'node:assert/strict';
import {once} from 'node:events';
import {chmod, readFile, writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {type TestContext, test} from 'node:test';
import type {Finding, Health} from '../../source/engine/state.js';
import {StepError, StopRequest} from '../../source/engine/step.js';
import {installationBefore, paths, recorded} from '../../source/runbook/facts.js';
import {lookAtOld} from '../../source/runbook/old-version.js';
import {health} from '../../source/runbook/steps/health.js';
import {keep} from '../../source/runbook/steps/keep.js';
import {packages} from '../../source/runbook/steps/packages.js';
import {exchangeEnvironment} from '../../source/runbook/steps/switch.js';
import {lacks, type Tried, tryOut} from './context.js';

const configured = '[mpm_event:notice] AH00489: Apache/2.4.57 (Debian) mod_wsgi/5.0 Python/3.11 configured\n';

/** The new version in service, and in good health. */
async function inService(t: TestContext): Promise<Tried & {server: Server}> {
	const server = createServer((_request, response) => response.end('OMFLOW'));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const context = await tryOut(t, {port: (server.address() as AddressInfo).port});
	await context.put('omflow/server/omflow/syscom/version.bin', 'version=1.2.0.0\n');
	await context.put('running', '');
	await context.put('error.log', `a line of before\n${configured}`);
	await context.record(recorded.logPositions, {[context.at('error.log')]: 17});
	return Object.assign(context, {server});
}

async function says(context: Tried, script: string): Promise<void> {
	await chmod(await context.put('omflow/server/omflow_server', `#!/bin/bash\n${script}\n`), 0o755);
}

const traceback = '[wsgi:error] [pid 1] Traceback (most recent call last):\n[wsgi:error] [pid 1] KeyError: 1\n';

const cases: ReadonlyArray<readonly [what: string, Health, id: string, change: (context: Tried) => Promise<unknown>]> =
	[
		['everything is well', 'good', 'http', async () => {}],
		['the script says that it does not run', 'bad', 'service-status', async context => says(context, 'exit 3')],
		['the script does not tell', 'unknown', 'service-status', async context => says(context, 'exit 4')],
		['a traceback', 'bad', 'wsgi-error', async context => context.put('error.log', configured + traceback)],
		[
			'an error without a traceback',
			'unknown',
			'wsgi-error',
			async context => context.put('error.log', `${configured}[wsgi:error] [pid 1] deprecated\n`),
		],
		['a log that cannot be read', 'unknown', 'log', removeLog],
		['no word about Python', 'unknown', 'apache-python', async context => context.put('error.log', '')],
		[
			'the wrong Python',
			'bad',
			'apache-python',
			async context => context.put('error.log', configured.replace('3.11', '3.8')),
		],
		[
			'the wrong version',
			'bad',
			'version',
			async context => context.put('omflow/server/omflow/syscom/version.bin', 'version=1.1.6.3\n'),
		],
	];

async function removeLog(context: Tried): Promise<void> {
	// Where the file was there is a folder: not even root reads that.
	await context.run(['/bin/rm', context.at('error.log')]);
	await context.put('error.log/x', '');
}

for (const [what, verdict, id, change] of cases) {
	test(`health: ${what} is ${verdict}`, async t => {
		const context = await inService(t);
		await change(context);
		const findings = await health.verify(context);
		const finding = findings.find(found => found.id === id && found.health === verdict);
		assert.ok(finding, JSON.stringify(findings, null, 1));
		assert.equal(finding.severity, {good: 'info', bad: 'blocker', unknown: 'warning'}[verdict]);
		assert.equal(context.recall<{verdict: Health}>(recorded.seen)?.verdict, verdict);
	});
}

test('no answer in time says nothing as long as the process lives', async t => {
	const context = await inService(t);
	context.server.removeAllListeners('request');
	const asked = once(context.server, 'request');
	t.mock.timers.enable({apis: ['setTimeout']});
	const looking = health.verify(context);
	await asked;
	t.mock.timers.tick(20_000);
	const http = (await looking).find(({id}) => id === 'http');
	assert.equal(http?.health, 'unknown', String(http?.sentence));
});

test('in doubt a person decides: look again, keep or roll back; nobody is no decision', async t => {
	const context = await inService(t);
	await says(context, 'exit 4');
	await health.verify(context);
	await assert.rejects(keep.do(context), (error: Error) => {
		assert.ok(error instanceof StopRequest && error.outcome === 'needs-attention');
		assert.match(error.message, /omflow_server status does not tell whether it runs: .*omflow-tui rollback --yes/);
		return true;
	});
	// Looked at again it is well by now, and then it is the ordinary question.
	await says(context, '[ -e running ] || exit 0');
	context.answer = ({id}) => (id === 'keep/doubt' ? {kind: 'choice', value: 'again'} : undefined);
	await keep.do(context);
	assert.deepEqual(
		context.events.filter(event => event.startsWith('ask')),
		['ask keep/doubt', 'ask keep/doubt', 'ask keep/decision'],
	);
	// Or it turns out to be bad: that is a failure, for which there is another question.
	await context.record(recorded.seen, {verdict: 'unknown', doubts: []});
	await says(context, 'exit 3');
	await assert.rejects(keep.do(context), (error: Error) => error instanceof StepError);
});

test('the old version is looked at as the new one is', async t => {
	const context = await inService(t);
	const before = {server: {ran: true, answered: true}};
	await context.put('omflow/server/omflow/syscom/version.bin', 'version=1.1.6.3\n');
	await context.put('error.log', configured.replace('3.11', '3.8'));
	const {errorLog} = installationBefore(context).apache ?? {};
	const since = {[errorLog ?? '']: 0};
	const verdicts = (findings: readonly Finding[]) => new Set(findings.map(found => found.health));
	assert.deepEqual(verdicts(await lookAtOld(context, before, since)), new Set(['good']));
	await writeFile(errorLog ?? '', traceback);
	// It answers, and what it logs it may have logged before: that is for people to read.
	assert.deepEqual(verdicts(await lookAtOld(context, before, since)), new Set(['good', 'unknown']));
	await context.put('omflow/server/omflow/syscom/version.bin', 'version=1.2.0.0\n');
	await assert.rejects(
		lookAtOld(context, before, since),
		/1\.1\.6\.3 was started again, but version\.bin of the server/,
	);
});

test('what a rollback would do by hand is what is left to do', async t => {
	const context = await tryOut(t);
	const before = await context.put('run/site/0-before.conf', 'old\n');
	const path = await context.put('apache/django.conf', 'new\n');
	await context.record(recorded.site, {files: [{path, before, draft: path}], module: 'x'});
	assert.deepEqual(await exchangeEnvironment.byHand?.(context), [`cp ${before} ${path}`]);
});

test('packages that came are listed also when apt was cut, and stay', async t => {
	const missing = await lacks('/usr/bin/dpkg-query');
	if (missing) {
		t.skip(missing);
		return;
	}

	const context = await tryOut(t);
	assert.equal(packages.stays?.(context), undefined);
	const {stdout} = await context.capture(['dpkg-query', '-W', '-f', '$' + '{binary:Package}\n']);
	const names = stdout.trim().split('\n');
	await context.record(recorded.systemPackages, names.slice(2));
	assert.deepEqual(await packages.undo?.(context), []);
	const file = paths.packagesAdded(context);
	assert.equal(await readFile(file, 'utf8'), `${names.slice(0, 2).join('\n')}\n`);
	assert.match(packages.stays?.(context) ?? '', new RegExp(`^2 packages .* apt-get remove \\$\\(cat ${file}\\)$`));
});
