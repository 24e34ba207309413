import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {Evidence} from '../../source/console/screens/evidence.js';
import type {RunState} from '../../source/engine/state.js';
import {keys} from '../terminal.js';
import {assertFrame} from './fixtures/frames.js';
import {type Size, showScreen} from './fixtures/screen.js';
import {packagesRunning} from './fixtures/states.js';

const began = new Date(2026, 9, 12, 10, 12).getTime();

/** A run that is over, and whose steps all took some seconds. */
function over(change: Partial<RunState>, at = began): RunState {
	const {service: _, ...run} = packagesRunning(at);
	return {
		...run,
		status: 'ended',
		outcome: 'kept',
		message: '1.2.0.0 is kept.',
		endedAt: at + 400_000,
		steps: run.steps.map((step, index) => ({
			...step,
			status: 'done',
			startedAt: at + index * 10_000,
			endedAt: at + index * 10_000 + 7000,
		})),
		outageMilliseconds: 3100,
		...change,
	};
}

const {outcome: _, endedAt: __, ...cut} = over({}, began + 86_400_000);
const runs: RunState[] = [
	{...cut, status: 'running', id: 'run-3'},
	over({}),
	over({kind: 'rehearsal', outcome: 'needs-attention', message: 'The new version cannot be judged. Look at it.'}),
	over({kind: 'kit', to: '1.2.0.0', outageMilliseconds: 0, message: 'The kit is written.'}),
];

function show(t: TestContext, known: readonly RunState[], size: Size = {}) {
	const left: string[] = [];
	const screen = showScreen(
		t,
		(columns, rows) => (
			<Evidence load={async () => known} columns={columns} rows={rows} onLeave={how => left.push(how)} />
		),
		size,
	);
	return {...screen, left};
}

for (const [columns, rows, ascii] of [
	[80, 24, false],
	[60, 16, false],
	[60, 16, true],
] as const) {
	const name = `evidence-${columns}x${rows}${ascii ? '-ascii' : ''}`;
	test(`frames: ${name}, and the steps of one`, async t => {
		const {frame, press, until} = show(t, runs, {ascii, columns, rows});
		await assertFrame(name, await until('Enter open'));
		await press(keys.down);
		await press(keys.enter);
		await assertFrame(`${name}-steps`, await press(keys.down));
		assert.equal(frame().split('\n').length, rows);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
		assert.ok(!ascii || /^[\u0000-\u007F]*$/.test(frame()), frame());
	});
}

test('the log of a step is opened, searched and closed again', async t => {
	const logs = await mkdtemp(join(tmpdir(), 'omflow-tui-evidence-'));
	t.after(() => rm(logs, {recursive: true}));
	const lines = Array.from(
		{length: 100},
		(_, index) => `line ${index}${index === 99 ? ' goes on and on'.repeat(8) : ''}\n`,
	);
	await writeFile(join(logs, 'packages.log'), lines.join(''));
	const {frame, press, until, stdin, turns, left} = show(t, [over({logs})]);
	await until('Enter open');
	await press(keys.enter);
	await press(keys.down);
	await press(keys.down);
	await press(keys.enter);
	await until(/Log of Install packages[\s\S]*line 99/);
	assert.equal(frame().match(/goes/g)?.length, 5);
	await press('w');
	await until(/(?:goes[\s\S]*){8}/);
	await press('w');
	await press('/');
	await press('line 42');
	await press(keys.enter);
	await until(/line 42[\s\S]*line 43/);
	await press(keys.escape);
	await until(/› \S Install packages/);
	await press(keys.escape);
	await until('Enter open');
	stdin.write(keys.escape);
	await turns(() => left.length > 0);
	assert.deepEqual(left, ['back']);
});

test('where no run is known, that is said', async t => {
	await show(t, []).until('No run is known on this host.');
});
