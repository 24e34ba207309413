import {stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Finding} from '../engine/state.js';
import type {InstallPlan} from '../host/apt.js';
import {freeBytes, sizeOf} from '../host/files.js';
import {t} from '../locales/index.js';
import {planFor} from './package-plan.js';
import {ownFolder, stagingOf} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** What logs, events and an unpacked patch take. */
const runRoom = 100_000_000;

/** A new environment: measured 71 MB with Django and mod_wsgi; and as much again for pip's cache and what it builds. */
const environmentRoom = 150_000_000;

/** Where apt cannot say what its packages take: measured 151 MB to download and 590 MB on a minimal system. */
const packagesUnknown = {downloadBytes: 151_000_000, installedBytes: 590_000_000};

/** apt rounds, dpkg unpacks beside, and lists are fetched anew. */
const aptMargin = 100_000_000;

type Packages = {readonly downloadBytes: number; readonly installedBytes: number};

/** What no list of apt's has yet, it cannot say the size of. */
function packagesIn(plan: InstallPlan | Error | undefined): Packages | undefined {
	return plan instanceof Error || (plan && plan.unavailable.length > 0) ? packagesUnknown : plan;
}

/** Bytes still wanted below each path: what this run has taken there already is not wanted again. */
export async function roomWanted(
	subject: Subject,
	packages: Packages | undefined,
): Promise<ReadonlyArray<readonly [path: string, bytes: number]>> {
	const {hops, installation, run, state} = subject;
	const {base, environment} = installation;
	const [files, old, aside, own, unpacked] = await Promise.all([
		sizeOf(base, {exclude: [ownFolder, 'python']}),
		sizeOf(environment.path),
		run ? sizeOf(dirname(stagingOf(base, run.name))) : 0,
		run ? sizeOf(run.directory) : 0,
		unpackedBytes(hops),
	]);
	const changes = needsOnTheWay(subject) !== undefined;
	const fresh = changes ? Math.max(environmentRoom, old * 2) : 0;
	// Each hop has a backup of its own; rsync keeps a file's old copy until the new one is whole.
	const backups = (files + old) * hops.length * backupMargin;
	return [
		...(packages
			? ([
					['/usr', packages.installedBytes + aptMargin],
					['/var/cache/apt', packages.downloadBytes + aptMargin],
				] as const)
			: []),
		[base, Math.max(0, fresh - aside) + unpacked],
		[run?.directory ?? state, Math.max(0, backups + unpacked + fresh + runRoom - own)],
	];
}

/** What the archives of the hops become at most: real patches pack to no less than a twentieth. */
async function unpackedBytes(hops: Subject['hops']): Promise<number> {
	const sizes = hops.map(({archive}) =>
		archive
			? stat(archive).then(
					({size}) => size,
					() => 0,
				)
			: 0,
	);
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size * 20, 0);
}

const backupMargin = 1.05;

/** Room on every filesystem that is written to, each asked once. */
export async function room(
	subject: Subject,
	asked: Promise<InstallPlan | Error | undefined> = planFor(subject),
): Promise<Finding[]> {
	return roomFindings(await roomWanted(subject, packagesIn(await asked)), subject.state);
}

/** Whether there is as much room as is wanted below each path. `state` is where runs are kept. */
export async function roomFindings(
	wanted: ReadonlyArray<readonly [path: string, bytes: number]>,
	state: string,
): Promise<Finding[]> {
	const needs = new Map<number, {path: string; bytes: number}>();
	for (const [path, bytes] of wanted) {
		const {dev} = await nearest(path);
		needs.set(dev, {path: needs.get(dev)?.path ?? path, bytes: (needs.get(dev)?.bytes ?? 0) + bytes});
	}

	const findings: Finding[] = [];
	for (const {path, bytes} of needs.values()) {
		const free = await freeBytes(path);
		const [has, wants] = [free, bytes].map(value => `${(value / 1e9).toFixed(1)} GB`);
		findings.push(
			free < bytes
				? {
						severity: 'blocker',
						id: 'disk',
						sentence: t('The filesystem of {path} has {has} free; {wants} are needed.', {path, has, wants}),
						remedy: path.startsWith(state)
							? t('Make room there, or let runs be kept on another disk with --state-dir.')
							: path.startsWith('/usr') || path.startsWith('/var/cache/apt')
								? t('Make room, for example with “apt-get clean”.')
								: t('Make room there.'),
					}
				: {
						severity: 'info',
						id: 'disk',
						sentence: t('{has} are free for {path}; {wants} are needed at most.', {has, path, wants}),
					},
		);
	}

	return findings;
}

/** What is there of a path: a state directory may still have to be made. */
async function nearest(path: string): Promise<{dev: number}> {
	return stat(path).catch(error => (path === dirname(path) ? Promise.reject(error) : nearest(dirname(path))));
}
