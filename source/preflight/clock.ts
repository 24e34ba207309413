import {access, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

/** Another machine's clock, on a network filesystem, may be ahead this much, in milliseconds. */
const tolerance = 60_000;

/**
Whether the clock can be right. One that is behind makes certificates and the lists of apt invalid, and puts files of
the upgrade before those of the installation.
*/
export async function clock(
	{runner, installation}: Subject,
	places = {
		now: Date.now(),
		written: ['/var/lib/dpkg/status', '/var/log/dpkg.log', '/etc/ld.so.cache'],
		systemd: '/run/systemd/system',
	},
): Promise<readonly Finding[]> {
	const files = [...places.written, join(installation.base, 'server/omflow/syscom/version.bin')];
	const times = await Promise.all(
		files.map(async file => ({
			file,
			time: await stat(file).then(
				({mtimeMs}) => mtimeMs,
				() => 0,
			),
		})),
	);
	const newest = times.reduce((one, other) => (other.time > one.time ? other : one));
	if (newest.time > places.now + tolerance) {
		return [
			{
				severity: 'blocker',
				id: 'clock',
				sentence: t('The clock says {now}, but {file} was written at {time}.', {
					now: show(places.now),
					file: newest.file,
					time: show(newest.time),
				}),
				remedy: t(
					'Set the clock, for example with “timedatectl set-ntp true” or “date -s”. If it is right now and was wrong before, run “touch {file}”.',
					{file: newest.file},
				),
			},
		];
	}

	const hasSystemd = await access(places.systemd).then(
		() => true,
		() => false,
	);
	if (!hasSystemd) {
		return [];
	}

	// Not there before systemd 239: then it cannot be told.
	const said = await runner
		.capture(['timedatectl', 'show', '-p', 'NTPSynchronized'], {timeout: 2000})
		.catch(() => undefined);
	return said?.stdout.trim() === 'NTPSynchronized=no'
		? [
				{
					severity: 'warning',
					id: 'clock',
					sentence: t('Nothing keeps the clock of this host right.'),
					evidence: 'timedatectl: NTPSynchronized=no',
					remedy: t('See that “date” shows the right time, and let it be kept: “timedatectl set-ntp true”.'),
				},
			]
		: [];
}

function show(time: number): string {
	return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
