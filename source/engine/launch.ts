import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, open} from 'node:fs/promises';
import {join} from 'node:path';
import {writeDurably} from '../host/files.js';
import {type Language, language, t} from '../locales/index.js';
import {underLock} from './lock.js';
import {makeState, type Plan, places, runPlaces} from './places.js';

/**
Writes the plan of a new run, so that a worker can carry it out; `files`, by name in its directory, before that: a run
with a plan is whole.
*/
export async function createRun(
	state: string,
	plan: Omit<Plan, 'language'>,
	files: Readonly<Record<string, string>> = {},
): Promise<string> {
	await makeState(state);
	const run = places.run(state, plan.id);
	await mkdir(run, {mode: 0o700});
	await mkdir(runPlaces.logs(run), {mode: 0o700});
	for (const [name, text] of Object.entries(files)) {
		await writeDurably(join(run, name), text, {mode: 0o600});
	}

	await writeDurably(
		runPlaces.plan(run),
		`${JSON.stringify({...plan, language: language()} satisfies Plan, null, '\t')}\n`,
		{mode: 0o600},
	);
	return run;
}

/**
Starts a worker that lives apart from this terminal: as a unit of its own where systemd runs, which starts
it again if it is killed; else as a session leader. Its output goes to a file, never to the terminal.
`enter` puts it into a view: it gets the worker's arguments and returns those that run them inside.
Returns at once; `Attached.to` tells when the worker is there. `workerLog` is seen from this side.
*/
export async function launchWorker(options: {
	/** The state directory as the worker sees it. */
	readonly state: string;
	readonly id: string;
	readonly workerLog: string;
	/** Whether somebody is there to ask now; as it was planned when nobody knows. */
	readonly unattended?: boolean;
	/** Everything is taken back, and nothing else done before. */
	readonly rollBack?: boolean;
	/** In which it speaks from now on; else as it was planned. */
	readonly language?: Language;
	readonly enter?: (argv: readonly string[]) => readonly string[];
}): Promise<void> {
	const {language: spoken, rollBack, unattended} = options;
	const mode = unattended === undefined ? [] : [unattended ? 'unattended' : 'attended'];
	const words = [
		'worker',
		options.state,
		options.id,
		...mode,
		...(rollBack ? ['roll-back'] : []),
		...(spoken === undefined ? [] : [spoken]),
	];
	const worker = underLock(options.state, [process.execPath, program(), ...words]);
	const argv = options.enter?.(worker) ?? worker;
	if (existsSync(systemd)) {
		// In a view that is closed there is nothing to start again.
		await asUnit(options.id, argv, options.workerLog, options.enter === undefined);
	} else {
		await asSession(argv, options.workerLog);
	}
}

/**
Sees to it that a worker that has ended is started again. False when nobody does that any more: systemd counts how often
it started this one, and has left it at that. Where there is no systemd, or in a view, the caller counts.
*/
export async function relaunchWorker(options: Parameters<typeof launchWorker>[0]): Promise<boolean> {
	if (existsSync(systemd) && options.enter === undefined) {
		return livesAsUnit(options.id);
	}

	await launchWorker(options);
	return true;
}

/** The program file that runs now. */
export function program(): string {
	return process.argv[1] ?? '';
}

/** The unit of a run's worker. One that failed for good stays known, so that people can be told. */
export function unitOf(id: string): string {
	return `omflow-tui-${id}.service`;
}

async function asUnit(id: string, argv: readonly string[], log: string, again: boolean): Promise<void> {
	const {execa} = await import('execa');
	// A unit of an earlier worker that gave up would keep its name.
	await execa('/usr/bin/systemctl', ['reset-failed', unitOf(id)], {reject: false, stdio: 'ignore'});
	const result = await execa(
		'/usr/bin/systemd-run',
		[
			`--unit=${unitOf(id)}`,
			`--description=omflow-tui run ${id}`,
			'--quiet',
			// The service it starts lives on after it.
			'--property=KillMode=process',
			...(again ? restarted : []),
			`--property=StandardOutput=append:${log}`,
			`--property=StandardError=append:${log}`,
			'--setenv=NODE_ENV=production',
			...argv,
		],
		{reject: false},
	);
	if (result.exitCode === 0) {
		return;
	}

	// The unit of a worker that was killed is started again by systemd itself, and has the name until then.
	if (!(await livesAsUnit(id))) {
		throw new Error(
			t('systemd does not start the worker: {stderr}. See journalctl -xe, then try again.', {
				stderr: result.stderr.trim(),
			}),
		);
	}
}

/** Whether systemd runs the worker of a run, or starts it again in a moment. */
async function livesAsUnit(id: string): Promise<boolean> {
	const {execa} = await import('execa');
	const {stdout} = await execa('/usr/bin/systemctl', ['is-active', unitOf(id)], {reject: false});
	return ['active', 'activating', 'deactivating'].includes(stdout.trim());
}

const systemd = '/run/systemd/system';

const restarted = [
	'--property=Restart=on-failure',
	'--property=RestartSec=1',
	// Another worker holds the lock, or a file of the run cannot be read: the next one would end likewise.
	'--property=RestartPreventExitStatus=75 3',
	// Also where each of them works for hours before it ends.
	'--property=StartLimitIntervalSec=7d',
	'--property=StartLimitBurst=5',
];

async function asSession(argv: readonly string[], log: string): Promise<void> {
	const output = await open(log, 'a', 0o600);
	const [command = '', ...rest] = argv;
	const child = spawn(command, rest, {
		cwd: '/',
		detached: true,
		stdio: ['ignore', output.fd, output.fd],
		env: {PATH: process.env.PATH, NODE_ENV: 'production'},
	});
	await new Promise((resolve, reject) => {
		child.once('spawn', resolve);
		child.once('error', reject);
	});
	child.unref();
	await output.close();
}
