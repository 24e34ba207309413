import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Attached} from '../../source/engine/attach.js';
import {createRun} from '../../source/engine/launch.js';
import {underLock} from '../../source/engine/lock.js';
import {type Plan, places} from '../../source/engine/places.js';
import {type Progress, readProgress} from '../../source/engine/progress.js';
import type {RunState} from '../../source/engine/state.js';
import {becomesTrue} from '../../source/host/service.js';
import type {Language} from '../../source/locales/index.js';
import type {SmallDisk} from '../small-disk.js';

const program = fileURLToPath(new URL('./fixtures/toy-worker.ts', import.meta.url));

/** A run of the toy runbook in folders of its own, removed after the test. */
export type Toy = {
	readonly state: string;
	readonly run: string;
	readonly world: string;
	/** Starts a worker, under the lock as the program does. */
	start(...modes: Array<'unattended' | 'attended' | 'roll-back' | 'impatient' | Language>): ChildProcess;
	attach(): Promise<Attached>;
	/** Lets the slow step go on. */
	release(): Promise<void>;
	/** Names of the files in the world, sorted, without the pipe. */
	files(): Promise<string[]>;
};

/** `disk` is for what the run keeps, if that is to be apart. */
export async function makeToy(t: TestContext, plan: Partial<Plan> = {}, disk?: SmallDisk): Promise<Toy> {
	const folder = await mkdtemp(join(tmpdir(), 'omflow-tui-engine-'));
	const state = join(disk?.here ?? folder, 'state');
	const world = join(folder, 'world');
	await mkdir(world);
	execFileSync('mkfifo', [join(world, 'pipe')]);
	const id = '20260101-000000';
	const run = await createRun(state, {
		schema: 2,
		id,
		kind: 'upgrade',
		host: 'here',
		to: '2.0.0.0',
		hops: [{to: '2.0.0.0', runbook: 'toy', options: {}}],
		createdAt: 1,
		unattended: false,
		networkEnvironment: {},
		...plan,
		options: {world},
	});
	const workers: ChildProcess[] = [];
	t.after(async () => {
		for (const worker of workers) {
			worker.kill('SIGKILL');
		}

		// Whoever waits at the pipe of the slow step ends with it.
		await writeFile(join(world, 'pipe'), '', {flag: 'r+'}).catch(() => {});
		await rm(folder, {recursive: true, force: true, maxRetries: 10});
	});
	return {
		state,
		run,
		world,
		start(...modes) {
			const there = join(disk?.path ?? folder, 'state');
			const words = underLock(there, [process.execPath, '--import', 'tsx', program, there, id, ...modes]);
			const argv = disk?.wrap(words) ?? words;
			const worker = spawn(argv[0] ?? '', argv.slice(1), {stdio: ['ignore', 'ignore', 'inherit']});
			workers.push(worker);
			return worker;
		},
		async attach() {
			const attached = await Attached.to(state, 20_000);
			if (!attached) {
				throw new Error('No worker answered within 20 s.');
			}

			t.after(() => attached.close());
			return attached;
		},
		release: () => writeFile(join(world, 'pipe'), 'go\n'),
		files: async () => (await readdir(world)).filter(name => name !== 'pipe' && name !== 'order').sort(),
	};
}

/** Waits until the state of a run is as wanted, as long as its worker lives. */
export async function reaches(attached: Attached, wanted: (state: RunState) => boolean): Promise<RunState> {
	const reached = await becomesTrue(async () => wanted(attached.state()), 20_000);
	if (!reached) {
		throw new Error(`Not reached: ${JSON.stringify(attached.state(), null, 1)}`);
	}

	return attached.state();
}

export const statusOf = (state: RunState, step: string) => state.steps.find(({id}) => id === step)?.status;

export async function exit(worker: ChildProcess): Promise<number | null> {
	if (worker.exitCode !== null || worker.signalCode !== null) {
		return worker.exitCode;
	}

	return new Promise(resolve => {
		worker.once('exit', code => resolve(code));
	});
}

export async function readLines(path: string): Promise<string[]> {
	return (await readFile(path, 'utf8')).split('\n').filter(Boolean);
}

export {places};

/** What became of a run whose worker has gone; for runs that may be over before anybody can attach. */
export async function ending(toy: Toy): Promise<Readonly<Progress>> {
	return readProgress(toy.run);
}
