import assert from 'node:assert/strict';
import test, {type TestContext} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {render} from 'ink-testing-library';
import {Home} from '../../source/console/home.js';
import {createTheme, ThemeProvider} from '../../source/console/theme.js';
import type {Finding} from '../../source/engine/state.js';
import {keys} from '../terminal.js';

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
		for (const choice of ['rehearse', 'upgrade', 'leave', 'PgUp PgDn', 'of 20']) {
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
