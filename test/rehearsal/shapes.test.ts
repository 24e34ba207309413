import assert from 'node:assert/strict';
import {test} from 'node:test';
import {decideWay, planned} from '../../source/commands/way.js';
import {releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {sampleShapes, sampleUrl} from '../../source/rehearsal/sample.js';
import {sampleArchives} from '../../source/rehearsal/steps.js';
import {checkView} from '../../source/rehearsal/view.js';
import {lastEvent, Program} from '../commands/program.js';
import {openPlannedView} from './planned-view.js';
import {rehearsalPatience, sampleSays} from './program.js';

const skip = await checkView('/tmp/omflow-tui-sample-test').then(
	() => false as const,
	(error: Error) => error.message,
);
const timeout = rehearsalPatience;

/** What of OMFLOW each of these shapes has. A collector alone is upgraded in ordinary.test.ts. */
for (const [shape, roles] of [['both', ['server', 'collector']]] as const) {
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
