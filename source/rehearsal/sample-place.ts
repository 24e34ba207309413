import {access, mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {StepError} from '../engine/step.js';
import {parseMountinfo} from '../host/mounts.js';
import {t} from '../locales/index.js';
import type {SampleRole, SampleShape} from './sample-shape.js';
import {hostNetwork} from './view-record.js';

export type SampleOptions = {
	/** Folder in which the patch archives are to be made, as the view sees it. */
	readonly patches: string;
	/** Default: B. */
	readonly shape?: SampleShape;
	/** Gives the customer's `omcustom/urls.py` an import that is gone in Django 4, so that the upgrade fails. */
	readonly oldCustomUrls?: boolean;
};

/** Places of the sample server inside the view, as on a real one. */
export const place = {
	home: '/opt/omflow',
	environment: '/opt/omflow/python',
	python: '/opt/omflow/python/bin/python',
	server: '/opt/omflow/server',
	collector: '/opt/omflow/collector',
	site: '/etc/apache2/sites-available/django.conf',
	siteLink: '/etc/apache2/sites-enabled/django.conf',
	/** Outside of `home`: the upgrade, its backup and its rollback know nothing of it. */
	marks: '/var/lib/omflow-tui-sample',
} as const;

/** The script that starts and stops a role. */
export function controlOf(role: SampleRole): string {
	return `${place[role]}/omflow_${role}`;
}

/** Every step of the sample calls this first: these steps replace Apache's site and must never meet a real host. */
export async function insideViewOnly(): Promise<void> {
	const root = parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8')).find(each => each.mountPoint === '/');
	if (root?.type !== 'overlay' || !(await exists(hostNetwork))) {
		throw new StepError(
			t('The sample server is built only inside a rehearsal, and this is the host itself; nothing was changed.'),
			t('Start it with: omflow-tui rehearse --sample'),
		);
	}
}

/** A host with a real OMFLOW rehearses with that one; its files are not mixed with the sample's. */
export async function refuseRealInstallation(): Promise<void> {
	if ((await exists(place.home)) && !(await isMarked('begun'))) {
		throw new StepError(
			t('This machine has a {home} of its own, and the sample server would lie in the same place.', {home: place.home}),
			t('Rehearse with what is installed: omflow-tui rehearse, without --sample.'),
		);
	}
}

/**
`begun`: the sample may write to /opt/omflow. `complete`: it has answered once; what changes from then on is
the upgrade's doing, and the sample's steps count as done whatever they would see.
*/
export type Mark = 'begun' | 'complete';

export async function isMarked(mark: Mark): Promise<boolean> {
	return exists(`${place.marks}/${mark}`);
}

export async function setMark(mark: Mark): Promise<void> {
	await mkdir(place.marks, {recursive: true});
	await writeFile(`${place.marks}/${mark}`, '');
}

export async function exists(path: string): Promise<boolean> {
	try {
		await access(path);
		return true;
	} catch {
		return false;
	}
}

export async function makeParent(path: string): Promise<void> {
	await mkdir(dirname(path), {recursive: true});
}
