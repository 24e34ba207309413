import assert from 'node:assert/strict';
import test, {type TestContext} from 'node:test';
import {render} from 'ink-testing-library';
import {App} from '../../source/console/app.js';
import {Store} from '../../source/console/store.js';
import {createTheme} from '../../source/console/theme.js';
import type {Question, RunState} from '../../source/engine/state.js';
import {agreeing} from './fixtures/agreement.js';
import {assertFrame} from './fixtures/frames.js';
import {
	asking,
	expecting,
	kitRunning,
	packagesRunning,
	pythonTable,
	questions,
	runningAt,
	START,
	secondHop,
	sitePane,
	windowDown,
	withSteps,
} from './fixtures/states.js';

function show(
	t: TestContext,
	state: RunState,
	options: {
		columns?: number;
		rows?: number;
		ascii?: boolean;
		driving?: boolean;
		lost?: string;
		keys?: string[];
		/** Milliseconds later than usual. */
		later?: number;
	} = {},
): string {
	const theme = createTheme({ascii: options.ascii ?? false, color: false});
	const connection = {
		state: () => state,
		driving: () => options.driving ?? true,
		subscribe: () => () => {},
		send: () => {},
		...(options.lost === undefined ? {} : {lost: options.lost}),
	};
	const size = {columns: options.columns ?? 80, rows: options.rows ?? 24};
	const store = new Store(connection, theme.glyphs, size, {time: () => START + 80_300 + (options.later ?? 0)});
	for (const key of options.keys ?? []) {
		store.press(key);
	}

	const {lastFrame, unmount} = render(<App store={store} theme={theme} />);
	t.after(() => {
		unmount();
		store.close();
	});
	return lastFrame() ?? '';
}

const ended: RunState = {
	...withSteps(runningAt('keep'), {keep: {status: 'done', endedAt: START + 139_000}}),
	status: 'ended',
	outcome: 'kept',
	message: 'OMFLOW 1.2.0.0 runs and is kept. The backup stays until you delete it.',
	outageMilliseconds: 3140,
	endedAt: START + 139_000,
};

const failed: RunState = {
	...withSteps(windowDown(), {
		apply: {
			status: 'failed',
			note: 'patch.sh ended with 1: the migration omflow.0042 could not be applied.',
			remedy: 'Look at the last lines of its log. Everything is being taken back.',
		},
	}),
	status: 'rolling-back',
};

const blocked: RunState = {
	...withSteps(packagesRunning(), {
		check: {
			status: 'failed',
			note: 'This host cannot be upgraded as it is.',
			findings: [
				{
					severity: 'blocker',
					id: 'version',
					sentence: 'OMFLOW 1.1.0.0 cannot go to 1.2.0.0 in one step.',
					evidence: 'server/omflow/syscom/version.bin: version=1.1.0.0',
					remedy: 'Upgrade to 1.1.6.3 first.',
				},
			],
		},
		packages: {status: 'pending', startedAt: undefined, command: undefined, tail: [], pane: undefined},
	}),
	status: 'ended',
	outcome: 'blocked',
	message: 'A finding forbids going on. Nothing was changed.',
	endedAt: START + 2000,
};

const leftByHand: RunState = {
	...withSteps(windowDown(), {
		apply: {status: 'failed', note: 'Undo failed: the backup is damaged.'},
	}),
	status: 'ended',
	outcome: 'needs-attention',
	message:
		'Taking back “Run the patch” failed: the backup is damaged. Still to do, in this order: Put files and database ' +
		'back. Start OMFLOW. To do it by hand: /var/lib/omflow-tui/runs/run-1/by-hand.txt',
	byHand: [
		{
			what: 'Put files and database back together from the backup.',
			commands: [
				'/usr/bin/rsync -aHAXS --numeric-ids --delete-before --exclude=/.omflow-tui ' +
					'/var/lib/omflow-tui/runs/run-1/backup/omflow/ /opt/omflow/',
			],
		},
		{what: 'Start OMFLOW as it was and see it answer.', commands: ['systemctl start omflow_server']},
	],
	endedAt: START + 80_000,
};

const inTime: RunState = {
	...asking('choice'),
	question: {
		...questions.choice,
		deadline: START + 80_300 + 598_000,
		expired: {kind: 'choice', value: 'roll-back'},
	},
};

const packagesMissing: Question = {
	id: 'python-packages/missing-1',
	step: 'python-packages',
	kind: 'text',
	prompt: '1 missing, 2 installed. Keep a line to try that package again, change it, or drop it; then accept.',
	name: 'requirements.txt',
	text: 'cx-oracle\nDjango>=4.2,<4.3\n# pywin32==1\npsycopg2-binary>=2.9.5\n',
	remarks: [
		{index: 0, remark: 'missing, 8.3.0', mood: 'bad'},
		{index: 1, remark: 'installed, 2.2.28 > 4.2.16', mood: 'good'},
		{index: 2, remark: 'dropped, 1', mood: 'dull'},
		{index: 3, remark: 'installed, 2.8.6 > 2.9.9', mood: 'good'},
	],
};

const accepted = 'Apache accepts this draft together with the new environment.';

/** The question for lines after the trial of what is proposed. */
function triedWith(result: {readonly problem?: string}): RunState {
	const {lines} = questions;
	const files = lines.kind === 'lines' ? lines.files : [];
	const answer = {kind: 'lines', files: files.map(file => ({path: file.path, lines: file.lines}))} as const;
	return {...asking('lines'), question: {...lines, trial: accepted, tried: {answer, ...result}}};
}

const onLock: RunState = withSteps(packagesRunning(), {
	packages: {
		waiting: {
			since: START + 35_300,
			on: {kind: 'lock', pid: 900, path: '/var/lib/dpkg/lock-frontend', holder: {pid: 812, program: 'apt-get'}},
			processes: [{pid: 900, depth: 0, program: 'apt-get', activity: 'time', cpuSeconds: 0.4}],
			more: 0,
			cuttable: false,
		},
	},
});

const onNetwork: RunState = withSteps(runningAt('python-packages'), {
	'python-packages': {
		command: 'python3.11 -m pip install --requirement requirements.txt',
		tail: ['Collecting Django<4.3,>=4.2'],
		waiting: {
			since: START + 35_300,
			on: {kind: 'network', pid: 901, address: '10.0.0.7:3141'},
			processes: [
				{pid: 900, depth: 0, program: 'python3.11 -m pip', activity: 'child', cpuSeconds: 2},
				{pid: 901, depth: 1, program: 'python3.11 -m pip', activity: 'network', cpuSeconds: 1},
				{pid: 902, depth: 1, program: 'sleep', activity: 'time', cpuSeconds: 0},
			],
			more: 3,
			cuttable: true,
		},
	},
});

const working: RunState = withSteps(windowDown(), {
	apply: {
		waiting: {
			since: START + 35_300,
			on: {kind: 'work', pid: 901},
			processes: [
				{pid: 900, depth: 0, program: 'script', activity: 'unknown', cpuSeconds: 0},
				{pid: 901, depth: 1, program: 'bash patch.sh', activity: 'child', cpuSeconds: 0.2},
				{pid: 902, depth: 2, program: 'python3.11 manage.py', activity: 'work', cpuSeconds: 12.44},
			],
			more: 0,
			cuttable: false,
		},
	},
});

const hiddenLine: RunState = {
	...asking('line'),
	question: {
		...questions.line,
		kind: 'line',
		hidden: true,
		output: ['Password: '],
		prompt: 'The program asks: Password:',
	},
};

const frames: Readonly<Record<string, readonly [state: RunState, options?: Parameters<typeof show>[2]]>> = {
	progress: [packagesRunning()],
	'progress-small': [packagesRunning(), {columns: 60, rows: 16}],
	'progress-large': [packagesRunning(), {columns: 120, rows: 36}],
	'progress-ascii': [packagesRunning(), {ascii: true}],
	rehearsal: [{...packagesRunning(), kind: 'rehearsal'}],
	findings: [packagesRunning(), {keys: ['home']}],
	table: [withSteps(runningAt('python-packages'), {'python-packages': {pane: pythonTable}})],
	diff: [withSteps(runningAt('wsgi'), {wsgi: {pane: sitePane}})],
	outage: [windowDown()],
	failed: [failed],
	blocked: [blocked],
	service: [windowDown(), {keys: ['v']}],
	'service-up': [packagesRunning(), {keys: ['v']}],
	'service-small': [packagesRunning(), {keys: ['v'], columns: 60, rows: 16}],
	choice: [asking('choice')],
	'choice-watching': [asking('choice'), {driving: false}],
	agreement: [agreeing()],
	'agreement-small': [agreeing(), {columns: 60, rows: 16, keys: ['pagedown']}],
	'agreement-end': [agreeing(), {keys: ['end', 'down'], ascii: true}],
	text: [asking('text')],
	'text-missing': [{...asking('text'), question: packagesMissing}],
	'silence-lock': [onLock],
	'silence-work': [working],
	'silence-network': [onNetwork],
	'silence-network-small': [onNetwork, {columns: 60, rows: 16, keys: ['tab']}],
	'silence-network-watching': [onNetwork, {driving: false}],
	line: [asking('line'), {keys: ['B', 'o', 'b', '?']}],
	'line-hidden': [hiddenLine, {keys: ['B', 'o', 'b']}],
	lines: [asking('lines')],
	'lines-trying': [{...asking('lines'), question: {...questions.lines, trial: accepted}}, {keys: ['x']}],
	'lines-accepted': [triedWith({})],
	'lines-refused': [triedWith({problem: 'Apache refuses this: Cannot load mod_wsgi.so: No such file or directory'})],
	'lines-refused-small': [
		triedWith({problem: 'Apache refuses this: Cannot load mod_wsgi.so: No such file or directory'}),
		{columns: 60, rows: 16, ascii: true},
	],
	'lines-review': [asking('lines'), {keys: ['enter']}],
	'roll-back': [windowDown(), {keys: ['r']}],
	help: [packagesRunning(), {keys: ['?']}],
	lost: [packagesRunning(), {lost: 'The worker is gone. Start omflow-tui again: the run goes on where it stands.'}],
	ended: [ended],
	'by-hand': [leftByHand],
	'choice-in-time': [inTime],
	hops: [secondHop()],
	expected: [expecting(packagesRunning())],
	'expected-small': [expecting(packagesRunning()), {columns: 60, rows: 16}],
	'expected-large': [expecting(packagesRunning()), {columns: 120, rows: 36}],
	'expected-ascii': [expecting(packagesRunning()), {ascii: true}],
	'expected-unattended': [{...expecting(packagesRunning()), unattended: true}],
	'expected-outage': [expecting(windowDown())],
	'expected-outage-small': [expecting(windowDown()), {columns: 60, rows: 16}],
	'expected-rolling-back': [{...expecting(failed), status: 'rolling-back'}],
};

for (const [name, [state, options]] of Object.entries(frames)) {
	test(`frame: ${name}`, async t => {
		const frame = show(t, state, options);
		await assertFrame(name, frame);
		const rows = frame.split('\n');
		assert.ok(rows.length <= (options?.rows ?? 24), `${rows.length} rows`);
	});
}

/** What is sent of each row when a clock goes on: everything from its first change. */
function sentLater(t: TestContext, state: RunState, later: number): number {
	const [before, after] = [show(t, state), show(t, state, {later})].map(frame => frame.split('\n'));
	return (after ?? []).reduce((sum, row, index) => {
		const old = before?.[index] ?? '';
		const from = [...row].findIndex((character, at) => character !== [...old][at]);
		return sum + (from === -1 ? 0 : row.length - from);
	}, 0);
}

for (const [what, state, later] of [
	['while packages are installed', packagesRunning(), 1000],
	['in an outage', windowDown(), 400],
] as const) {
	test(`what is expected costs a slow line nothing ${what}`, t => {
		assert.equal(sentLater(t, expecting(state), later), sentLater(t, state, later));
	});
}

test('wide characters keep the columns aligned', t => {
	const state = withSteps(packagesRunning(), {
		packages: {
			title: '套件安裝與更新以及相依',
			tail: ['取得:1 更新しました 日本語の長い行がここにありますがとても長いので切られます'],
		},
	});
	for (const row of show(t, {...state, host: '流程主機'})
		.split('\n')
		.slice(3, 20)) {
		// biome-ignore lint/suspicious/noControlCharactersInRegex: styles have no width
		const before = row.replaceAll(/\u001B\[[\d;]*m/g, '').split('│')[0] ?? '';
		const wide = [...before].filter(character => /\p{Script=Han}/u.test(character)).length;
		assert.equal([...before].length + wide, 32, row);
	}
});

test('what a program prints cannot reach the terminal as a command', t => {
	const evil = 'x\u001B]0;title\u0007\u001B[2J\u202E';
	const finding = {severity: 'blocker', id: 'x', sentence: evil, evidence: evil, remedy: evil} as const;
	const state: RunState = withSteps(
		{...packagesRunning(), host: evil},
		{
			packages: {
				title: evil,
				tail: [evil],
				command: evil,
				note: evil,
				remedy: evil,
				findings: [finding],
				pane: undefined,
			},
		},
	);
	const frame = show(t, state);
	assert.doesNotMatch(frame, /title|\u202E/);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: styles are the only sequences allowed
	assert.doesNotMatch(frame.replaceAll(/\u001B\[[\d;]*m/g, ''), /\u001B/);
});

test('a kit that is being built', async t => {
	await assertFrame('kit', show(t, kitRunning()));
	await assertFrame('kit-small', show(t, kitRunning(), {columns: 60, rows: 16, ascii: true}));
});

for (const [columns, rows] of [
	[60, 16],
	[80, 24],
	[80, 30],
] as const) {
	test(`at ${columns}×${rows} nothing but ASCII is drawn with --ascii, whatever is cut`, t => {
		const long: RunState = withSteps(
			{...packagesRunning(), host: 'a-rather-long-name-of-a-server.in.a.deep.domain.example.com'},
			{packages: {pane: {kind: 'progress', stage: 'Downloading packages, and the lists of them', facts: []}}},
		);
		const stopped = {...long, status: 'ended', outcome: 'stopped'} as const;
		for (const state of [long, windowDown(), failed, blocked, stopped, ended, kitRunning()]) {
			for (const keys of [[], ['v'], ['l'], ['home'], ['r']]) {
				const frame = show(t, state, {columns, rows, ascii: true, keys});
				// biome-ignore lint/suspicious/noControlCharactersInRegex: styles are sequences of control characters
				assert.match(frame, /^[\u0000-\u007F]*$/, `${keys.join(' ')} in\n${frame}`);
			}
		}
	});
}

test('a kit is not rolled back but given up', async t => {
	await assertFrame('kit-give-up', show(t, kitRunning(), {keys: ['r']}));
	await assertFrame('kit-given-up', show(t, {...kitRunning(), status: 'rolling-back'}));
});

test('a kit that is complete', async t => {
	const message = 'The kit is complete: /root/omflow-kit-flow01-1.2.0.0.tar.zst, 44 MB, SHA-256 0123.';
	const steps = kitRunning().steps.map((step, index) => ({
		...step,
		status: 'done' as const,
		startedAt: step.startedAt ?? START + 24_000 + index * 1000,
		endedAt: step.endedAt ?? START + 25_000 + index * 1000,
	}));
	const state = {...kitRunning(), steps, status: 'ended', outcome: 'kept', message, endedAt: START + 70_000} as const;
	await assertFrame('kit-complete', show(t, state));
});
