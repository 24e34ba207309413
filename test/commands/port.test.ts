import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {after, before, suite, test} from 'node:test';
import {samplePatch} from '../../source/rehearsal/steps.js';
import {openPlannedView, type PlannedView} from '../rehearsal/planned-view.js';
import {sampleSays} from '../rehearsal/program.js';
import {lastEvent, Program, run} from './program.js';
import {noView} from './server.js';

/** Tries again each millisecond, so that it has the port the moment Apache lets go, and leaves the processor to others. */
const stranger = `
const server = require('node:net').createServer();
const take = () => server.listen(80);
server.on('error', () => setTimeout(take, 1)).on('listening', () => console.log(process.pid));
take();`;

suite('a stranger takes the port while OMFLOW is stopped', {skip: await noView(), timeout: 600_000}, () => {
	let sample: PlannedView;
	before(async () => {
		const options = {from: '1.1.6.3', archive: samplePatch};
		sample = await openPlannedView('B', [{to: '1.2.0.0', runbook: 'environment', options}]);
	});
	after(() => sample?.close());

	const strangers: string[] = [];

	test('the run names it, says what is left to do, and ends with 4', async () => {
		const upgrade = new Program(['upgrade', '--yes', '--json'], sample);
		await upgrade.step('copy', 'running');
		// It counts as the view does, and so will the message.
		const [command = '', ...argv] = sample.wrap([process.execPath, '-e', stranger]);
		const child = spawn(command, argv, {stdio: ['ignore', 'pipe', 'inherit']});
		const pid = String(await once(child.stdout, 'data')).trim();
		strangers.push(pid);

		const ended = await upgrade.end();
		const {outcome, message} = lastEvent(ended);
		assert.deepEqual([ended.status, outcome], [4, 'needs-attention'], message);
		const taken = `port 80 is taken by node (process ${pid})`;
		const failed = upgrade.events.find(event => event.event === 'step' && event.status === 'failed');
		assert.ok(failed?.event === 'step');
		assert.deepEqual([failed.step, failed.note], ['stop', `The server was stopped, but ${taken}.`]);
		assert.equal(failed.remedy, "See who listens with: ss -ltnp 'sport = :80', and end it.");
		assert.equal(
			message,
			`Taking back “Stop OMFLOW” failed: OMFLOW 1.1.6.3 could not be started again: ${taken}. ` +
				"See who listens with: ss -ltnp 'sport = :80', and end it. " +
				'To start it by hand: “/opt/omflow/server/omflow_server start”. ' +
				'Still to do, in this order: Start OMFLOW as it was and see it answer. ' +
				'Remove the environment that was built aside. ' +
				'Remove the cause and start omflow-tui again: it goes on from here. ' +
				'To do it by hand: /var/lib/omflow-tui/runs/20260101-000000/by-hand.txt',
		);
	});

	test('once it is gone the run takes the rest back, and OMFLOW answers as before', async () => {
		const [command = '', ...argv] = sample.wrap(['kill', ...strangers]);
		await once(spawn(command, argv), 'exit');
		const ended = await run(['upgrade', '--yes', '--json'], sample);
		const {outcome, message} = lastEvent(ended);
		assert.deepEqual([ended.status, outcome], [1, 'rolled-back'], message);
		const {version, django, rows} = await sampleSays(sample.view);
		assert.deepEqual([version, django, rows], ['1.1.6.3', '2.2.28', 3]);
	});
});
