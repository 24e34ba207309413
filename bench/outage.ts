import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {networkEnvironment} from '../source/host/environment.js';
import {sampleUrl} from '../source/rehearsal/sample.js';
import {samplePatch} from '../source/rehearsal/steps.js';
import {hostNetwork} from '../source/rehearsal/view.js';
import {type Figure, median, milliseconds} from './figure.js';
import type {Place} from './place.js';
import {startProber} from './prober.js';
import {inside, openSample, type Sample, workIn} from './sample.js';

const vendorOrder = fileURLToPath(new URL('vendor-order.sh', import.meta.url));
const hop = {to: '1.2.0.0', runbook: 'environment', options: {from: '1.1.6.3', archive: samplePatch}};

/**
How long the service does not answer: by this program, and by the vendor's order as a plain script. Each starts
from a freshly built sample server in a view of its own; packages are installed nowhere else.
*/
export async function outage(place: Place, runs = 3): Promise<Figure[]> {
	const probe = await place.build('outage-probe');
	const measure = async (upgrade: (sample: Sample) => Promise<unknown>): Promise<number> => {
		const sample = await openSample(place, 'B', hop);
		const prober = startProber(sample.view.pid, probe, sampleUrl('B'));
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
		ours.push(await measure(sample => workIn(sample, [place.program, 'worker'], '20260101-000001', hop, 'kept')));
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

async function byVendorOrder({view}: Sample): Promise<void> {
	const script = await readFile(vendorOrder, 'utf8');
	await inside(view, ['/bin/bash', '-c', script], {
		...(await networkEnvironment()),
		HOST_NETWORK: hostNetwork,
		PATCH: samplePatch,
	});
}
