import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {type Mount, mountOf} from '../host/mounts.js';
import {t} from '../locales/index.js';
import {needsOnTheWay, type Subject} from './subject.js';

/**
Whether what the upgrade writes can be written and what it runs can be run, as far as mounts decide that. Only with a
new Python are packages installed and Apache's files changed.
*/
export async function mounts(subject: Subject, table?: string): Promise<readonly Finding[]> {
	const {installation, state} = subject;
	const {base} = installation;
	const system = needsOnTheWay(subject) ? ['/usr', '/etc'] : [];
	const find = async (path: string) => ({path, mount: await mountOf(path, table)});
	const [written, [environment, own, temporary]] = await Promise.all([
		Promise.all([base, state, ...system, '/var', '/tmp'].map(find)),
		Promise.all([find(join(base, 'python')), find(state), find('/tmp')]),
	]);
	return [
		...readOnly(written),
		...noexec(environment, 'blocker', t('the Python of OMFLOW cannot run there'), remount),
		...noexec(own, 'info', t('the patch is run by bash, which works there')),
		...noexec(temporary, 'info', t('the patch is run by bash, which works there')),
	];
}

type Place = {readonly path: string; readonly mount: Mount | undefined};

/** One finding a mount, with all that is on it. */
function readOnly(places: readonly Place[]): readonly Finding[] {
	const byMount = new Map<string, string[]>();
	for (const {path, mount} of places) {
		if (mount?.options.includes('ro')) {
			byMount.set(mount.mountPoint, [...(byMount.get(mount.mountPoint) ?? []), path]);
		}
	}

	return [...byMount].map(([mountPoint, paths]) => ({
		severity: 'blocker',
		id: 'read-only',
		sentence: t('{paths} cannot be written: {mountPoint} is mounted read-only.', {paths: paths.join(', '), mountPoint}),
		remedy: t(
			'Find out why, since a damaged disk is mounted like that as well (“dmesg”), then run “mount -o remount,rw {mountPoint}”.',
			{mountPoint},
		),
	}));
}

function noexec(
	place: Place | undefined,
	severity: Finding['severity'],
	meaning: string,
	remedy?: (mountPoint: string) => string,
): readonly Finding[] {
	if (!place?.mount?.options.includes('noexec')) {
		return [];
	}

	const {mountPoint} = place.mount;
	return [
		{
			severity,
			id: 'noexec',
			sentence: t('{path} is on {mountPoint}, which is mounted noexec; {meaning}.', {
				path: place.path,
				mountPoint,
				meaning,
			}),
			...(remedy ? {remedy: remedy(mountPoint)} : {}),
		},
	];
}

function remount(mountPoint: string): string {
	return t('Run “mount -o remount,exec {mountPoint}” and take noexec out of its line in /etc/fstab.', {mountPoint});
}
