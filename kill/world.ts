import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFile, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {createRun} from '../source/engine/launch.js';
import {underLock} from '../source/engine/lock.js';
import {type Plan, type PlannedHop, places, runPlaces} from '../source/engine/places.js';
import {type Progress, readProgress} from '../source/engine/progress.js';
import {networkEnvironment} from '../source/host/environment.js';
import type {Switch} from '../source/host/fault.js';
import {listTree} from '../source/host/walk.js';
import {controlOf} from '../source/rehearsal/sample-place.js';
import {rolesOf, type SampleShape, sampleUrl} from '../source/rehearsal/sample-shape.js';
import {hostNetwork} from '../source/rehearsal/view.js';
import {openPlannedView, type PlannedView} from '../test/rehearsal/planned-view.js';
import {killWorker} from '../test/rehearsal/program.js';

/** The program with its fault points. */
const program = fileURLToPath(new URL('../dist-faults/omflow-tui.mjs', import.meta.url));
const stateInside = '/var/lib/omflow-tui';
const faults = 'run/omflow-tui-faults';
const pristine = '/var/tmp/pristine';

/** What became of a server, as lines that can be compared. */
export type ServerState = readonly string[];

/** A sample server in a view of its own, on which runs can be carried out again and again from the same beginning. */
export class World {
	#runs = 0;

	private constructor(
		private readonly planned: PlannedView,
		private readonly shape: SampleShape,
	) {}

	/** Builds the sample: a run that is blocked once the sample is there. */
	static async open(shape: SampleShape): Promise<World> {
		const nowhere: PlannedHop = {to: '1.1.6.3', runbook: 'general', options: {archive: '/nowhere.tar.gz'}};
		const planned = await openPlannedView(shape, [nowhere], program);
		const world = new World(planned, shape);
		try {
			const ended = await world.finish('20260101-000000');
			if (ended.outcome !== 'blocked') {
				throw new Error(`The sample was not built: ${ended.message}`);
			}

			await world.#save();
			return world;
		} catch (error) {
			await planned.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		await this.planned.close();
	}

	/** A file of the view as this side sees it. */
	path(...inside: string[]): string {
		return join(`/proc/${this.planned.view.pid}/root`, ...inside);
	}

	async inside(...argv: string[]): Promise<string> {
		const [command = '', ...rest] = this.planned.view.enter(argv);
		return (await promisify(execFile)(command, rest, {maxBuffer: 64 * 1024 * 1024})).stdout;
	}

	/** Everything of OMFLOW as it was when the sample was built, and running; earlier runs are forgotten. */
	async reset(): Promise<void> {
		await rm(this.path(faults), {recursive: true, force: true});
		for (const role of rolesOf(this.shape)) {
			// Without the script nothing of the role can run.
			await this.inside('sh', '-c', `[ ! -e ${controlOf(role)} ] || ${controlOf(role)} stop || true`);
		}

		for (const place of ['/opt/omflow', '/etc/apache2']) {
			await this.inside('rsync', '-aHAX', '--delete', '--checksum', `${pristine}${place}/`, `${place}/`);
		}

		for (const role of rolesOf(this.shape)) {
			await this.inside(controlOf(role), 'start');
		}

		await rm(join(this.planned.state, 'runs'), {recursive: true, force: true});
		await mkdir(join(this.planned.state, 'runs'), {mode: 0o700});
	}

	/** Plans a run. Returns its name. */
	async plan(hop: PlannedHop, kind: Plan['kind'] = 'upgrade', to = hop.to): Promise<string> {
		this.#runs++;
		const id = `20260102-${String(this.#runs).padStart(6, '0')}`;
		await createRun(this.planned.state, {
			schema: 2,
			id,
			kind,
			host: 'here',
			to,
			hops: [hop],
			createdAt: Date.now(),
			unattended: true,
			networkNamespace: hostNetwork,
			networkEnvironment: await networkEnvironment(),
			options: {base: '/opt/omflow', python3Link: false},
		});
		return id;
	}

	/** From here on points are recorded, and the switch is on. */
	async arm(wanted: Switch | undefined): Promise<void> {
		await mkdir(this.path(faults), {recursive: true});
		await rm(this.path(faults, 'switch'), {force: true});
		if (wanted) {
			await writeFile(this.path(faults, 'switch'), JSON.stringify(wanted));
		}
	}

	async disarm(): Promise<void> {
		await rm(this.path(faults), {recursive: true, force: true});
	}

	/** Points that were passed, and at which the switch struck. */
	async points(which: 'passed' | 'fired'): Promise<string[]> {
		const text = await readFile(this.path(faults, which), 'utf8').catch(() => '');
		return [...new Set(text.split('\n').filter(Boolean))];
	}

	/**
	Carries out a run to its end, starting the worker again as often as it dies. `disturb` may kill it meanwhile.
	*/
	async finish(id: string, disturb?: () => Promise<void>): Promise<Progress & {readonly workers: number}> {
		for (let workers = 1; ; workers++) {
			const fired = (await this.points('fired')).length;
			const ended = await this.#work(id, disturb);
			const progress = await readProgress(places.run(this.planned.state, id));
			if (ended.code === 0 && progress.outcome) {
				return {...progress, workers};
			}

			// A worker that dies by itself again and again would never come to an end.
			if (ended.signal === null && ended.code !== 137 && (await this.points('fired')).length === fired) {
				const log = await readFile(runPlaces.workerLog(places.run(this.planned.state, id)), 'utf8').catch(() => '');
				throw new Error(`The worker ended with ${ended.code} by itself. ${log.slice(-2000)}`);
			}
		}
	}

	/** Kills the worker wherever it is; whether there was one. */
	async kill(): Promise<boolean> {
		return killWorker(program).then(
			() => true,
			() => false,
		);
	}

	/** The state of the server: files, links, database, and what the service says. */
	async look(): Promise<ServerState> {
		const lines: string[] = [];
		for (const [place, exclude] of [
			['/opt/omflow', ['.omflow-tui']],
			['/etc/apache2', []],
			['/etc/alternatives', []],
		] as const) {
			for await (const {content, gid, mode, path, uid} of listTree(this.path(place), {exclude, live: true})) {
				if (!isPassing(path)) {
					lines.push(`${place}/${path} ${mode.toString(8)} ${uid}:${gid} ${isDatabase(path) ? '' : content}`);
				}
			}
		}

		lines.push(`python3 ${await this.inside('readlink', '/usr/bin/python3')}`);
		for (const role of rolesOf(this.shape)) {
			const dump = await this.inside('/usr/bin/python3', '-c', dumpScript, `/opt/omflow/${role}/db.omflow`);
			lines.push(...dump.split('\n').map(line => `${role} database ${line}`));
			const url = sampleUrl(this.shape, role);
			const {starts, ...says} = JSON.parse(await this.inside(process.execPath, '-e', askScript, url)) as Record<
				string,
				unknown
			>;
			lines.push(`${role} says ${JSON.stringify(says)}`);
		}

		lines.push(`left aside: ${await this.inside('sh', '-c', 'ls -A /opt/omflow/.omflow-tui 2>/dev/null || true')}`);
		return lines;
	}

	async #work(id: string, disturb?: () => Promise<void>) {
		const argv = underLock(stateInside, [process.execPath, program, 'worker', stateInside, id, 'unattended']);
		const [command = '', ...rest] = this.planned.view.enter(argv);
		const log = runPlaces.workerLog(places.run(this.planned.state, id));
		const worker = spawn(command, rest, {stdio: ['ignore', 'ignore', 'pipe'], env: {PATH: process.env.PATH}});
		worker.stderr?.on('data', chunk => void appendFile(log, chunk).catch(() => {}));
		const exit = once(worker, 'exit') as Promise<[number | null, string | null]>;
		const isOver = exit.then(() => {});
		await Promise.race([isOver, disturb?.() ?? isOver]);
		const [code, signal] = await exit;
		return {code, signal};
	}

	async #save(): Promise<void> {
		for (const place of ['/opt/omflow', '/etc/apache2']) {
			await this.inside('mkdir', '-p', `${pristine}${place}`);
			await this.inside('rsync', '-aHAX', `${place}/`, `${pristine}${place}/`);
		}
	}
}

/**
What every start writes anew, or Python makes by itself; the module that pip builds in a folder with a name by chance; and
what says which run made an environment.
*/
function isPassing(path: string): boolean {
	return /(?:^|\/)(?:__pycache__|logs)(?:\/|$)|\.pyc$|\.pid$|^python\/\.omflow-tui$|\/mod_wsgi-py\d+\.\S+\.so$/.test(
		path,
	);
}

function isDatabase(path: string): boolean {
	return /\/db\.omflow(?:-journal|-wal|-shm)?$/.test(path);
}

/** Contents but for the moments at which something was done. */
const dumpScript = `import re, sqlite3, sys
for line in sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True).iterdump():
    # The sample counts how often it was started.
    if not line.startswith('INSERT INTO "omflow_start"'):
        print(re.sub(r"'\\d{4}-\\d\\d-\\d\\d[ T][\\d:.+]+'", "'then'", line).replace('\\n', ' '))
`;
const askScript = `fetch(process.argv[1] + 'status.json').then(async reply => console.log(await reply.text()))`;

/** Lines that only one of two states has. */
export function difference(wanted: ServerState, found: ServerState): string[] {
	const [before, after] = [new Set(wanted), new Set(found)];
	return [
		...wanted.filter(line => !after.has(line)).map(line => `- ${line}`),
		...found.filter(line => !before.has(line)).map(line => `+ ${line}`),
	];
}
