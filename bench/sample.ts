import {execFile} from 'node:child_process';
import {mkdtemp, readFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {RunEvent} from '../source/engine/events.js';
import {createRun} from '../source/engine/launch.js';
import {underLock} from '../source/engine/lock.js';
import {defaultStateDirectory, type PlannedHop, runPlaces} from '../source/engine/places.js';
import type {Outcome} from '../source/engine/state.js';
import {networkEnvironment} from '../source/host/environment.js';
import {plainEnvironment} from '../source/host/process.js';
import type {SampleShape} from '../source/rehearsal/sample.js';
import {hostNetwork, openView, type View} from '../source/rehearsal/view.js';
import {atEnd} from './ending.js';
import type {Place} from './place.js';

const run = promisify(execFile);

/** A sample server that runs in a view of its own. */
export type Sample = {
	readonly view: View;
	/** Seen in the view as the default one. */
	readonly stateDirectory: string;
	readonly shape: SampleShape;
	close(): Promise<void>;
};

/** Builds one. `hop` is the upgrade it is for. */
export async function openSample(place: Place, shape: SampleShape, hop: PlannedHop): Promise<Sample> {
	const builder = await place.build('sample-worker');
	const folder = await mkdtemp(join(place.folder, 'sample-'));
	const stateDirectory = join(folder, 'state');
	const view = await openView({
		directory: join(folder, 'view'),
		stateDirectory,
		bundle: place.program,
		statePath: defaultStateDirectory,
		visible: [place.folder],
	});
	const sample = {view, stateDirectory, shape, close: atEnd(() => view.close())};
	await workIn(sample, [builder], '20260101-000000', hop, 'kept');
	return sample;
}

/** Has a worker carry out a run inside the view, to the end it should come to. Returns what happened. */
export async function workIn(
	{view, stateDirectory, shape}: Pick<Sample, 'view' | 'stateDirectory' | 'shape'>,
	words: readonly string[],
	id: string,
	hop: PlannedHop,
	outcome: Outcome,
): Promise<RunEvent[]> {
	const directory = await createRun(stateDirectory, {
		schema: 2,
		id,
		kind: 'rehearsal',
		host: hostname(),
		to: hop.to,
		hops: [hop],
		createdAt: Date.now(),
		unattended: true,
		networkEnvironment: await networkEnvironment(),
		networkNamespace: hostNetwork,
		options: {python3Link: false, sample: true, shape},
	});
	await inside(view, underLock(defaultStateDirectory, [process.execPath, ...words, defaultStateDirectory, id]), {
		NODE_ENV: 'production',
	});
	const lines = (await readFile(runPlaces.events(directory), 'utf8')).trimEnd().split('\n');
	const events = lines.map(line => JSON.parse(line) as RunEvent);
	const last = events.at(-1);
	if (last?.event !== 'run-ended' || last.outcome !== outcome) {
		throw new Error(`The run in the view did not end as “${outcome}”: ${JSON.stringify(last)}`);
	}

	return events;
}

/** Runs a program in the view, to its good end. */
export async function inside(view: View, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const [file = '', ...args] = view.enter(argv);
	await run(file, args, {cwd: '/', env: {...plainEnvironment, ...env}, maxBuffer: 64 * 1024 * 1024});
}
