import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Answer, AskedQuestion} from '../../source/engine/state.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import type {Installation} from '../../source/omflow/installation.js';
import {type Needs, releases} from '../../source/omflow/releases.js';
import {parseVersion} from '../../source/omflow/version.js';
import {type Facts, recorded, type StepContext} from '../../source/runbook/facts.js';
import {workshop} from '../host/support.js';

export type Tried = StepContext & {
	/** Commands, lines said, ledger entries and questions, in their order. */
	readonly events: string[];
	/** A file in the installation, or another folder of the test. */
	at(...path: string[]): string;
	/** Writes a file with the directories above it. */
	put(path: string, content: string | Uint8Array): Promise<string>;
	/** Gives the answer to the next questions; the default answer else. */
	answer: (question: AskedQuestion) => Answer | undefined;
};

export type TryOptions = {
	readonly port?: number;
	readonly python3Link?: boolean;
	readonly roles?: Installation['roles'];
	/** Undefined for an update under which Python and Django stay. */
	readonly needs?: Needs | undefined;
};

/** A small installation below a folder of the test, and a context whose ledger lives as long as the test. */
export async function tryOut(t: TestContext, options: TryOptions = {}): Promise<Tried> {
	const {directory, log} = await workshop(t);
	const base = join(directory, 'omflow');
	const needs = 'needs' in options ? options.needs : releases.find(release => release.needs)?.needs;

	const events: string[] = [];
	const ledger = new Map<string, unknown>();
	const runner = createRunner({log, environment: plainEnvironment, onCommand: shown => events.push(shown)});
	const facts: Facts = {
		run: 'this-run',
		to: '1.2.0.0',
		patch: join(directory, 'patch.tar.gz'),
		...(needs ? {needs} : {}),
		hops: [{from: '1.1.6.3', to: '1.2.0.0', archive: join(directory, 'patch.tar.gz'), ...(needs ? {needs} : {})}],
		python3Link: options.python3Link ?? false,
		base,
		state: join(directory, 'state'),
	};
	const context: Tried = {
		...runner,
		facts,
		directory: join(directory, 'run'),
		log,
		signal: new AbortController().signal,
		events,
		answer: () => undefined,
		show() {},
		found() {},
		async say(line) {
			events.push(line);
		},
		async ask(question, byDefault, check) {
			events.push(`ask ${question.id}`);
			const given = (context.answer(question) ?? byDefault) as typeof byDefault;
			const problem = await check?.(given, false);
			if (problem) {
				throw new Error(problem);
			}

			return given;
		},
		expectedOutage: () => undefined,
		async commit() {},
		async record(key, value) {
			events.push(`record ${key}`);
			ledger.set(key, value);
		},
		recall: key => ledger.get(key) as never,
		at: (...path) => join(directory, ...path),
		async put(path, content) {
			const file = join(directory, path);
			await mkdir(dirname(file), {recursive: true});
			await writeFile(file, content);
			return file;
		},
	};
	const server = join(base, 'server');
	const script = join(server, 'omflow_server');
	await mkdir(context.directory, {mode: 0o700});
	await context.put('omflow/python/pyvenv.cfg', 'version = 3.8.10\n');
	await context.put('omflow/server/manage.py', '');
	await context.put('omflow/server/omflow/syscom/version.bin', 'version=1.1.6.3\n');
	// “Runs” as long as a file beside the installation is there.
	await context.put('omflow/server/omflow_server', controlScript(context.at('running')));
	await chmod(script, 0o755);
	await context.put('apache/apache2.conf', '# Apache\n');
	const installation: Installation = {
		base,
		role: 'server',
		directory: server,
		beside: [],
		roles: options.roles ?? ['server'],
		version: parseVersion('1.1.6.3'),
		environment: {
			path: join(base, 'python'),
			exists: true,
			python: '3.8.10',
			runs: true,
			isLink: false,
			isMount: false,
		},
		database: {engine: 'django.db.backends.sqlite3', kind: 'sqlite', reach: 'file', file: join(server, 'db.omflow')},
		endpoint: {protocol: 'http', host: '127.0.0.1', port: options.port ?? 1},
		service: {role: 'server', start: [script, 'start'], stop: [script, 'stop'], status: [script, 'status']},
		settings: {},
		apache: {
			kind: 'debian',
			root: join(directory, 'apache'),
			mainFile: join(directory, 'apache', 'apache2.conf'),
			control: 'apache2ctl',
			files: [],
			errorLog: join(directory, 'error.log'),
		},
		distribution: {id: 'debian', version: '12', codename: 'bookworm'},
		findings: [],
	};
	ledger.set(recorded.installation, installation);
	return context;
}

export function controlScript(flag: string, whenStopped = ''): string {
	return `#!/bin/bash
case "$1" in
start) touch '${flag}' ;;
stop) rm -f '${flag}'; ${whenStopped || ':'} ;;
status) [ -e '${flag}' ] || exit 3 ;;
esac
`;
}

/** Makes an SQLite database with one row. */
export async function makeDatabase(context: StepContext, file: string, journal = 'delete'): Promise<void> {
	const make = `import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute('PRAGMA journal_mode = ' + sys.argv[2])
connection.execute('CREATE TABLE omuser (x INTEGER)')
connection.execute('INSERT INTO omuser VALUES (1)')
connection.commit()
`;
	await context.capture(['/usr/bin/python3', '-c', make, file, journal]);
}

/** What a step needs of this machine to be tried; a sentence when it lacks that. */
export {lacks} from '../host/support.js';
