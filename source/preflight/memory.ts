import {readFile} from 'node:fs/promises';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** What apt, pip and the compiler want beside the running OMFLOW, in megabytes. */
const wanted = 512;

/** Whether there is memory for building Python packages, if a hop does; a compiler without it is killed by the kernel. */
export async function memory(subject: Subject, file = '/proc/meminfo'): Promise<readonly Finding[]> {
	if (!needsOnTheWay(subject)) {
		return [];
	}

	const text = await readFile(file, 'utf8').catch(() => '');
	const [available, swap] = ['MemAvailable', 'SwapFree'].map(name => {
		const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
		return kibibytes === undefined ? undefined : Math.round((Number(kibibytes) * 1024) / 1e6);
	});
	if (available === undefined || available + (swap ?? 0) >= wanted) {
		return [];
	}

	return [
		{
			severity: 'warning',
			id: 'memory',
			sentence: t(
				'Only {available} MB of memory and {swap} MB of swap are free; building mod_wsgi may need {wanted} MB.',
				{available, swap: swap ?? 0, wanted},
			),
			remedy: t(
				'End what is not needed, or add swap for the time: “fallocate -l 1G /swap.omflow && chmod 600 /swap.omflow && mkswap /swap.omflow && swapon /swap.omflow”.',
			),
		},
	];
}
