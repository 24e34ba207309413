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

/** The roles that are in a directory. An empty folder, as some servers have, is none: it must hold its program. */
export async function rolesIn(base: string): Promise<Role[]> {
	const found: Role[] = [];
	for (const role of Object.keys(roles) as Role[]) {
		const {folder, script} = roles[role];
		const programs = role === 'server' ? ['manage.py'] : role === 'collector' ? ['manage.py', script] : [script];
		const there = await Promise.all(programs.map(name => stat(path.join(base, folder, name)).catch(() => undefined)));
		if (there.some(Boolean)) {
			found.push(role);
		}
	}

	return found;
}
