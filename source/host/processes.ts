import {readdir, readFile} from 'node:fs/promises';
import {type Listener, listeners} from './listeners.js';
import {processName} from './process.js';

/** A program that serves a port, with all its processes. */
export type Serving = {
	/** The oldest of its processes, which started the others. */
	readonly pid: number;
	readonly program: string;
	readonly count: number;
	/** What they have in memory together; what several share is counted once, where the kernel tells. */
	readonly bytes: number;
	/** When the oldest was started, in milliseconds since the epoch. */
	readonly since: number;
};

/** Who listens on a TCP port, and what serves it: that process and those it started, which may listen no more. */
export async function servingOn(
	port: number,
): Promise<{readonly listening: readonly Listener[]; readonly serving: Serving | undefined}> {
	const listening = await listeners(port);
	const first = listening.flatMap(({pid}) => (pid === undefined ? [] : [pid]));
	if (first.length === 0) {
		return {listening, serving: undefined};
	}

	const all = await allProcesses();
	const family = familyOf(first, all);
	const oldest = family.reduce((a, b) => (b.started < a.started || (b.started === a.started && b.pid < a.pid) ? b : a));
	const sizes = await Promise.all(family.map(async ({pid}) => memoryOf(pid)));
	const program = listening.find(({pid}) => pid === oldest.pid)?.program ?? (await processName(oldest.pid));
	return {
		listening,
		serving: {
			pid: oldest.pid,
			program: program ?? '?',
			count: family.length,
			bytes: sizes.reduce((sum, size) => sum + size, 0),
			since: (await bootTime()) + oldest.started * 10,
		},
	};
}

/** `started` in hundredths of a second after the machine's start, which is what the kernel counts in. */
type Process = {readonly pid: number; readonly parent: number; readonly started: number};

/** Those given, and all that came from them. */
export function familyOf(pids: readonly number[], all: readonly Process[]): Process[] {
	const found = new Map<number, Process>();
	let next = all.filter(({pid}) => pids.includes(pid));
	while (next.length > 0) {
		for (const process of next) {
			found.set(process.pid, process);
		}

		next = all.filter(({parent, pid}) => found.has(parent) && !found.has(pid));
	}

	return [...found.values()];
}

async function allProcesses(): Promise<Process[]> {
	const names = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
	const lines = await Promise.all(names.map(async name => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
	return lines.flatMap(line => processOf(line) ?? []);
}

/** A line of /proc/PID/stat, as in proc_pid_stat(5). The name in it may hold spaces and brackets. */
export function processOf(line: string): Process | undefined {
	const pid = Number.parseInt(line, 10);
	const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
	return Number.isNaN(pid) ? undefined : {pid, parent: Number(fields[1]), started: Number(fields[19])};
}

async function memoryOf(pid: number): Promise<number> {
	const [shared, status] = await Promise.all(
		['smaps_rollup', 'status'].map(async name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
	);
	const found = /^Pss:\s*(\d+) kB/m.exec(shared ?? '') ?? /^VmRSS:\s*(\d+) kB/m.exec(status ?? '');
	return Number(found?.[1] ?? 0) * 1024;
}

async function bootTime(): Promise<number> {
	return Number(/^btime (\d+)/m.exec(await readFile('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000;
}
