import assert from 'node:assert/strict';
import test, {type TestContext} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {Box} from 'ink';
import {render} from 'ink-testing-library';
import {Home} from '../../source/console/home.js';
import {createTheme, ThemeProvider} from '../../source/console/theme.js';
import type {Finding} from '../../source/engine/state.js';
import {keys} from '../terminal.js';
import {assertFrame} from './fixtures/frames.js';

const findings: Finding[] = Array.from({length: 20}, (_, index) => ({
	severity: index === 19 ? 'blocker' : 'info',
	id: `f${index}`,
	sentence: `Finding ${index}.`,
}));

function show(t: TestContext, columns: number, rows: number, ascii = false) {
	const chosen: Array<string | undefined> = [];
	const rendered = render(
		<ThemeProvider value={createTheme({ascii, color: false})}>
			<Home
				title="The kit is not complete"
				facts={[
					['Kit', '/root/kit.tar.zst'],
					['Way', '1.1.6.3 to 1.2.0.0'],
				]}
				findings={findings}
				choices={['rehearse', 'upgrade', 'leave'].map(value => ({value, label: value, explanation: `Does ${value}.`}))}
				columns={columns}
				rows={rows}
				onChoose={value => chosen.push(value)}
			/>
		</ThemeProvider>,
	);
	t.after(() => rendered.unmount());
	return {...rendered, chosen};
}

for (const [columns, rows] of [
	[80, 24],
	[60, 16],
] as const) {
	test(`at ${columns}×${rows} findings, blockers first, and all choices are seen`, t => {
		const {lastFrame} = show(t, columns, rows);
		const frame = lastFrame() ?? '';
		const lines = frame.split('\n');
		assert.ok(lines.length <= rows, `${lines.length} lines:\n${frame}`);
		assert.match(frame, /blocker: Finding 19\./);
		for (const choice of ['omflow-tui', 'rehearse', 'upgrade', 'leave', 'PgUp PgDn', ' lines', 'q leave']) {
			assert.ok(frame.includes(choice), `${choice} in\n${frame}`);
		}
	});
}

test('pages go down to the last finding and back, and choosing works meanwhile', async t => {
	const {chosen, lastFrame, stdin} = show(t, 80, 24);
	const press = async (key: string) => {
		stdin.write(key);
		await setImmediate();
		await setImmediate();
	};
	for (let page = 0; page < 6; page++) {
		await press(keys.pageDown);
	}

	assert.match(lastFrame() ?? '', /Finding 18\.\n/);
	assert.doesNotMatch(lastFrame() ?? '', /Finding 0\./);
	for (let page = 0; page < 6; page++) {
		await press(keys.pageUp);
	}

	assert.match(lastFrame() ?? '', /Finding 19\./);
	await press(keys.enter);
	assert.deepEqual(chosen, ['rehearse']);
});

test('with ASCII nothing else is drawn', t => {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
	assert.match(show(t, 80, 24, true).lastFrame() ?? '', /^[\u0000-\u007F]*$/);
});

/** Twelve of a kit that was made for another server: sentences that wrap, each with what to do about it. */
const unfit: Finding[] = Array.from({length: 12}, (_, index) => ({
	severity: index === 11 ? 'blocker' : index % 3 === 0 ? 'warning' : 'info',
	id: `wheel-${index}`,
	sentence: `The wheel package${index}-1.26.4 is for Python 3.10, and this server gets 3.11.`,
	...(index % 2 === 0 ? {} : {remedy: 'Build the kit again, from a request of this server.'}),
}));

function showUnfit(t: TestContext, columns: number, rows: number, ascii: boolean) {
	const choices = [
		{
			value: 'rehearse',
			label: 'Rehearse with it',
			explanation: 'In a copy-on-write view of this host, which stays as it is.',
		},
		{value: 'upgrade', label: 'Upgrade with it', explanation: 'Nothing is changed before you have seen the plan.'},
		{value: 'leave', label: 'Leave', explanation: 'Nothing more is done.'},
	];
	const rendered = render(
		<ThemeProvider value={createTheme({ascii, color: false})}>
			<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
				<Home
					title="The kit is not complete"
					facts={[
						['Kit', '/root/omflow-kit-flow01-1.2.0.0.tar.zst'],
						['Way', '1.1.6.3 to 1.2.0.0'],
					]}
					findings={unfit}
					choices={choices}
					columns={columns}
					rows={rows}
					onChoose={() => {}}
				/>
			</Box>
		</ThemeProvider>,
	);
	t.after(() => rendered.unmount());
	return rendered;
}

for (const [columns, rows, ascii] of [
	[80, 24, false],
	[60, 16, false],
	[60, 16, true],
] as const) {
	const name = `home-${columns}x${rows}${ascii ? '-ascii' : ''}`;
	test(`frames: ${name}, its pages, its end and its beginning`, async t => {
		const {lastFrame, stdin} = showUnfit(t, columns, rows, ascii);
		const after = async (key: string) => {
			const before = lastFrame();
			stdin.write(key);
			for (let turn = 0; turn < 1000 && lastFrame() === before; turn++) {
				await setImmediate();
			}

			return lastFrame() ?? '';
		};
		const first = lastFrame() ?? '';
		await assertFrame(name, first);
		await assertFrame(`${name}-page-down`, await after(keys.pageDown));
		await assertFrame(`${name}-end`, await after('\u001B[F'));
		assert.notEqual(await after(keys.pageUp), first);
		assert.equal(await after('\u001B[H'), first);
		for (const frame of [first, await after('\u001B[F')]) {
			for (const word of ['omflow-tui', 'Rehearse with it', 'Upgrade with it', 'Leave', 'q leave']) {
				assert.ok(frame.includes(word), `${word} in\n${frame}`);
			}

			// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about what is none
			assert.ok(!ascii || /^[\u0000-\u007F]*$/.test(frame), frame);
		}
	});
}

test('a digit chooses nothing that nobody has looked at', async t => {
	const {chosen, lastFrame, stdin} = show(t, 80, 24);
	const turns = async (holds: () => boolean) => {
		for (let turn = 0; turn < 20_000 && !holds(); turn++) {
			await setImmediate();
		}

		assert.ok(holds(), lastFrame() ?? '');
	};
	stdin.write('2');
	stdin.write('3');
	stdin.write(keys.down);
	await turns(() => lastFrame()?.includes('Does upgrade.') === true);
	assert.deepEqual(chosen, []);
	stdin.write(keys.enter);
	await turns(() => chosen.length > 0);
	assert.deepEqual(chosen, ['upgrade']);
});
