import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {routeFor} from '../../source/commands/runbook.js';
import {Ledger} from '../../source/engine/ledger.js';
import {type Plan, places, runPlaces} from '../../source/engine/places.js';
import type {AskedQuestion} from '../../source/engine/state.js';
import {StopRequest} from '../../source/engine/step.js';
import {environmentSteps} from '../../source/runbook/environment.js';
import {type Facts, paths, recorded} from '../../source/runbook/facts.js';
import {generalSteps} from '../../source/runbook/general.js';
import {withAgreement} from '../../source/runbook/steps/agreement.js';
import {type Tried, tryOut} from './context.js';

const patchFiles = {'omflow_patch/patch.sh': '#!/bin/bash\n'};

/** A hop whose patch is unpacked already, and has these terms. */
async function unpacked(t: TestContext, terms: Readonly<Record<string, string>> = {}): Promise<Tried> {
	const context = await tryOut(t);
	for (const [name, text] of Object.entries({...patchFiles, ...terms})) {
		await context.put(join('run/patch', name), text);
	}

	await context.record('patch-script', 'omflow_patch/patch.sh');
	return context;
}

/** An archive for a later hop. */
async function packed(context: Tried, files: Readonly<Record<string, string>>): Promise<string> {
	const folder = context.at('later');
	for (const [name, text] of Object.entries({...patchFiles, ...files})) {
		await mkdir(dirname(join(folder, name)), {recursive: true});
		await writeFile(join(folder, name), text);
	}

	const archive = context.at('omflow_patch_1_2_0_1.tar.gz');
	execFileSync('tar', ['-czf', archive, '-C', folder, '.']);
	return archive;
}

function stepFor(facts: Facts, ...later: readonly Facts[]) {
	const hops = [facts, ...later].map((each, index) => ({
		to: each.to,
		steps: index === 0 ? environmentSteps : generalSteps,
		facts: each,
	}));
	return withAgreement(hops).map(({steps}) => {
		const step = steps.find(({id}) => id === 'agreement');
		assert.ok(step);
		return step;
	});
}

/** Remembers what is asked. */
function listen(context: Tried, value: string): AskedQuestion[] {
	const asked: AskedQuestion[] = [];
	context.answer = question => {
		asked.push(question);
		return {kind: 'choice', value};
	};
	return asked;
}

const detailsOf = (question: AskedQuestion | undefined) =>
	question?.kind === 'choice' ? (question.details ?? '') : '';

test('every step ahead is named with its number and what it is for, and nothing that is not wanted', async t => {
	const context = await unpacked(t);
	const [step] = stepFor(context.facts);
	const asked = listen(context, 'agree');
	assert.equal(await step?.look(context), 'todo');
	await step?.do(context);
	const lines = detailsOf(asked[0]).split('\n');
	assert.match(lines[0] ?? '', /^OMFLOW is down once, for how long is not known yet/);
	const numbered = lines.filter(line => /^\d+\. /.test(line));
	assert.match(numbered[0] ?? '', /^1\. Packages \[3]: apt adds/);
	assert.ok(
		numbered.every(line => /: \S.*\.$/.test(line)),
		numbered.join('\n'),
	);
	assert.ok(numbered.some(line => line.includes('Run patch.sh [8b]: ')));
	assert.doesNotMatch(lines.join('\n'), /drill|python3 link|terms/i);
	assert.equal(await step?.look(context), 'done');
});

test('the terms are shown whole, and kept as evidence with their digest', async t => {
	const context = await unpacked(t, {'omflow_patch/LICENSE.txt': 'Do no harm.\nEnd.\n'});
	const [step] = stepFor(context.facts);
	const asked = listen(context, 'agree');
	await step?.do(context);
	assert.match(asked[0]?.prompt ?? '', /From 1\.1\.6\.3 to 1\.2\.0\.0: .*vendor's terms/);
	assert.match(detailsOf(asked[0]), /LICENSE\.txt in patch\.tar\.gz\nSHA-256 [\da-f]{64}\n\nDo no harm\.\nEnd\.$/);
	const {at, terms} = context.recall<{at: number; terms: Array<Record<string, unknown>>}>(recorded.agreement) ?? {};
	assert.ok(Math.abs(Date.now() - (at ?? 0)) < 60_000);
	assert.deepEqual(
		terms?.map(({name, text, to}) => [name, to, text]),
		[['LICENSE.txt', '1.2.0.0', undefined]],
	);
	assert.ok(context.events.includes(detailsOf(asked[0])), 'what was agreed to is in the log');

	await context.put('run/patch/omflow_patch/LICENSE.txt', 'Pay twice.\n');
	assert.equal(await step?.look(context), 'todo', 'other terms were not agreed to');
});

test('who does not agree now ends the run, and is asked again', async t => {
	const context = await unpacked(t);
	const [step] = stepFor(context.facts);
	const asked = listen(context, 'later');
	await assert.rejects(async () => step?.do(context), StopRequest);
	assert.equal(asked[0]?.always, true);
	assert.equal(asked[0]?.kind === 'choice' && asked[0].initial, 'later');
	assert.equal(context.recall(recorded.agreement), undefined);
	assert.equal(await step?.look(context), 'todo');
});

test('a way of several hops is agreed to once, with the terms of each archive', async t => {
	const context = await unpacked(t, {'omflow_patch/LICENSE': 'Of the first.\n'});
	const archive = await packed(context, {'EULA.txt': 'Of the second.\n'});
	const {facts} = context;
	const second = {from: '1.2.0.0', to: '1.2.0.1', archive};
	const first: Facts = {...facts, run: 'this-run@1.2.0.0', hops: [...facts.hops, second]};
	const {needs: _, ...rest} = facts;
	const last: Facts = {...rest, run: 'this-run@1.2.0.1', to: '1.2.0.1', patch: archive, hops: [second]};
	const [step, later] = stepFor(first, last);
	const asked = listen(context, 'agree');
	const inFirst = {...context, facts: first};
	await step?.do(inFirst);
	const details = detailsOf(asked[0]);
	assert.match(details, /^1\.1\.6\.3 → 1\.2\.0\.0 → 1\.2\.0\.1\n/);
	assert.match(details, /^From 1\.2\.0\.0 to 1\.2\.0\.1:\n1\. Check/m);
	assert.match(
		details,
		/Of the first\.[\s\S]*1\.2\.0\.1: EULA\.txt in omflow_patch_1_2_0_1\.tar\.gz[\s\S]*Of the second\./,
	);
	assert.ok(!(await readdir(context.directory)).includes('terms'), 'what was only looked into is gone');

	// The next hop has notes of its own; what was agreed to it finds in the ledger of the run.
	const run = places.run(facts.state, 'this-run');
	await mkdir(run, {recursive: true});
	const ledger = new Ledger(runPlaces.ledger(run));
	ledger.record(`${recorded.agreement}@1.2.0.0`, context.recall(recorded.agreement));
	ledger.close();
	const inLast = {...context, facts: last, directory: context.at('hop'), recall: () => undefined};
	await context.put('hop/patch/omflow_patch/patch.sh', '');
	await context.put('hop/patch/EULA.txt', 'Of the second.\n');
	assert.equal(paths.patch(inLast), context.at('hop/patch'));
	assert.equal(await later?.look(inLast), 'done');
	await context.put('hop/patch/EULA.txt', 'Of somebody else.\n');
	assert.equal(await later?.look(inLast), 'todo');
	await later?.do(inLast);
	assert.match(asked[1]?.prompt ?? '', /^From 1\.2\.0\.0 to 1\.2\.0\.1: /);
	assert.doesNotMatch(detailsOf(asked[1]), /Of the first/);
});

test('an archive of a later hop that cannot be read blocks before anything is changed', async t => {
	const context = await unpacked(t);
	const patch = await context.put('omflow_patch_1_2_0_1.tar.gz', 'no archive');
	const [step] = stepFor(context.facts, {...context.facts, to: '1.2.0.1', patch});
	await assert.rejects(async () => step?.do(context), /omflow_patch_1_2_0_1\.tar\.gz/);
	assert.equal(context.recall(recorded.agreement), undefined);
	assert.equal(await readFile(patch, 'utf8'), 'no archive');
});

test('only an upgrade asks for it, after the patch was looked into and before packages come', () => {
	const idsOf = (kind: Plan['kind'], runbook: string) => {
		const hops = [{to: '1.2.0.0', runbook, options: {}}];
		const options = {base: '/opt/omflow'};
		const plan: Plan = {
			...{schema: 2, id: '20260101-000000', kind, host: 'here', to: '1.2.0.0', hops, createdAt: 0, unattended: true},
			...{networkEnvironment: {}, options},
		};
		return routeFor(plan, '/state').hops.flatMap(({steps}) => steps.map(({id}) => id));
	};
	assert.deepEqual(idsOf('upgrade', 'environment').slice(0, 4), ['check', 'patch', 'agreement', 'packages']);
	assert.deepEqual(idsOf('upgrade', 'general').slice(0, 4), ['check', 'patch', 'agreement', 'copy']);
	assert.ok(!idsOf('rehearsal', 'environment').includes('agreement'));
	assert.ok(!idsOf('restore', 'restore').includes('agreement'));
});

test('a run that has changed something is not asked in the middle of it, whichever program began it', async t => {
	const context = await unpacked(t, {'omflow_patch/LICENSE': 'Other terms by now.\n'});
	const [step] = stepFor(context.facts);
	assert.equal(await step?.look(context), 'todo');
	await mkdir(paths.backup(context));
	assert.equal(await step?.look(context), 'done');

	const other = await unpacked(t);
	await other.record(recorded.systemPackages, []);
	assert.equal(await stepFor(other.facts)[0]?.look(other), 'done');
});
