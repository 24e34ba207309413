import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Attached} from '../source/engine/attach.js';
import {createRun} from '../source/engine/launch.js';
import {underLock} from '../source/engine/lock.js';
import {runPlaces} from '../source/engine/places.js';
import type {RunState} from '../source/engine/state.js';
import {atEnd} from './ending.js';
import type {Place} from './place.js';

/** What the screen shows while the first step of a toy waits. */
export const waiting = 'Wait for the pipe: begin';

export type Toy = {
	readonly state: string;
	readonly run: string;
	/** The worker's process. */
	readonly pid: number;
	readonly attached: Attached;
	/** Lets a waiting step go on. */
	release(step: 'begin' | 'end'): Promise<void>;
	/** Waits until the state of the run is as wanted. */
	reaches(wanted: (state: RunState) => boolean): Promise<RunState>;
	end(): Promise<void>;
};

/** Starts a worker with the toy runbook and waits until it serves consoles. `log` is in the first step's log already. */
export async function startToy(
	place: Place,
	options: {readonly flood?: readonly string[]; readonly log?: string} = {},
): Promise<Toy> {
	const worker = await place.build('toy-worker');
	const folder = await mkdtemp(join(place.folder, 'toy-'));
	const [state, world] = [join(folder, 'state'), join(folder, 'world')];
	await mkdir(world);
	execFileSync('mkfifo', [join(world, 'begin'), join(world, 'end')]);
	const id = '20260101-000000';
	const run = await createRun(state, {
		schema: 2,
		id,
		kind: 'upgrade',
		host: 'here',
		to: '2.0.0.0',
		hops: [{to: '2.0.0.0', runbook: 'toy', options: {}}],
		createdAt: Date.now(),
		unattended: false,
		networkEnvironment: {},
		options: {world, flood: options.flood ?? []},
	});
	await writeFile(runPlaces.log(run, 'begin'), options.log ?? '', {mode: 0o600});
	const argv = underLock(state, [process.execPath, worker, state, id]);
	const child = spawn(argv[0] ?? '', argv.slice(1), {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: {PATH: process.env.PATH, NODE_ENV: 'production'},
	});
	let attached: Attached | undefined;
	const end = atEnd(async () => {
		attached?.close();
		await endWorker(child, folder);
		await rm(folder, {recursive: true, force: true, maxRetries: 10});
	});
	attached = await Attached.to(state, 20_000);
	if (!attached || child.pid === undefined) {
		throw new Error('The toy worker did not answer within 20 s.');
	}

	const toy: Toy = {
		state,
		run,
		pid: child.pid,
		attached,
		release: step => writeFile(join(world, step), ''),
		reaches: wanted => reaches(attached, wanted),
		end,
	};
	await toy.reaches(({steps}) => steps[0]?.command !== undefined);
	return toy;
}

async function reaches(attached: Attached, wanted: (state: RunState) => boolean): Promise<RunState> {
	return new Promise((resolve, reject) => {
		const check = () => {
			if (wanted(attached.state())) {
				unsubscribe();
				resolve(attached.state());
			} else if (attached.lost) {
				unsubscribe();
				reject(new Error(attached.lost));
			}
		};
		const unsubscribe = attached.subscribe(check);
		check();
	});
}

/** Ends a worker and what it was running, which has a session of its own but names the folder. */
async function endWorker(child: ChildProcess, folder: string): Promise<void> {
	if (child.exitCode === null && child.signalCode === null) {
		child.kill('SIGKILL');
		await once(child, 'exit');
	}

	for (const pid of await readdir('/proc')) {
		const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
		if (command.includes(`${folder}/`)) {
			process.kill(Number(pid), 'SIGKILL');
		}
	}
}
