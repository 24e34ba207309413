import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import test from 'node:test';
import type {Pane} from '../../source/engine/state.js';
import {becomesTrue} from '../../source/host/service.js';
import {databaseFacts, dumpPane, showingDump} from '../../source/runbook/backup/dump-pane.js';
import {recorded} from '../../source/runbook/facts.js';
import {tryOut} from './context.js';

const database = {
	engine: 'django.db.backends.postgresql',
	kind: 'postgresql',
	host: 'db.example',
	port: '5432',
	name: 'omflow',
	reach: 'remote',
} as const;
const part = {role: 'server', database} as const;

test('a dump that does not grow shows nothing more, so that it counts as silent', async t => {
	const context = await tryOut(t);
	let panes = 0;
	context.show = () => {
		panes++;
	};
	await showingDump(context, part, context.at('server.dump'), async () => {
		let looks = 0;
		// Twice as long as it takes to look again.
		assert.ok(await becomesTrue(async () => ++looks > 5, 10_000));
	});
	assert.equal(panes, 1);
});

test('a dump is shown as its file grows, against the size of the one before', async t => {
	const context = await tryOut(t);
	const panes: Array<Extract<Pane, {kind: 'progress'}>> = [];
	context.show = pane => pane.kind === 'progress' && panes.push(pane);
	await context.record(recorded.firstDumps, [{role: 'server', bytes: 20_000_000}]);
	const path = context.at('server.dump');
	const result = await showingDump(context, part, path, async () => {
		await writeFile(path, Buffer.alloc(5_000_000));
		assert.ok(await becomesTrue(async () => panes.at(-1)?.percent === 25, 10_000));
		await writeFile(path, Buffer.alloc(21_000_000));
		return 'dumped';
	});
	assert.equal(result, 'dumped');
	const [first, last] = [panes[0], panes.at(-1)];
	assert.equal(first?.percent, 0);
	assert.equal(last?.percent, 99);
	assert.equal(last.stage, 'Dumping the database of the server');
	assert.equal(last.current, '21 MB written');
	assert.ok((last.bytesPerSecond ?? 0) > 0);
	assert.deepEqual(last.facts, [
		['Database of the server', 'PostgreSQL, db.example:5432, omflow'],
		['First dump', '20 MB'],
		['Dump', path],
	]);
	assert.ok(panes.some(({secondsLeft}) => secondsLeft !== undefined));
});

test('a dump that fails fails, and nothing is shown after it', async t => {
	const context = await tryOut(t);
	let shown = 0;
	context.show = () => {
		shown++;
	};
	const fails = showingDump(context, part, context.at('no.dump'), async () => Promise.reject(new Error('no room')));
	await assert.rejects(fails, /no room/);
	assert.equal(shown, 1);
});

test('without a dump before, only what was written is told', () => {
	const pane = dumpPane({role: 'server', bytes: 3_000_000, before: undefined, seconds: 2, facts: []});
	assert.deepEqual(pane, {
		kind: 'progress',
		stage: 'Dumping the database of the server',
		current: '3.0 MB written',
		bytesPerSecond: 1_500_000,
		facts: [],
	});
});

for (const [what, given, expected] of [
	['in a file', {engine: 'x', kind: 'sqlite', file: '/opt/omflow/db', reach: 'file'}, 'SQLite, /opt/omflow/db'],
	['on this host', {engine: 'x', kind: 'mysql', name: 'omflow', reach: 'local'}, 'MySQL, MariaDB, localhost, omflow'],
	['of an unknown kind', {engine: 'my.engine', kind: 'unknown', host: 'db', reach: 'remote'}, 'my.engine, db'],
] as const) {
	test(`a database ${what} is named with its place`, () =>
		assert.deepEqual(databaseFacts({role: 'server', database: given}), [['Database of the server', expected]]));
}
