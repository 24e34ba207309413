import assert from 'node:assert/strict';
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {root} from '../../source/preflight/root.js';
import {workshop} from '../host/support.js';
import {subjectOf} from './support.js';

const isRoot = process.geteuid?.() === 0;

test('root is no finding', async t => {
	const {directory, runner} = await workshop(t);
	assert.deepEqual(await root(subjectOf(runner, {base: directory}), {user: 0, system: []}), []);
});

test('anybody else is a blocker that names what could not be read', {
	skip: isRoot ? false : 'only root can become nobody and root again',
}, async t => {
	const {directory, runner} = await workshop(t);
	const settings = join(directory, 'server/omflow/settings.py');
	const open = join(directory, 'open');
	const state = join(directory, 'state');
	await mkdir(dirname(settings), {recursive: true});
	await writeFile(settings, '', {mode: 0o600});
	await writeFile(open, '', {mode: 0o644});
	await mkdir(state, {mode: 0o700});
	await chmod(directory, 0o755);
	const places = {user: 65534, system: [open, join(directory, 'missing')]};
	process.seteuid?.(65534);
	const findings = await root(subjectOf(runner, {base: directory, state}), places).finally(() => {
		process.seteuid?.(0);
	});
	assert.deepEqual(
		findings.map(({severity, id, evidence}) => [severity, id, evidence]),
		[['blocker', 'root', `Not readable: ${settings}, ${state}.`]],
	);
});
