import assert from 'node:assert/strict';
import {test} from 'node:test';
import {decideWay, planned} from '../../source/commands/way.js';
import {releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {sampleArchives} from '../../source/rehearsal/steps.js';
import {lastEvent, Program} from '../commands/program.js';
import {noView} from '../commands/server.js';
import {openPlannedView} from './planned-view.js';
import {killWorker, rehearsalPatience, sampleSays} from './program.js';

const skip = await noView();

test('two hops run unattended to kept, with a kill in each of them', {skip, timeout: rehearsalPatience}, async t => {
	const asked = {to: '1.2.0.0', via: ['1.1.6.3'], sha256: undefined};
	const {hops} = decideWay(parseVersion('1.1.6.1'), sampleArchives, releases, asked);
	const sample = await openPlannedView('hops', planned(hops));
	t.after(() => sample.close());
	const upgrade = new Program(['upgrade', '--yes', '--json'], sample);
	await upgrade.step('sample-start', 'done');
	const old = await sampleSays(sample.view);
	assert.equal(old.version, '1.1.6.1');

	await upgrade.until(event => event.event === 'command' && event.step === 'apply@1.1.6.3');
	await killWorker();
	await upgrade.step('keep@1.1.6.3', 'done');
	const between = await sampleSays(sample.view);
	assert.deepEqual([between.version, between.django, between.rows], ['1.1.6.3', old.django, old.rows]);

	await upgrade.until(event => event.event === 'command' && event.step === 'apply@1.2.0.0');
	await killWorker();
	const ended = await upgrade.end();
	const {downtimeSeconds, message, outcome} = lastEvent(ended);
	assert.deepEqual([ended.status, outcome], [0, 'kept'], message);
	assert.ok(downtimeSeconds > 0);
	const now = await sampleSays(sample.view);
	assert.equal(now.version, '1.2.0.0');
	assert.match(String(now.django), /^4\.2\./);
	assert.deepEqual([now.rows, now.text], [old.rows, old.text]);
});
