import assert from 'node:assert/strict';
import test from 'node:test';
import {aptPane} from '../../source/runbook/steps/packages.js';

const facts = [['Download', '23 MB']] as const;

for (const [what, progress, expected] of [
	[
		'a download with its count, rate and time left',
		{stage: 'download', percent: 8, current: '10 of 47', doing: 'Retrieving file', bytesPerSecond: 3e6, secondsLeft: 8},
		{
			kind: 'progress',
			stage: 'Downloading',
			percent: 8,
			current: '10 of 47',
			bytesPerSecond: 3e6,
			secondsLeft: 8,
			facts,
		},
	],
	[
		'an installation in the words of apt',
		{stage: 'install', percent: 60, current: 'libapr1', doing: 'Unpacking libapr1 (amd64)'},
		{kind: 'progress', stage: 'Installing', percent: 60, current: 'Unpacking libapr1 (amd64)', facts},
	],
	[
		'whom apt waits for',
		{stage: 'lists', doing: 'waits for apt-get (process 7)'},
		{kind: 'progress', stage: 'Reading the package lists', current: 'waits for apt-get (process 7)', facts},
	],
	[
		'what went wrong, below the plan',
		{stage: 'install', percent: 60, problem: 'libapr1: no space'},
		{kind: 'progress', stage: 'Installing', percent: 60, facts: [...facts, ['Problem', 'libapr1: no space']]},
	],
] as const) {
	test(`the pane shows ${what}`, () => assert.deepEqual(aptPane(progress, facts), expected));
}
