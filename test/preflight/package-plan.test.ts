import assert from 'node:assert/strict';
import {test} from 'node:test';
import {packagePlan, planFor} from '../../source/preflight/package-plan.js';
import {rsync} from '../../source/preflight/rsync.js';
import {subjectOf, toBugfix, toNewPython} from './installation-of.js';
import {aptHost} from './support.js';

const withPackages = (...aptPackages: string[]) =>
	({...toNewPython, needs: {...toNewPython.needs, aptPackages}}) as typeof toNewPython;

test('packages that do not go together are found out before the run meets them', async t => {
	const {runner} = await aptHost(t, {
		installed: [['apache2-bin', '2.4.60+ppa']],
		offers: [
			['apache2-dev', '2.4.52', 'Depends: apache2-bin (= 2.4.52)'],
			['gcc', '12'],
		],
	});
	const subject = {...(await subjectOf(t)), runner};
	const ids = async (name: string) => {
		const on = {...subject, hops: [withPackages(name)]};
		return (await packagePlan(on, planFor(on))).map(({severity, id}) => `${severity} ${id}`);
	};
	assert.deepEqual(await ids('apache2-dev'), ['blocker package-plan']);
	assert.deepEqual(await ids('gcc'), []);
});

test('what would have to go for it is a blocker as well', async t => {
	const plan = {packages: [], downloadBytes: 0, installedBytes: 0, alreadyThere: [], unavailable: []};
	const subject = await subjectOf(t);
	assert.deepEqual(
		(await packagePlan(subject, Promise.resolve({...plan, removes: ['libapache2-mod-x']}))).map(
			({sentence}) => sentence,
		),
		['To install what is needed apt would remove libapache2-mod-x.'],
	);
	assert.deepEqual(await packagePlan(subject, Promise.resolve({...plan, removes: []})), []);
	assert.deepEqual(await packagePlan(subject, Promise.resolve(undefined)), []);
});

test('rsync must be there before a hop that installs no packages', async t => {
	const ids = async (hops: typeof subject.hops, program: string) =>
		(await rsync({...subject, hops}, program)).map(({severity, id}) => `${severity} ${id}`);
	const subject = await subjectOf(t);
	assert.deepEqual(await ids([toBugfix, toNewPython], '/nowhere/rsync'), ['blocker rsync']);
	assert.deepEqual(await ids([toNewPython], '/nowhere/rsync'), []);
	assert.deepEqual(await ids([toBugfix], '/bin/sh'), []);
	assert.deepEqual(await ids([], '/nowhere/rsync'), []);
});
