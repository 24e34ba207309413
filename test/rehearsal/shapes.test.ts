import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {decideWay, planned} from '../../source/commands/way.js';
import {releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {samplePassword, sampleShapes, sampleUrl} from '../../source/rehearsal/sample.js';
import {sampleArchives} from '../../source/rehearsal/steps.js';
import {checkView} from '../../source/rehearsal/view.js';
import {lastEvent, Program} from '../commands/program.js';
import {digestHost, processesWith} from './host.js';
import {openPlannedView} from './planned-view.js';
import {killWorker, makeStateDirectory, Rehearsal, rehearsalPatience, sampleSays} from './program.js';

const skip = await checkView('/tmp/omflow-tui-sample-test').then(
	() => false as const,
	(error: Error) => error.message,
);
const timeout = rehearsalPatience;

/** Shapes whose upgrade the preflight does not let through yet. */
for (const [shape, product] of [
	['postgresql', /PostgreSQL 1\d/],
	['mariadb', /MariaDB 1\d\.\d/],
] as const) {
	test(`a sample with ${shape} survives a kill while it is built, and answers`, {skip, timeout}, async t => {
		const state = await makeStateDirectory(t);
		const before = await digestHost();
		const rehearsal = new Rehearsal(state, ['--shape', shape]);
		await rehearsal.until(
			event => event.event === 'command' && event.command === 'python3 manage.py migrate --noinput',
		);
		await killWorker();
		await rehearsal.step('sample-start', 'done');
		assert.ok(
			commandsOf(rehearsal, 'sample-server').filter(command => /migrate/.test(command)).length > 1,
			'built afresh',
		);
		// What it answered when it was asked over HTTP.
		const facts = rehearsal.events.flatMap(event =>
			event.event === 'pane' && event.step === 'sample-start' && event.pane.kind === 'facts' ? event.pane.facts : [],
		);
		assert.equal(new Map(facts).get('Version'), sampleShapes[shape].version);
		assert.equal(new Map(facts).get('Rows'), '3');

		assert.equal(await rehearsal.end(), 3, rehearsal.stderr);
		const end = rehearsal.events.at(-1);
		assert.ok(end?.event === 'run-ended');
		assert.equal(end.outcome, 'blocked');
		const check = rehearsal.events.findLast(event => event.event === 'step' && event.step === 'check');
		const findings = check?.event === 'step' ? (check.findings ?? []) : [];
		assert.deepEqual(
			findings.filter(({severity}) => severity === 'blocker').map(({id}) => id),
			['database-engine'],
		);
		// The old environment's own driver has asked the real server.
		assert.match(findings.find(({id}) => id === 'database-version')?.sentence ?? '', product);
		const written = await promisify(execFile)('grep', ['-rlF', samplePassword, state]).catch(error => error);
		assert.equal(written.code, 1, `no file of the run holds the password: ${written.stdout}`);
		assert.deepEqual(await processesWith(state), []);
		assert.equal(await digestHost(), before, 'the host is as it was');
	});
}

/** What of OMFLOW each of these shapes has. */
for (const [shape, roles] of [
	['collector', ['collector']],
	['both', ['server', 'collector']],
] as const) {
	test(`a sample with ${roles.join(' and ')} is upgraded with all it has`, {skip, timeout}, async t => {
		const {version, to} = sampleShapes[shape];
		const asked = {to, via: [], sha256: undefined};
		const sample = await openPlannedView(
			shape,
			planned(decideWay(parseVersion(version), sampleArchives, releases, asked).hops),
		);
		t.after(() => sample.close());
		const says = async () => Promise.all(roles.map(role => sampleSays(sample.view, sampleUrl(shape, role))));
		const upgrade = new Program(['upgrade', '--yes', '--json'], sample);
		await upgrade.step('sample-start', 'done');
		const before = await says();
		const ended = await upgrade.end();
		const {message, outcome} = lastEvent(ended);
		assert.deepEqual([ended.status, outcome], [0, 'kept'], message);
		for (const [index, now] of (await says()).entries()) {
			const old = before[index];
			assert.deepEqual([old?.version, now.version], [version, to]);
			assert.deepEqual([now.rows, now.text], [old?.rows, old?.text]);
			assert.equal(now.django === old?.django, to === '1.1.6.3');
		}
	});
}

function commandsOf({events}: Rehearsal, step: string): string[] {
	return events.flatMap(event => (event.event === 'command' && event.step === step ? [event.command] : []));
}
