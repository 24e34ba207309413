import assert from 'node:assert/strict';
import test, {type TestContext} from 'node:test';
import {Findings, type FindingsSource} from '../../source/console/screens/findings.js';
import type {Finding} from '../../source/engine/state.js';
import {keys} from '../terminal.js';
import {assertFrame} from './fixtures/frames.js';
import {type Size, showScreen} from './fixtures/screen.js';

const disk: Finding = {
	severity: 'blocker',
	id: 'disk',
	sentence: 'The filesystem of /var/lib/omflow-tui has 0.4 GB free; 3.1 GB are needed.',
	remedy: 'Make room there, or let runs be kept on another disk with --state-dir.',
};
const sites: Finding = {
	severity: 'warning',
	id: 'apache-other-sites',
	sentence: 'Other sites share this Apache: they are down as long as OMFLOW is.',
	evidence: Array.from({length: 30}, (_, index) => `/etc/apache2/sites-enabled/site${index}.conf`).join('\n'),
	remedy: 'Tell their users.',
};
const version: Finding = {severity: 'info', id: 'version', sentence: '1.1.6.3 may be taken to 1.2.0.0.'};
const notes = Array.from(
	{length: 20},
	(_, index): Finding => ({
		severity: 'info',
		id: `note-${index}`,
		sentence: `Good to know, number ${index}.`,
	}),
);
const all = [version, ...notes, sites, disk];

function show(t: TestContext, source: Partial<FindingsSource> = {}, size: Size = {}) {
	const left: string[] = [];
	const whole = {title: 'Check the way to 1.2.0.0', found: all, ...source};
	const screen = showScreen(
		t,
		(columns, rows) => <Findings source={whole} columns={columns} rows={rows} onLeave={how => left.push(how)} />,
		size,
	);
	return {...screen, left};
}

for (const [columns, rows, ascii] of [
	[80, 24, false],
	[60, 16, false],
	[60, 16, true],
] as const) {
	const name = `catalogue-${columns}x${rows}${ascii ? '-ascii' : ''}`;
	test(`frames: ${name}, one opened, and the keys`, async t => {
		const {frame, press} = show(t, {check: async () => all}, {ascii, columns, rows});
		await assertFrame(name, frame());
		await press(keys.down);
		await assertFrame(`${name}-open`, await press(keys.enter));
		assert.equal(frame().split('\n').length, rows);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
		assert.ok(!ascii || /^[\u0000-\u007F]*$/.test(frame()), frame());
		assert.match(await press('?'), /Findings|Run/);
	});
}

test('severities and a text narrow the list; Esc shows everything again, then leads back', async t => {
	const {frame, press, stdin, turns, left} = show(t);
	assert.match(frame(), /blockers 1, warnings 1, notes 21/);
	assert.doesNotMatch(await press('1'), /apache-other-sites/);
	assert.match(await press('f'), /1 of 23\n[^\n]*apache-other-sites/);
	assert.match(await press('0'), /disk[\s\S]*apache-other-sites[\s\S]*version/);
	await press('/');
	await press('taken to');
	assert.match(await press(keys.enter), /1 of 23, with “taken to”\n[^\n]*version/);
	await press('2');
	assert.match(frame(), /None of that kind\. 0 shows everything\./);
	assert.match(await press(keys.escape), /disk/);
	stdin.write(keys.escape);
	await turns(() => left.length > 0);
	assert.deepEqual(left, ['back']);
});

test('an open finding has all of its evidence, which is scrolled', async t => {
	const {press} = show(t);
	await press(keys.down);
	assert.match(await press(keys.right), /Other sites share[\s\S]*Evidence[\s\S]*site0\.conf/);
	assert.match(await press(keys.end), /site29\.conf[\s\S]*What to do[\s\S]*Tell their users\./);
	assert.match(await press(keys.left), /› ! warning/);
});

test('one finding is checked again, and goes when it is no more', async t => {
	const asked: Array<string | undefined> = [];
	const answers = [[disk], [{...disk, sentence: 'Less is missing now.'}], []];
	const {frame, press, until} = show(t, {
		async check(id) {
			asked.push(id);
			return answers.shift() ?? [];
		},
	});
	await press('c');
	await until('Checked again: it is as it was.');
	await press('c');
	await until(/Less is missing now\.[\s\S]*Checked again: it has changed\./);
	await press(keys.enter);
	await press('c');
	await until('disk is not found any more.');
	assert.match(frame(), /blockers 0/);
	assert.doesNotMatch(frame(), /Less is missing/);
	assert.deepEqual(asked, ['disk', 'disk', 'disk']);
});

test('what is not known yet is looked for, and what cannot be looked for is told', async t => {
	const {until} = show(t, {found: undefined as never, check: async () => [version]});
	await until('1.1.6.3 may be taken to 1.2.0.0.');
	const failing = show(t, {
		found: undefined as never,
		async check() {
			throw new Error('The lists of apt are gone.');
		},
	});
	await failing.until('The lists of apt are gone.');
});
