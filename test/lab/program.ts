import {access} from 'node:fs/promises';
import path from 'node:path';
import {command} from './commands.js';
import {node, project} from './places.js';
import type {Server} from './server.js';

const folder = '/opt/omflow-tui-program';

const launcher = `#!/bin/sh
NODE_ENV=production exec ${folder}/node ${folder}/omflow-tui.mjs "$@"
`;

/** Puts the built program, its Node and its launcher into the server, apart from OMFLOW's own folder. */
export async function installProgram(server: Server): Promise<void> {
	const built = path.join(project, 'dist');
	await access(path.join(built, 'omflow-tui.mjs')).catch(() => {
		throw new Error('The program is not built: npm run build');
	});
	await command(['mkdir', '-p', server.path(folder)]);
	await command(['cp', '-r', `${built}/.`, server.path(folder)]);
	await copyNode(server, `${folder}/node`);
	await server.must(['sh', '-c', 'cat > /usr/local/bin/omflow-tui && chmod 755 /usr/local/bin/omflow-tui'], {
		input: launcher,
	});
}

export async function copyNode(server: Server, to: string): Promise<void> {
	await command(['cp', node, server.path(to)]);
}
