import assert from 'node:assert/strict';
import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {ownPlace} from '../../source/preflight/own-place.js';
import {workshop} from '../host/support.js';
import {subjectOf} from './support.js';

/** All apart from the installation, but for what a case says. */
const apart = {program: 'omflow-tui.mjs', node: 'node', current: 'elsewhere', state: 'runs'};

for (const [name, parts, severity, sentence, remedy] of [
	['everything apart', {}, undefined, /^$/, /^$/],
	['a folder whose name only begins alike', {state: 'omflow-runs', program: 'omflow-tui'}, undefined, /^$/, /^$/],
	['the program', {program: 'omflow/server/omflow-tui.mjs'}, 'blocker', /^This program is in/, /^Copy it/],
	['Node', {node: 'omflow/python/bin/node'}, 'blocker', /^The Node /, /^Use a Node/],
	['the state', {state: 'omflow/python/runs/not-there-yet'}, 'blocker', /^The folder where runs/, /--state-dir/],
	['the state is the base', {state: 'omflow'}, 'blocker', /^The folder where runs/, /--state-dir/],
	['the working folder', {current: 'omflow/server'}, 'warning', /^Your working folder/, /“cd \/”/],
	['the state behind a link', {state: 'link/runs'}, 'blocker', /^The folder where runs/, /--state-dir/],
	['a working folder that was deleted', {current: undefined}, undefined, /^$/, /^$/],
] as const) {
	test(`inside the installation: ${name}`, async t => {
		const {directory, runner} = await workshop(t);
		await mkdir(join(directory, 'omflow/server'), {recursive: true});
		await mkdir(join(directory, 'omflow/python/bin'), {recursive: true});
		await writeFile(join(directory, 'omflow/server/omflow-tui.mjs'), '');
		await symlink('omflow/python', join(directory, 'link'));
		await symlink('omflow', join(directory, 'base'));
		const {state, current, ...programs} = {...apart, ...parts};
		const findings = await ownPlace(subjectOf(runner, {base: join(directory, 'base'), state: join(directory, state)}), {
			program: join(directory, programs.program),
			node: join(directory, programs.node),
			current: current && join(directory, current),
		});
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			severity ? [[severity, 'inside-tree']] : [],
		);
		assert.match(findings[0]?.sentence ?? '', sentence);
		assert.match(findings[0]?.remedy ?? '', remedy);
	});
}

test('inside the installation: this program, run from where it is', async t => {
	const {directory, runner} = await workshop(t);
	assert.deepEqual(await ownPlace(subjectOf(runner, {base: directory, state: `${directory}-runs`})), []);
	const [, , folder] = await ownPlace(subjectOf(runner, {base: '/', state: directory}));
	assert.ok(folder);
});
