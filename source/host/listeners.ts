import {readdir, readFile, readlink} from 'node:fs/promises';
import {list, t} from '../locales/index.js';
import {processName} from './process.js';

/** Who listens on a port. */
export type Listener = {
	/** Absent where the process cannot be seen: in another container, or without the rights to look. */
	readonly pid?: number;
	/** Name of its program, for example `nginx`. */
	readonly program?: string;
};

/** Everybody who listens on a TCP port of this network, by the kernel's own table. Nobody: an empty list. */
export async function listeners(port: number): Promise<Listener[]> {
	const sockets = new Set(await socketsOn(port));
	if (sockets.size === 0) {
		return [];
	}

	const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
	const held = await Promise.all(pids.map(async pid => ((await holdsSocket(pid, sockets)) ? pid : undefined)));
	const seen = held.filter(pid => pid !== undefined);
	return seen.length === 0
		? [{}]
		: Promise.all(
				seen.map(async pid => {
					const program = await processName(pid);
					return {pid, ...(program === undefined ? {} : {program})};
				}),
			);
}

/** Whether anybody listens on a TCP port of this network. */
export async function isListening(port: number): Promise<boolean> {
	return (await socketsOn(port)).length > 0;
}

/** Who they are, for a sentence: `nginx (process 812)`. Workers of one program are named once, by the oldest. */
export function nameListeners(found: readonly Listener[]): string {
	const byProgram = new Map<string, number>();
	for (const {pid, program} of found) {
		if (pid !== undefined && program !== undefined) {
			byProgram.set(program, Math.min(pid, byProgram.get(program) ?? pid));
		}
	}

	const names = [...byProgram].map(([program, pid]) => t('{program} (process {pid})', {program, pid}));
	return names.length > 0 ? list(names) : t('a process that cannot be seen from here');
}

async function socketsOn(port: number): Promise<string[]> {
	const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
	const texts = await Promise.all(tables.map(path => readFile(path, 'utf8').catch(() => '')));
	return texts.flatMap(text => listeningSockets(text, port));
}

/** Inodes of the sockets that listen on a port. Lines as in proc_net_tcp(5): `0: 0100007F:0050 … 0A … inode`. */
export function listeningSockets(table: string, port: number): string[] {
	const wanted = port.toString(16).toUpperCase().padStart(4, '0');
	return table.split('\n').flatMap(line => {
		const fields = line.trim().split(/\s+/);
		const isWanted = fields[1]?.endsWith(`:${wanted}`) && fields[3] === '0A';
		return isWanted && fields[9] ? [fields[9]] : [];
	});
}

async function holdsSocket(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
	const directory = `/proc/${pid}/fd`;
	for (const descriptor of await readdir(directory).catch(() => [])) {
		const target = await readlink(`${directory}/${descriptor}`).catch(() => '');
		if (sockets.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')) {
			return true;
		}
	}

	return false;
}
