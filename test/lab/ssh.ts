import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {Terminal, type TerminalOptions} from '../terminal.js';
import {type Result, tryCommand, waitFor} from './commands.js';
import type {Server} from './server.js';

const delay = fileURLToPath(new URL('delay.ts', import.meta.url));

export type LoginOptions = {
	/** Absent: vera's shell. */
	readonly command?: string;
	/** A pseudo-terminal on the server. */
	readonly tty?: boolean;
};

/**
A real ssh client's command line, as vera. It comes through the virtual cable; a server without one is
reached on its own loopback address.
*/
export function sshArgv(server: Server, {command, tty = false}: LoginOptions = {}): string[] {
	const options = {
		UserKnownHostsFile: path.join(server.directory, 'known_hosts'),
		StrictHostKeyChecking: 'accept-new',
		IdentitiesOnly: 'yes',
		BatchMode: 'yes',
		LogLevel: 'ERROR',
		// Nothing of whoever runs the tests.
		SetEnv: 'LANG=C.UTF-8',
		...(server.isSlow ? {ProxyCommand: `${process.execPath} --import tsx ${delay} %h %p`} : {}),
	};
	return [
		...(server.address ? [] : ['nsenter', '-t', String(server.leader), '-n', '--']),
		'ssh',
		...['-F', 'none', '-i', server.key],
		...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
		tty ? '-tt' : '-T',
		`vera@${server.address ?? '127.0.0.1'}`,
		...(command === undefined ? [] : ['--', command]),
	];
}

/** Logs in as vera with a real ssh client in a pseudo-terminal, to her shell or to a command. */
export function login(server: Server, command?: string, options: TerminalOptions = {}): Terminal {
	const [program = '', ...rest] = sshArgv(server, {...(command === undefined ? {} : {command}), tty: true});
	return Terminal.spawn(program, rest, options);
}

/** Kills the ssh client: the kernel closes its connection, nobody says goodbye. */
export async function killClient(terminal: Terminal): Promise<void> {
	process.kill(terminal.pid, 'SIGKILL');
	await terminal.waitForExit();
}

/** Runs a command over ssh without a terminal and waits for its end. */
export async function sshRun(server: Server, command: string): Promise<Result> {
	return tryCommand(sshArgv(server, {command}));
}

/** Kills sshd's processes of vera's sessions inside the server, as a crash of sshd would; returns how many. */
export async function killServerSessions(server: Server): Promise<number> {
	const sessions = () => server.processes().filter(({argv}) => /^sshd(-session)?: vera/.test(argv[0] ?? ''));
	const found = sessions();
	for (const {pid} of found) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {}
	}

	await waitFor("the end of vera's sessions", () => sessions().length === 0);
	return found.length;
}
