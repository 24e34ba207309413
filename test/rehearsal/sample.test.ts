import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CheckReport} from '../../source/commands/check.js';
import {samplePatch} from '../../source/rehearsal/steps.js';
import {checkView, type View} from '../../source/rehearsal/view.js';
import {isAsPublished} from '../schema.js';
import {keys, Terminal} from '../terminal.js';
import {digestHost, processesWith} from './host.js';
import {
	inside,
	killWorker,
	makeStateDirectory,
	program,
	Rehearsal,
	rehearsalPatience,
	sampleSays,
	viewOf,
} from './program.js';

const skip = await checkView('/tmp/omflow-tui-sample-test').then(
	() => false as const,
	(error: Error) => error.message,
);
const timeout = rehearsalPatience;

test('an unattended rehearsal survives three kills of its worker and ends kept', {skip, timeout}, async t => {
	const state = await makeStateDirectory(t);
	const before = await digestHost(state);
	const rehearsal = new Rehearsal(state);
	const commandOf = async (step: string) => rehearsal.until(event => event.event === 'command' && event.step === step);
	// apt of the sample, since a machine may have all that the upgrade itself needs.
	await commandOf('sample-packages');
	await killWorker();
	await rehearsal.step('sample-start', 'done');
	const view = await viewOf(state);
	assert.ok(view);
	const old = await sampleSays(view);
	assert.equal(old.version, '1.1.6.3');
	assert.match(String(old.django), /^2\.2\./);
	for (const step of ['python-packages', 'apply']) {
		await commandOf(step);
		await killWorker();
	}

	assert.equal(await rehearsal.end(), 0, rehearsal.stderr);
	const end = rehearsal.events.at(-1);
	assert.ok(end?.event === 'run-ended');
	assert.equal(end.outcome, 'kept');
	assert.ok(end.downtimeSeconds > 0, 'an outage was measured');
	assert.deepEqual(await processesWith(state), []);
	assert.equal(await digestHost(state), before, 'the host is as it was');
});

test('a patch that breaks the service is rolled back by itself', {skip, timeout}, async t => {
	const state = await makeStateDirectory(t);
	const rehearsal = new Rehearsal(state);
	await rehearsal.step('sample-start', 'done');
	const view = await viewOf(state);
	assert.ok(view);
	// Customers' code that only the new Django refuses, in a way no look at it can tell.
	const line = 'import django; assert django.VERSION < (4,)';
	await inside(view, 'sh', '-c', `echo "${line}" >> /opt/omflow/server/omcustom/urls.py`);
	assert.equal(await rehearsal.end(), 1, rehearsal.stderr);
	const end = rehearsal.events.at(-1);
	assert.ok(end?.event === 'run-ended');
	assert.equal(end.outcome, 'rolled-back');
	const undone = rehearsal.events.flatMap(event =>
		event.event === 'step' && event.status === 'undone' ? [event.step] : [],
	);
	// patch.sh itself fails in the migration, so nothing was started yet.
	assert.deepEqual(undone, ['apply', 'switch', 'stop', 'environment']);
	assert.ok(
		rehearsal.events.findLastIndex(({event}) => event === 'outage-ended') >
			rehearsal.events.findLastIndex(({event}) => event === 'outage-began'),
		'the old service answers at the end',
	);
});

test('the console upgrades, shows the new version, and takes everything back on request', {skip, timeout}, async t => {
	const state = await makeStateDirectory(t);
	const terminal = Terminal.spawn(process.execPath, [program, 'rehearse', '--sample', '--state-dir', state]);
	t.after(() => terminal.close());
	const waitFor = (text: string | RegExp) => terminal.waitFor(text, timeout);

	await waitFor('These Python packages will be installed');
	const view = await viewOf(state);
	assert.ok(view);
	await checkReports(view);
	terminal.send('a');
	// Where this machine has no older Python, the module keeps its path, and there is nothing to ask.
	const screen = await waitFor(/Apache will load the module from the new environment|Stop OMFLOW and upgrade/);
	if (screen.includes('Apache will load')) {
		terminal.send(keys.enter);
		await waitFor('Use these lines?');
		terminal.send(keys.enter);
	}

	await waitFor('Stop OMFLOW and upgrade');
	const old = await sampleSays(view);
	const tree = await digestInside(view);
	// Leaving the console changes nothing: the next one finds the same question.
	terminal.send('q');
	assert.equal((await terminal.waitForExit()).code, 0);
	const second = Terminal.spawn(process.execPath, [program, 'rehearse', '--state-dir', state]);
	t.after(() => second.close());
	await second.waitFor('Stop OMFLOW and upgrade');
	second.send(`${keys.down}${keys.enter}`);

	await second.waitFor('Keep 1.2.0.0', timeout);
	const now = await sampleSays(view);
	assert.equal(now.version, '1.2.0.0');
	assert.match(String(now.django), /^4\.2\./);
	assert.match(String(now.python), /^3\.11\./);
	assert.equal(now.rows, old.rows);
	assert.equal(now.text, old.text);
	assert.notDeepEqual(await digestInside(view), tree);

	second.send(`${keys.down}${keys.enter}`);
	await second.waitFor('The run is over', timeout);
	const back = await sampleSays(view);
	assert.equal(back.version, '1.1.6.3');
	assert.equal(back.django, old.django);
	assert.equal(back.rows, old.rows);
	assert.deepEqual(await digestInside(view), tree, 'files and environment are as before the window');
	second.send('q');
	assert.equal((await second.waitForExit(timeout)).code, 1);
	assert.deepEqual(await processesWith(state), []);
});

/** Lists everything below /opt/omflow with its content, but what a running Django writes itself. */
async function digestInside(view: View): Promise<string[]> {
	const script =
		'cd /opt/omflow && find . -path ./.omflow-tui -prune -o -type f ! -name "*.pyc" ! -name db.omflow ! -path "./server/logs/*" ' +
		'-exec sha256sum {} + -o -type l -printf "%p %l\\n" | sort; sha256sum /etc/apache2/sites-available/*';
	return (await inside(view, 'sh', '-c', script)).trim().split('\n');
}

/** What `check --json` says of the sample is as published, and tells everything about it. */
async function checkReports(view: View): Promise<void> {
	// Another state directory: in the one of the view a run is under way.
	const argv = [
		process.execPath,
		program,
		'check',
		'--json',
		'--patch',
		samplePatch,
		'--state-dir',
		'/var/tmp/no-runs',
	];
	const report = JSON.parse(await inside(view, ...argv)) as CheckReport;
	await isAsPublished(report, 'check');
	assert.equal(report.outcome, 'ready', JSON.stringify(report.findings, null, 1));
	assert.deepEqual(
		[report.installation?.base, report.installation?.version.text, report.installation?.database.kind],
		['/opt/omflow', '1.1.6.3', 'sqlite'],
	);
	assert.deepEqual(
		report.hops.map(({from, to, needs}) => [from, to, needs?.python]),
		[['1.1.6.3', '1.2.0.0', '3.11']],
	);
	const ids = report.findings.map(({id}) => id);
	for (const id of ['version', 'archive', 'service', 'database', 'disk']) {
		assert.ok(ids.includes(id), id);
	}
}
