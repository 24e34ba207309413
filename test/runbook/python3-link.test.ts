import assert from 'node:assert/strict';
import {test} from 'node:test';
import {recorded} from '../../source/runbook/facts.js';
import {python3Link} from '../../source/runbook/steps/python3-link.js';
import {tryOut} from './context.js';

test('a python3 that cannot be put back is named, and does not hold up what else goes back', async t => {
	const context = await tryOut(t, {python3Link: true});
	const gone = context.at('gone');
	await context.record(recorded.python3, {target: gone, interpreter: gone, managed: false});
	const [finding] = (await python3Link.undo?.(context)) ?? [];
	assert.equal(finding?.severity, 'warning');
	assert.match(finding?.sentence ?? '', /python3 is not as it was: .*gone is not there\./);
	assert.equal(finding?.remedy, `When that is put right: ln -sfn ${gone} /usr/bin/python3`);
	assert.deepEqual(await python3Link.byHand?.(context), [`ln -sfn ${gone} /usr/bin/python3`]);
});
