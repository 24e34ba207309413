import assert from 'node:assert/strict';
import test from 'node:test';
import {silenceLines} from '../../source/console/silence.js';
import {createTheme} from '../../source/console/theme.js';
import type {WaitsFor} from '../../source/engine/waiting.js';
import {packagesRunning, withSteps} from './fixtures/states.js';

const {glyphs} = createTheme({ascii: false, color: false});

const waits: ReadonlyArray<readonly [what: WaitsFor, command: string]> = [
	[{kind: 'lock', pid: 77, holder: {pid: 12, program: 'dpkg'}}, 'ps -fp 12'],
	[{kind: 'stopped', pid: 77}, 'kill -CONT 77'],
];

for (const [on, command] of waits) {
	test(`${command} is advised on the host, and not in a rehearsal, where the number is another process`, () => {
		const told = (kind: 'upgrade' | 'rehearsal') => {
			const waiting = {since: 0, on, processes: [], more: 0, cuttable: false};
			const state = {...withSteps(packagesRunning(), {packages: {waiting}}), kind};
			const step = state.steps.find(({id}) => id === 'packages');
			assert.ok(step);
			const lines = silenceLines(state, step, {driving: true, now: 60_000, columns: 200, glyphs});
			return lines.map(line => line.map(({text}) => text).join('')).join('\n');
		};
		assert.ok(told('upgrade').includes(command));
		assert.ok(!told('rehearsal').includes(command));
	});
}
