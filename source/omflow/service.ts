import {access, constants, lstat, readdir, readFile, realpath} from 'node:fs/promises';
import path from 'node:path';
import {dropIn} from '../host/boot.js';
import {t} from '../locales/index.js';
import {type Role, roles} from './roles.js';

/** How a part of OMFLOW is controlled on this host; each an argument array. */
export type Service = {
	readonly role: Role;
	readonly start: readonly string[];
	readonly stop: readonly string[];
	/** Ends with 0 while the service runs. */
	readonly status: readonly string[];
	/** Name of the systemd unit, where one is used. */
	readonly unit?: string;
};

export type SystemdPlaces = {
	/** Exists while systemd runs (sd_booted(3)). */
	readonly running: string;
	/** Where units are, the first one wins. */
	readonly units: readonly string[];
};

export const systemdPlaces: SystemdPlaces = {
	running: '/run/systemd/system',
	units: ['/etc/systemd/system', '/lib/systemd/system'],
};

/**
The documents mix the systemd unit and the script, so this looks what there is. The unit goes first where
systemd runs: a service started beside its unit would be unknown to systemd. A unit that starts OMFLOW in another
directory is not taken. Throws an Error that says what to put back when there is neither.

@param directory - Of the role, for example `/opt/omflow/server`.
*/
export async function findService(
	role: Role,
	directory: string,
	places: SystemdPlaces = systemdPlaces,
): Promise<Service> {
	// The unit is named as the script is; for Booster and its agent that is assumed, the documents name no unit of theirs.
	const {script: name} = roles[role];
	if ((await exists(places.running)) && (await isUnitOf(name, directory, places))) {
		return {
			role,
			start: ['systemctl', 'start', name],
			stop: ['systemctl', 'stop', name],
			status: ['systemctl', 'is-active', name],
			unit: name,
		};
	}

	const script = path.join(directory, name);
	if (!(await exists(script))) {
		throw new Error(
			t(
				'{script} is missing and there is no systemd unit {name} for it, so it cannot be started or stopped. Put one of them back from a backup.',
				{script, name},
			),
		);
	}

	// A copied script may have lost its executable bit; the shell does not need it.
	const command = (await exists(script, constants.X_OK)) ? [script] : ['bash', script];
	return {role, start: [...command, 'start'], stop: [...command, 'stop'], status: [...command, 'status']};
}

/** Files that make the services of these roles known to the host: units, what changes them, old start scripts. */
export async function unitFiles(
	wanted: readonly Role[],
	folders: readonly string[] = [...systemdPlaces.units, '/etc/init.d'],
): Promise<string[]> {
	const files: string[] = [];
	for (const folder of new Set(await Promise.all(folders.map(real)))) {
		for (const {script} of wanted.map(role => roles[role])) {
			const changes = path.join(folder, `${script}.service.d`);
			const names = (await readdir(changes).catch(() => [])).filter(name => name !== dropIn);
			const inside = names.map(name => path.join(changes, name));
			// By these links a unit is started with the machine.
			const wants = (await readdir(folder).catch(() => [])).filter(name => /\.(?:wants|requires)$/.test(name));
			const links = wants.map(name => path.join(folder, name, `${script}.service`));
			files.push(path.join(folder, `${script}.service`), path.join(folder, script), ...inside, ...links);
		}
	}

	const states = await Promise.all(files.map(file => lstat(file).catch(() => undefined)));
	return files.filter((_, index) => states[index]?.isFile() || states[index]?.isSymbolicLink());
}

/**
Words of the commands a unit starts, as systemd.service(5) reads ExecStart: lines may be continued and hold quoted words,
an empty assignment takes back those before it, and a first word may begin with signs for systemd.
*/
export function startedBy(unit: string): string[] {
	let words: string[] = [];
	for (const line of unit.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
		const value = /^\s*ExecStart\s*=\s*[-@:+!]*(.*)$/.exec(line)?.[1]?.trim();
		if (value === '') {
			words = [];
		} else if (value !== undefined) {
			const found = value.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g);
			words.push(...[...found].map(match => match[1] ?? match[2] ?? match[3] ?? ''));
		}
	}

	return words;
}

/** A unit that names no script of the role at all, but Python for example, is believed. */
async function isUnitOf(name: string, directory: string, places: SystemdPlaces): Promise<boolean> {
	for (const folder of places.units) {
		const file = path.join(folder, `${name}.service`);
		if (await exists(file)) {
			const scripts = startedBy(await readFile(file, 'utf8')).filter(word => word.endsWith(`/${name}`));
			const own = await real(directory);
			const directories = await Promise.all(scripts.map(script => real(path.dirname(script))));
			return scripts.length === 0 || directories.includes(own);
		}
	}

	return false;
}

async function real(place: string): Promise<string> {
	return realpath(place).catch(() => path.resolve(place));
}

async function exists(file: string, mode = constants.F_OK): Promise<boolean> {
	return access(file, mode).then(
		() => true,
		() => false,
	);
}
