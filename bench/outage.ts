import {execFile} from 'node:child_process';
import {mkdtemp, readFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type {RunEvent} from '../source/engine/events.js';
import {createRun} from '../source/engine/launch.js';
import {underLock} from '../source/engine/lock.js';
import {defaultStateDirectory, runPlaces} from '../source/engine/places.js';
import {networkEnvironment} from '../source/host/pip.js';
import {plainEnvironment} from '../source/host/process.js';
import {sampleUrl} from '../source/rehearsal/sample.js';
import {samplePatch} from '../source/rehearsal/steps.js';
import {hostNetwork, openView, type View} from '../source/rehearsal/view.js';
import {atEnd} from './ending.js';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {startProber} from './prober.js';

const run = promisify(execFile);
const vendorOrder = fileURLToPath(new URL('vendor-order.sh', import.meta.url));

type Sample = {readonly view: View; readonly stateDirectory: string};

/**
How long the service does not answer: by this program, and by the vendor's order as a plain script. Each starts
from a freshly built sample server in a view of its own; packages are installed nowhere else.
*/
export async function outage(place: Place, runs = 3): Promise<Figure[]> {
	const programs = {worker: await place.build('outage-worker'), probe: await place.build('outage-probe')};
	const measure = async (upgrade: (sample: Sample) => Promise<void>): Promise<number> => {
		const sample = await openSample(place, programs.worker);
		const prober = startProber(sample.view.pid, programs.probe, sampleUrl('B'));
		await prober.answers();
		await upgrade(sample);
		await prober.answers();
		const outage = await prober.end();
		await sample.close();
		return outage;
	};
	const ours: number[] = [];
	const theirs: number[] = [];
	for (let round = 0; round < runs; round++) {
		ours.push(await measure(sample => workIn(sample, place.program, ['worker'], '20260101-000001')));
		theirs.push(await measure(sample => byVendorOrder(sample)));
	}

	return [
		{
			name: "Outage of an upgrade, against the vendor's order",
			value: median(ours) / median(theirs),
			aim: 0.25,
			unit: '×',
			from: `${milliseconds(median(ours))} / ${milliseconds(median(theirs))}, medians of ${runs}, both with this machine's caches`,
		},
	];
}

async function openSample(place: Place, worker: string): Promise<Sample & {close(): Promise<void>}> {
	const folder = await mkdtemp(join(place.folder, 'outage-'));
	const stateDirectory = join(folder, 'state');
	const view = await openView({
		directory: join(folder, 'view'),
		stateDirectory,
		bundle: place.program,
		statePath: defaultStateDirectory,
		visible: [place.folder],
	});
	const close = atEnd(() => view.close());
	const sample = {view, stateDirectory, close};
	await workIn(sample, worker, [], '20260101-000000');
	return sample;
}

/** Has a worker carry out a run inside the view, to its end. */
async function workIn(
	{view, stateDirectory}: Sample,
	program: string,
	words: readonly string[],
	id: string,
): Promise<void> {
	const directory = await createRun(stateDirectory, {
		schema: 2,
		id,
		kind: 'rehearsal',
		host: hostname(),
		to: '1.2.0.0',
		hops: [{to: '1.2.0.0', runbook: 'environment', options: {from: '1.1.6.3', archive: samplePatch}}],
		createdAt: Date.now(),
		unattended: true,
		networkEnvironment: await networkEnvironment(),
		networkNamespace: hostNetwork,
		options: {python3Link: false, sample: true, shape: 'B'},
	});
	await inside(
		view,
		underLock(defaultStateDirectory, [process.execPath, program, ...words, defaultStateDirectory, id]),
		{NODE_ENV: 'production'},
	);
	const events = (await readFile(runPlaces.events(directory), 'utf8')).trimEnd().split('\n');
	const last = JSON.parse(events.at(-1) ?? '{}') as RunEvent;
	if (last.event !== 'run-ended' || last.outcome !== 'kept') {
		throw new Error(`The run in the view did not end well: ${JSON.stringify(last)}`);
	}
}

async function byVendorOrder({view}: Sample): Promise<void> {
	const script = await readFile(vendorOrder, 'utf8');
	await inside(view, ['/bin/bash', '-c', script], {
		...(await networkEnvironment()),
		HOST_NETWORK: hostNetwork,
		PATCH: samplePatch,
	});
}

async function inside(view: View, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
	const [file = '', ...args] = view.enter(argv);
	await run(file, args, {cwd: '/', env: {...plainEnvironment, ...env}, maxBuffer: 64 * 1024 * 1024});
}
