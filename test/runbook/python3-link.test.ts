import assert from 'node:assert/strict';
import {test} from 'node:test';
import {recorded} from '../../source/runbook/facts.js';
import {python3Link} from '../../source/runbook/steps/python3-link.js';
import {tryOut} from './context.js';

test('a python3 that cannot be put back is named, and does not hold up what else goes back', async t => {
	const context = await tryOut(t, {python3Link: true});
	await context.record(recorded.python3, {target: context.at('gone'), managed: false});
	await python3Link.undo?.(context);
	assert.match(context.events.at(-1) ?? '', /python3 does not point to .*gone again: .* is not there\. When/);
});
