import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chown, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import type {CheckReport} from '../../source/commands/check.js';
import {followRun} from '../../source/commands/plain.js';
import {isUnfinished, readRuns} from '../../source/commands/runs.js';
import {createRun} from '../../source/engine/launch.js';
import {type Plan, places, runPlaces} from '../../source/engine/places.js';
import {keptBackups} from '../../source/runbook/backup/kept.js';
import {recordFile} from '../../source/runbook/backup/record.js';
import {keys, Terminal} from '../terminal.js';
import {treeDigest} from '../tree-digest.js';
import {needsRoot, program, run as runProgram} from './program.js';

const id = '20260101-000000';

/** A state directory with one run that was cut in its window, and a backup of it. */
async function makeRun(t: TestContext, name = id): Promise<{readonly state: string; readonly run: string}> {
	const state = await mkdtemp(join(tmpdir(), 'omflow-tui-unreadable-'));
	t.after(() => rm(state, {recursive: true, force: true}));
	const run = await createRun(state, planOf(name));
	await writeFile(runPlaces.progress(run), JSON.stringify(progress));
	await writeFile(runPlaces.ledger(run), ledger);
	await mkdir(join(run, 'backup'));
	await writeFile(recordFile(join(run, 'backup')), JSON.stringify(record));
	return {state, run};
}

function planOf(name: string): Plan {
	return {
		schema: 2,
		id: name,
		kind: 'upgrade',
		host: 'here',
		to: '1.1.6.3',
		hops: [{to: '1.1.6.3', runbook: 'general', options: {archive: '/nowhere/omflow_patch_1_1_6_3.tar.gz'}}],
		createdAt: 1,
		unattended: false,
		networkEnvironment: {},
		options: {base: '/nowhere'},
	};
}

const progress = {outageMilliseconds: 0, steps: {check: {status: 'done'}, apply: {status: 'running'}}, answers: {}};
const ledger = [
	{time: 1, key: 'intent/check', value: true},
	{time: 2, key: 'window-opened', value: true},
	{time: 3, key: 'patch-begun', value: true},
]
	.map(line => `${JSON.stringify(line)}\n`)
	.join('');
const record = {
	schema: 1,
	run: id,
	host: 'here',
	base: '/opt/omflow',
	from: '1.1.6.1',
	to: '1.1.6.3',
	sealedAt: 1,
	files: 1,
	bytes: 1,
	manifest: '0',
	installation: {},
	dumps: [],
};

/** What can be in the place of a file, and what is said about it. */
const damages: Readonly<Record<string, readonly [said: RegExp, put: (path: string) => Promise<unknown>]>> = {
	torn: [
		/torn or damaged|damaged: see its line 3/,
		async path => writeFile(path, (await readFile(path)).subarray(0, -40)),
	],
	'of another program': [/is not of omflow-tui/, path => writeFile(path, '{\n "name": "other",\n "version": "2"\n}\n')],
	'a list': [/is not of omflow-tui/, path => writeFile(path, '[1]\n')],
	binary: [
		/is torn or damaged|not of omflow-tui/,
		path => writeFile(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 10, 0xff])),
	],
	empty: [/is empty/, path => writeFile(path, '')],
	huge: [/is not of omflow-tui: it has 1100 MB/, path => truncate(path, 1.1e9)],
	'a directory': [/is a directory/, path => mkdir(path)],
	'a link to nothing': [/is a link to nothing/, path => symlink('/nowhere/at/all', path)],
	'a link to itself': [/is a link to itself/, path => symlink(path, path)],
	'a pipe': [/is no ordinary file/, async path => execFileSync('mkfifo', [path])],
};
const replaced = new Set(['a directory', 'a link to nothing', 'a link to itself', 'a pipe']);

async function damage(path: string, what: string): Promise<RegExp> {
	const [said, put] = damages[what] ?? [/^/, async () => {}];
	if (replaced.has(what)) {
		await rm(path, {recursive: true, force: true});
	}

	await put(path);
	return said;
}

suite('a run that is not over', () => {
	for (const what of Object.keys(damages)) {
		test(`stays so when its plan, its ledger or the record of its backup is ${what}`, async t => {
			const {run, state} = await makeRun(t);
			for (const path of [runPlaces.plan(run), runPlaces.ledger(run)]) {
				const before = await readFile(path);
				// A ledger that ends in the middle of its last line is as good as before.
				const isLedger = path === runPlaces.ledger(run);
				const said = await damage(path, what);
				if (what === 'torn' && isLedger) {
					assert.deepEqual((await readRuns(state)).unreadable, []);
					await writeFile(path, `${await readFile(path, 'utf8')}\n${ledger}`);
				}

				const {unreadable} = await readRuns(state);
				assert.deepEqual(
					unreadable.map(({file}) => file.path),
					[path],
				);
				assert.match(unreadable[0]?.file.why ?? '', said);
				await rm(path, {recursive: true});
				await writeFile(path, before);
			}

			const path = recordFile(join(run, 'backup'));
			const said = await damage(path, what);
			const [backup] = await keptBackups(state);
			assert.equal(backup?.record, undefined);
			assert.match(backup?.unreadable ?? '', said);
			const {known, unreadable} = await readRuns(state);
			assert.deepEqual([known.map(isUnfinished), unreadable], [[true], []]);
		});

		test(`is gone on with when its progress or its events are ${what}`, async t => {
			const {run, state} = await makeRun(t);
			await writeFile(runPlaces.events(run), '{"time":1,"event":"run-started"}\n');
			await damage(runPlaces.progress(run), what);
			await damage(runPlaces.events(run), what);
			const {known, unreadable} = await readRuns(state);
			assert.deepEqual([known.map(isUnfinished), unreadable], [[true], []]);
		});
	}

	const others: ReadonlyArray<readonly [what: string, said: RegExp, put: (run: string) => Promise<unknown>]> = [
		['has lost its plan', /plan\.json is missing/, run => rm(runPlaces.plan(run))],
		['has lost its ledger', /ledger\.ndjson is missing/, run => rm(runPlaces.ledger(run))],
		[
			'has the plan of another run',
			/is not of omflow-tui/,
			run => writeFile(runPlaces.plan(run), JSON.stringify({...planOf(id), id: '20250101-000000'})),
		],
		[
			'has a plan of a newer version',
			/a newer omflow-tui/,
			run => writeFile(runPlaces.plan(run), '{"schema": 3, "new": true}'),
		],
		[
			'has a runbook of a newer version',
			/runbook “future” of a newer omflow-tui/,
			run =>
				writeFile(
					runPlaces.plan(run),
					JSON.stringify({...planOf(id), hops: [{to: '3.0.0.0', runbook: 'future', options: {}}]}),
				),
		],
		[
			'has a whole line of its ledger overwritten',
			/is damaged: see its line 2/,
			run => writeFile(runPlaces.ledger(run), ledger.replace(/\n.*window-opened.*\n/, '\n\0\0\0\n')),
		],
	];
	for (const [what, said, put] of others) {
		test(`${what}: nobody goes on with it, and nobody begins another`, async t => {
			const {run, state} = await makeRun(t);
			await put(run);
			const [unreadable] = (await readRuns(state)).unreadable;
			assert.match(`${unreadable?.file.path} ${unreadable?.file.why}`, said);
			assert.equal(unreadable?.file.isNewer, /newer/.test(what));
		});
	}

	test('is no run when nothing but its folder was made, as on a full disk', async t => {
		const {state} = await makeRun(t);
		await mkdir(join(places.run(state, '20260102-000000'), 'logs'), {recursive: true});
		await writeFile(join(places.runs(state), 'notes.txt'), 'of an administrator');
		const {known, unreadable} = await readRuns(state);
		assert.deepEqual([known.length, unreadable], [1, []]);
	});

	test('is over when it ended, also where only its events tell', async t => {
		const {run, state} = await makeRun(t);
		const events = [{event: 'run-ended', outcome: 'needs-attention', message: 'Half.'}, {event: 'run-started'}];
		const write = (list: readonly object[]) =>
			writeFile(runPlaces.events(run), list.map(event => `${JSON.stringify({time: 1, ...event})}\n`).join(''));
		await damage(runPlaces.progress(run), 'torn');
		await write(events);
		assert.deepEqual((await readRuns(state)).known.map(isUnfinished), [true]);
		await write([...events, {event: 'run-ended', outcome: 'kept', message: 'Done.'}]);
		assert.deepEqual((await readRuns(state)).known.map(isUnfinished), [false]);
		// What it was to do is then nobody's business any more.
		await damage(runPlaces.plan(run), 'torn');
		assert.deepEqual((await readRuns(state)).unreadable, []);
	});
});

test('lines of an event file that are no events are passed over', async t => {
	const {run, state} = await makeRun(t);
	const ended = {time: 2, event: 'run-ended', outcome: 'kept', message: 'Done.', downtimeSeconds: 0};
	await writeFile(runPlaces.events(run), `{"time":1,"ev\n\0\0\n17\n{"other": 1}\n${JSON.stringify(ended)}\n`);
	const printed: string[] = [];
	const followed = await followRun({state, id, json: true, print: line => printed.push(line)});
	assert.deepEqual([followed.ended, printed.map(line => JSON.parse(line))], [ended, [ended]]);
});

suite('every command', {skip: needsRoot}, () => {
	test('says which run nobody can go on with, why, and what to do; a person closes it', async t => {
		const {run, state} = await makeRun(t);
		await damage(runPlaces.plan(run), 'torn');
		const before = await treeDigest(run);
		const omflow = (...words: string[]) => runProgram([...words, '--state-dir', state]);
		const said =
			/The run 20260101-000000 may not be over, and cannot be gone on with: \S+\/plan\.json is torn or damaged: it is no whole JSON\. Put the file back if you have a copy of it\. Else bring OMFLOW to a state that you know, with what the run has left in \S+, then start omflow-tui in a terminal and close the run\.\n$/;
		for (const words of [
			[],
			['upgrade', '--yes'],
			['upgrade', '--patch', '/nowhere', '--json'],
			['restore', id, '--yes'],
		]) {
			const {status, stderr} = await omflow(...words);
			assert.equal(status, 3, `${words}: ${stderr}`);
			assert.match(stderr, said);
			assert.equal(stderr.trim().split('\n').length, 1, stderr);
		}

		const status = await omflow('status');
		assert.deepEqual([status.status, status.stderr], [0, '']);
		assert.match(status.stdout.replace('No run is known on this machine.\n', ''), said);
		const {unreadable} = JSON.parse((await omflow('status', '--json')).stdout);
		assert.equal(unreadable[0].run, id);
		const check = JSON.parse((await omflow('check', '--json', '--base', '/nowhere')).stdout) as CheckReport;
		const finding = check.findings.find(found => found.id === 'run-in-progress');
		assert.deepEqual([check.outcome, finding?.severity], ['blocked', 'blocker']);
		assert.match(`${finding?.sentence} ${finding?.remedy}\n`, said);
		assert.match((await omflow('restore', '--list')).stdout, /^20260101-000000 {2}1\.1\.6\.1/);
		assert.equal(await treeDigest(run), before);

		const open = () => {
			const terminal = Terminal.spawn(process.execPath, [program, '--lang', 'en', '--state-dir', state]);
			t.after(() => terminal.close());
			return terminal;
		};
		const closing = open();
		await closing.waitFor('Close this run');
		closing.send(`${keys.down}${keys.enter}`);
		assert.equal((await closing.waitForExit()).code, 0);
		const after = open();
		await after.waitFor('Rehearse with a sample server');
		after.send('q');
		await after.waitForExit();
	});

	test('lists the other backups beside one that cannot be read, and uses only those', async t => {
		const {run, state} = await makeRun(t);
		await writeFile(runPlaces.progress(run), JSON.stringify({...progress, outcome: 'kept'}));
		const newer = join(places.run(state, '20260102-000000'), 'backup');
		await mkdir(newer, {recursive: true});
		await writeFile(recordFile(newer), JSON.stringify({...record, schema: 2}));
		const omflow = (...words: string[]) => runProgram(['restore', ...words, '--state-dir', state]);
		const said = /backup\.json was made by a newer omflow-tui\. Use the omflow-tui that made it, or a newer one\./;
		const {stdout} = await omflow('--list');
		assert.match(stdout.split('\n')[0] ?? '', said);
		assert.match(stdout.split('\n')[1] ?? '', /^20260101-000000 {2}1\.1\.6\.1 .* sound/);
		for (const words of [['--check'], ['--yes']]) {
			const {status, stderr} = await omflow('20260102-000000', ...words);
			assert.equal(status, 3);
			assert.match(stderr, said);
		}
	});

	test('says what its user may not read', async t => {
		const {run, state} = await makeRun(t);
		await chown(runPlaces.plan(run), 65_534, 65_534);
		// Root without what lets it read everything, as over a network file system.
		const drop = '-dac_override,-dac_read_search';
		const wrap = (argv: readonly string[]) => ['setpriv', `--inh-caps=${drop}`, `--bounding-set=${drop}`, ...argv];
		const {status, stdout} = await runProgram(['status', '--state-dir', state], {wrap});
		assert.equal(status, 0);
		assert.match(stdout, /plan\.json cannot be read: this user may not\./);
	});

	test('and a worker that cannot read a ledger ends for good, with its reason', async t => {
		const {run, state} = await makeRun(t);
		await damage(runPlaces.ledger(run), 'empty');
		const {status, stderr} = await runProgram(['worker', state, id]);
		assert.equal(status, 3);
		assert.match(stderr, /^omflow-tui: \S+\/ledger\.ndjson is empty\. Put it back if you have a copy of it\.\n$/);
		assert.deepEqual(await readFile(runPlaces.progress(run), 'utf8'), JSON.stringify(progress));
	});
});
