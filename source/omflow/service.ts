import {access, constants} from 'node:fs/promises';
import path from 'node:path';

/** How OMFLOW's server is controlled on this host; each an argument array. */
export type Service = {
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
	readonly units: readonly string[];
};

const systemdPlaces: SystemdPlaces = {
	running: '/run/systemd/system',
	units: ['/etc/systemd/system', '/lib/systemd/system'],
};

const unit = 'omflow_server';

/**
The documents mix the systemd unit and the script, so this looks what there is. The unit goes first where
systemd runs: a service started beside its unit would be unknown to systemd. Throws when there is neither.
*/
export async function findService(serverDirectory: string, places: SystemdPlaces = systemdPlaces): Promise<Service> {
	if (await exists(places.running)) {
		for (const directory of places.units) {
			if (await exists(path.join(directory, `${unit}.service`))) {
				return {
					start: ['systemctl', 'start', unit],
					stop: ['systemctl', 'stop', unit],
					status: ['systemctl', 'is-active', unit],
					unit,
				};
			}
		}
	}

	const script = path.join(serverDirectory, 'omflow_server');
	if (!(await exists(script))) {
		throw new Error(
			`${script} is missing and there is no systemd unit ${unit}, so OMFLOW cannot be started or stopped. Put one of them back from a backup.`,
		);
	}

	// A copied script may have lost its executable bit; the shell does not need it.
	const command = (await exists(script, constants.X_OK)) ? [script] : ['bash', script];
	return {start: [...command, 'start'], stop: [...command, 'stop'], status: [...command, 'status']};
}

async function exists(file: string, mode = constants.F_OK): Promise<boolean> {
	return access(file, mode).then(
		() => true,
		() => false,
	);
}
