import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {bootId, startTime} from '../../source/host/process.js';
import {cutPower} from './container.js';
import {disconnect, type Line} from './network.js';
import {servers} from './places.js';

/** What a server has taken of this machine, on disk before it is taken, so that anyone can give it back. */
type Owner = {readonly pid: number; readonly startTime: string; readonly bootId: string; readonly line?: Line};

const ours = new Set<string>();

/** A folder for a new server, marked as this process's. */
export async function claim(id: string): Promise<string> {
	const directory = path.join(servers, id);
	mkdirSync(directory, {recursive: true, mode: 0o755});
	await write(id, undefined);
	if (ours.size === 0) {
		process.once('exit', releaseAll);
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.once(signal, () => {
				releaseAll();
				process.kill(process.pid, signal);
			});
		}
	}

	ours.add(id);
	return directory;
}

export async function remember(id: string, line: Line | undefined): Promise<void> {
	await write(id, line);
}

/** Gives everything back; nothing of the server is left. Safe to call again. */
export function release(id: string): void {
	const owner = read(id);
	cutPower(id);
	if (owner?.line) {
		disconnect(owner.line);
	}

	rmSync(path.join(servers, id), {recursive: true, force: true});
	ours.delete(id);
}

/** Gives back what tests left behind that were killed. */
export async function sweep(): Promise<void> {
	let ids: string[];
	try {
		ids = readdirSync(servers);
	} catch {
		return;
	}

	const now = await bootId();
	for (const id of ids) {
		// Without a mark yet, the number in its name tells whose it is.
		const owner = read(id) ?? {pid: Number.parseInt(id, 10), bootId: now, startTime: undefined};
		const found = await startTime(owner.pid);
		if (owner.bootId !== now || !found || (owner.startTime && owner.startTime !== found)) {
			release(id);
		}
	}
}

function releaseAll(): void {
	for (const id of ours) {
		release(id);
	}
}

async function write(id: string, line: Line | undefined): Promise<void> {
	const owner: Owner = {
		pid: process.pid,
		startTime: (await startTime(process.pid)) ?? '',
		bootId: await bootId(),
		...(line ? {line} : {}),
	};
	writeFileSync(path.join(servers, id, 'owner.json'), JSON.stringify(owner));
}

function read(id: string): Owner | undefined {
	try {
		return JSON.parse(readFileSync(path.join(servers, id, 'owner.json'), 'utf8')) as Owner;
	} catch {
		return undefined;
	}
}
