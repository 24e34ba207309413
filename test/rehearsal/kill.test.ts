import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {short} from '../../kill/modes.js';
import {scenarios} from '../../kill/scenarios.js';
import {noView} from '../commands/server.js';
import {program, rehearsalPatience} from './program.js';

test('an update that is killed again and again on its way there and back, or fails in the window, leaves the server as it was', {
	skip: await noView(),
	timeout: rehearsalPatience,
}, async t => {
	const scenario = scenarios['general-back'];
	assert.ok(scenario);
	const lines: string[] = [];
	const reports = await short(scenario, line => lines.push(line));
	t.diagnostic(lines.join('\n'));
	assert.deepEqual(
		reports.map(({different}) => different),
		[0, 0],
		lines.join('\n'),
	);
	const [killed, failed] = reports;
	assert.ok((killed?.struck ?? 0) > 12, lines.join('\n'));
	assert.equal(failed?.struck, 1);
});

test('the program that is shipped cannot be made to fail', async () => {
	const shipped = await readFile(program.replace(/[^/]*$/, 'program.cjs'), 'latin1');
	const tested = await readFile(program.replace(/dist\/[^/]*$/, 'dist-faults/program.cjs'), 'latin1');
	for (const word of ['omflow-tui-faults', 'It was made to fail at', 'recorded/']) {
		assert.ok(tested.includes(word), word);
		assert.ok(!shipped.includes(word), word);
	}
});
