/**
Runs inside a view, never elsewhere: builds the sample server of one shape with the steps of a rehearsal, one after
the other and without an engine.

	node build-sample.mjs DIRECTORY PATCHES SHAPE
*/
import {join} from 'node:path';
import type {Context} from '../../source/engine/step.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {type SampleShape, sampleSteps} from '../../source/rehearsal/sample.js';
import {hostNetwork} from '../../source/rehearsal/view-record.js';

const [directory = '', patches = '', shape = ''] = process.argv.slice(2);
const log = join(directory, 'build.log');
const context: Context<undefined> = {
	...createRunner({log, environment: plainEnvironment, networkNamespace: hostNetwork}),
	facts: undefined,
	directory,
	log,
	signal: new AbortController().signal,
	show() {},
	found() {},
	say(line) {
		console.log(line);
	},
	async ask(_question, byDefault) {
		return byDefault;
	},
	async commit() {},
	async record() {},
	recall: () => undefined,
};

for (const step of sampleSteps<undefined>({patches, shape: shape as SampleShape})) {
	if ((await step.look(context)) !== 'done') {
		await step.do(context);
	}

	const blockers = (await step.verify(context)).filter(({severity}) => severity === 'blocker');
	if (blockers.length > 0) {
		throw new Error(blockers.map(({sentence, evidence}) => `${sentence}\n${evidence ?? ''}`).join('\n'));
	}

	// As on a resume: what was built is recognised.
	if ((await step.look(context)) !== 'done') {
		throw new Error(`${step.id} does not see that it is done.`);
	}
}
