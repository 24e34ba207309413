import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {checkAgain, preflight} from '../../source/preflight/preflight.js';
import {examineAgain} from '../../source/runbook/examine.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';

test('a check that cannot be made is told, and takes none of the others with it', async t => {
	const whole = await subjectOf(t, {}, [toBugfix]);
	assert.ok(!(await preflight(whole)).some(({id}) => id === 'check-failed'));
	// Its Apache has gone since it was found.
	const apache = {kind: 'debian', root: '/nowhere', mainFile: '', control: '', files: [], errorLog: ''} as const;
	const findings = await preflight({...whole, installation: {...whole.installation, apache}});
	const failed = findings.filter(({id}) => id === 'check-failed');
	assert.ok(failed.length > 0 && failed.every(({severity}) => severity === 'warning'));
	assert.match(failed[0]?.evidence ?? '', /No Apache configuration was found in \/nowhere/);
	assert.ok(
		findings.some(({id}) => id === 'version'),
		'the others are there',
	);
});

test('blockers come first, then warnings', async t => {
	const subject = await subjectOf(t, {}, [toBugfix]);
	const order = (await preflight(subject)).map(({severity}) => ['blocker', 'warning', 'info'].indexOf(severity));
	assert.ok(order.includes(0) && order.includes(2));
	assert.deepEqual(order, order.toSorted());
});

test('an environment that does not run blocks where it is to stay', async t => {
	const broken = {severity: 'warning', id: 'environment-broken', sentence: 'It does not run.'} as const;
	const severity = async (hops: Parameters<typeof subjectOf>[2]) => {
		const subject = await subjectOf(t, {findings: [broken]}, hops);
		await mkdir(join(subject.directory, 'server'));
		await writeFile(join(subject.directory, 'server/db.omflow'), '');
		return (await preflight(subject)).find(({id}) => id === 'environment-broken')?.severity;
	};
	assert.equal(await severity([toBugfix]), 'blocker');
	assert.equal(await severity([toNewPython]), 'warning');
	assert.equal(await severity([]), 'warning');
});

test('one finding is checked again by the check that told it', async t => {
	const subject = await subjectOf(t, {}, [toBugfix]);
	const named = async (id: string) => (await preflight(subject)).filter(finding => finding.id === id);
	const version = await named('version');
	assert.deepEqual(await checkAgain(subject, version), version);
	// What has changed since is seen, and only what was asked about.
	const nowhere = {...subject, hops: []};
	assert.deepEqual(await checkAgain(nowhere, version), []);
	const copied = version.map(finding => ({...finding}));
	assert.equal(await checkAgain(subject, copied), undefined, 'of another process: nobody here told it');
});

test('a check that can no longer be made is told when one of its findings is asked for', async t => {
	const subject = await subjectOf(t, {}, [toBugfix]);
	const apache = {kind: 'debian', root: '/nowhere', mainFile: '', control: '', files: [], errorLog: ''} as const;
	const broken = {...subject, installation: {...subject.installation, apache}};
	const ids = (await examineAgain(broken, undefined, 'apache-site', [])).map(({id}) => id);
	assert.ok(ids.includes('check-failed'));
	assert.ok(!ids.includes('version'));
});
