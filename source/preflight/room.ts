import {stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {freeBytes, sizeOf} from '../host/files.js';
import {ownFolder, stagingOf} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** What packages, environment and pip's cache take beside a copy of the installation, measured with room to spare. */
const workingRoom = 1_500_000_000;

/** What logs, events and an unpacked patch take. */
const runRoom = 100_000_000;

/** Bytes still wanted below each path: what this run has taken there already is not wanted again. */
export async function roomWanted(subject: Subject): Promise<ReadonlyArray<readonly [path: string, bytes: number]>> {
	const {hops, installation, run, state} = subject;
	const {base} = installation;
	const changes = needsOnTheWay(subject) !== undefined;
	const [installed, aside, own] = await Promise.all([
		sizeOf(base, {exclude: [ownFolder]}),
		run ? sizeOf(dirname(stagingOf(base, run.name))) : 0,
		run ? sizeOf(run.directory) : 0,
	]);
	// The step after the packages writes these.
	const hasPackages = run !== undefined && (await sizeOf(join(run.directory, 'requirements.txt'))) > 0;
	// Each hop has a backup of its own, which may grow while it is brought up to date.
	const backups = installed * (hops.length + 1);
	return [
		['/usr', changes && !hasPackages ? workingRoom / 2 : 0],
		[base, Math.max(0, (changes ? workingRoom / 4 : installed / 2) - aside)],
		[run?.directory ?? state, Math.max(0, backups + (changes ? workingRoom / 4 : runRoom) - own)],
	];
}

/** Room on every filesystem that is written to, each asked once. */
export async function room(subject: Subject): Promise<Finding[]> {
	const needs = new Map<number, {path: string; bytes: number}>();
	for (const [path, bytes] of await roomWanted(subject)) {
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
						sentence: `The filesystem of ${path} has ${has} free; the upgrade needs ${wants}.`,
						remedy: `Make room, for example in ${dirname(path) === '/' ? '/var/cache/apt' : path}.`,
					}
				: {severity: 'info', id: 'disk', sentence: `${has} are free for ${path}; ${wants} are needed at most.`},
		);
	}

	return findings;
}

/** What is there of a path: a state directory may still have to be made. */
async function nearest(path: string): Promise<{dev: number}> {
	return stat(path).catch(error => (path === dirname(path) ? Promise.reject(error) : nearest(dirname(path))));
}
