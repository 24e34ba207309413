/** Backs up an installation as the steps do, in a process of its own as a worker is, and prints how long each part took. */
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {createRunner, plainEnvironment} from '../source/host/process.js';
import type {Installation} from '../source/omflow/installation.js';
import {parseVersion} from '../source/omflow/version.js';
import {makeFirstCopy, sealBackup} from '../source/runbook/backup/make.js';
import {verifyBackup} from '../source/runbook/backup/verify.js';
import {type Facts, paths, recorded, type StepContext} from '../source/runbook/facts.js';

const [base = '', directory = ''] = process.argv.slice(2);

async function main(): Promise<void> {
	await mkdir(directory, {mode: 0o700});
	const context = contextFor(base, directory);
	const first = await timed(async () => makeFirstCopy(context));
	const seal = await timed(async () => sealBackup(context, []));
	const verify = await timed(async () => {
		const damaged = await verifyBackup(paths.backup(context));
		if (damaged.length > 0) {
			throw new Error(`The backup is damaged: ${damaged.join(', ')}`);
		}
	});
	process.stdout.write(JSON.stringify({first, seal, verify}));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

/** Of an ordinary update of a server without Apache: the copy of its configuration is not what is measured. */
function contextFor(base: string, directory: string): StepContext {
	const log = join(directory, 'log');
	const server = join(base, 'server');
	const hop = {from: '1.1.6.1', to: '1.1.6.3', archive: ''};
	const facts: Facts = {run: 'bench', to: hop.to, patch: '', hops: [hop], python3Link: false, base, state: directory};
	const installation: Installation = {
		base,
		role: 'server',
		directory: server,
		beside: [],
		roles: ['server'],
		version: parseVersion(hop.from),
		environment: {path: join(base, 'python'), exists: true, python: '3.8', runs: true, isLink: false, isMount: false},
		database: {engine: 'django.db.backends.sqlite3', kind: 'sqlite', reach: 'file', file: join(server, 'db.omflow')},
		endpoint: {protocol: 'http', host: '127.0.0.1', port: 1},
		service: {role: 'server', start: [], stop: [], status: []},
		settings: {},
		distribution: {id: 'debian', version: '12', codename: 'bookworm'},
		findings: [],
	};
	const ledger = new Map<string, unknown>([[recorded.installation, installation]]);
	return {
		...createRunner({log, environment: plainEnvironment}),
		facts,
		directory,
		log,
		signal: new AbortController().signal,
		show() {},
		found() {},
		async say() {},
		async ask(question) {
			throw new Error(`A backup asks nothing, but here: ${question.prompt}`);
		},
		expectedOutage: () => undefined,
		async commit() {},
		async record(key, value) {
			ledger.set(key, value);
		},
		recall: key => ledger.get(key) as never,
	};
}

void main();
