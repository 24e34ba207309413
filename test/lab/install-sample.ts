/**
Runs inside a server of the lab, never elsewhere: installs OMFLOW there, as a shape has it, with the steps that build
the sample server of a rehearsal, one after the other and without an engine.

	node install-sample.mjs DIRECTORY PATCHES SHAPE
*/
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import type {Context} from '../../source/engine/step.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {type SampleShape, sampleShapes, sampleSteps} from '../../source/rehearsal/sample.js';
import {hostNetwork} from '../../source/rehearsal/view-record.js';

const [directory = '', patches = '', shape = ''] = process.argv.slice(2);
if (hostname() !== 'omflow-lab' || !directory || !patches || !(shape in sampleShapes)) {
	throw new Error('This is only for servers of the lab');
}

const log = path.join(directory, 'install.log');
const ledger = new Map<string, unknown>();
const context: Context<undefined> = {
	...createRunner({log, environment: plainEnvironment}),
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
	expectedOutage: () => undefined,
	async commit() {},
	async record(key, value) {
		ledger.set(key, value);
	},
	recall<T>(key: string) {
		return ledger.get(key) as T | undefined;
	},
};

// The steps refuse to touch a machine that is not a view; a server of the lab is as disposable as one.
mkdirSync(path.dirname(hostNetwork), {recursive: true});
writeFileSync(hostNetwork, '');
for (const step of sampleSteps<undefined>({patches, shape: shape as SampleShape})) {
	if (step.id === 'sample-start') {
		// Debian starts Apache as soon as it is installed, before there is a site; a view has no systemd to do so.
		await context.run(['systemctl', 'stop', 'apache2']);
	}

	if ((await step.look(context)) !== 'done') {
		await step.do(context);
	}

	const blockers = (await step.verify(context)).filter(({severity}) => severity === 'blocker');
	if (blockers.length > 0) {
		throw new Error(blockers.map(({sentence, evidence}) => `${sentence}\n${evidence ?? ''}`).join('\n'));
	}

	console.log(`${step.id} done`);
}

rmSync(hostNetwork);
