import {stat} from 'node:fs/promises';
import path from 'node:path';

/** What a host can do for OMFLOW. */
export type Role = 'server' | 'collector' | 'booster' | 'boosterAgent';

/** Where a role is in an installation, and the script that controls it, from the vendor's documents. */
export const roles: Readonly<Record<Role, {readonly folder: string; readonly script: string}>> = {
	server: {folder: 'server', script: 'omflow_server'},
	collector: {folder: 'collector', script: 'omflow_collector'},
	booster: {folder: 'Booster', script: 'omflow_booster_service'},
	boosterAgent: {folder: 'BoosterAgent', script: 'omflow_booster_agent_service'},
};

/** The roles for which there is a folder in a directory; a server's must hold its program. */
export async function rolesIn(base: string): Promise<Role[]> {
	const found: Role[] = [];
	for (const role of Object.keys(roles) as Role[]) {
		const {folder} = roles[role];
		if (await stat(path.join(base, folder, role === 'server' ? 'manage.py' : '')).catch(() => undefined)) {
			found.push(role);
		}
	}

	return found;
}
