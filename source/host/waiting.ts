import {execFile} from 'node:child_process';
import {readFile, stat} from 'node:fs/promises';
import type {Waiting, WaitsFor} from '../engine/waiting.js';
import {otherEnd} from './connections.js';
import {lockHolder, parseWaiters} from './locks.js';
import {descriptors, type Process, processTree, shownProgram} from './process-tree.js';
import {type SystemCall, systemCall} from './system-call.js';

/** What a process and all it started do at a moment. */
export type Look = {
	/** What matters most of it to a person. Undefined when all of them are gone. */
	readonly on: WaitsFor | undefined;
	readonly processes: Waiting['processes'];
	readonly more: number;
	/** Changes when the process that asks for input has got some. */
	readonly turn: string;
	/** For the next look: the processor is only known to be used from one to the other. */
	readonly sample: Sample;
};

export type Sample = {readonly at: number; readonly ticks: ReadonlyMap<number, number>};

const mostShown = 8;
/** A process that uses less than this part of a processor only looks around now and then. */
const leastWork = 0.05;

/** What comes first is what a person can do something about, then what shows that it goes on. */
const order: readonly WaitsFor['kind'][] = ['input', 'lock', 'stopped', 'work', 'disk', 'network', 'time', 'unknown'];

/** The processor used so far, without asking what for. */
export async function sampleOf(root: number): Promise<Sample> {
	return sampleFrom(await processTree(root));
}

/**
Looks at what a process and all it started wait for.

@param prompt - What was printed last, if it does not end with a line end; else an empty text.
@param before - An earlier look, some seconds ago.
*/
export async function lookAt(root: number, prompt: string, before?: Sample): Promise<Look> {
	const tree = await processTree(root);
	const sample = sampleFrom(tree);
	const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
	const waits = await Promise.all(
		tree.map(
			async process =>
				[process, await waitsFor(process, {locks, prompt, isWorking: works(process, sample, before)})] as const,
		),
	);
	const packages = await packageLock(waits);
	const found = [...waits.map(([, wait]) => wait), ...(packages ? [packages] : [])];
	const on = order
		.map(kind => found.find((wait): wait is WaitsFor => wait.kind === kind))
		.find(wait => wait !== undefined);
	return {
		on,
		processes: await Promise.all(
			waits.slice(0, mostShown).map(async ([{depth, pid, ticks}, {kind}]) => ({
				pid,
				depth,
				program: await shownProgram(pid),
				activity: kind,
				cpuSeconds: Math.round(ticks / 10) / 10,
			})),
		),
		more: Math.max(0, waits.length - mostShown),
		turn: on?.kind === 'input' ? await turnOf(on.pid) : '',
		sample,
	};
}

type Found = WaitsFor | {readonly kind: 'child'; readonly pid: number};

async function waitsFor(
	process: Process,
	{isWorking, locks, prompt}: {readonly isWorking: boolean; readonly locks: string; readonly prompt: string},
): Promise<Found> {
	const {pid} = process;
	switch (process.state) {
		case 'T':
		case 't':
			return {kind: 'stopped', pid};
		case 'D':
			return {kind: isWorking ? 'work' : 'disk', pid};
		default:
	}

	const waiter = parseWaiters(locks).find(each => each.pid === pid);
	if (waiter) {
		return {kind: 'lock', pid, ...(await fileOf(pid, waiter.inode)), ...(await holderOf(waiter.holder))};
	}

	const [call, open] = await Promise.all([systemCall(pid), descriptors(pid)]);
	if (await asks(process, call, open, prompt)) {
		const {hidden, keys} = await typing(process.terminal);
		return {kind: 'input', pid, prompt, hidden, keys};
	}

	if (isWorking) {
		return {kind: 'work', pid};
	}

	if (call.kind === 'child' || call.kind === 'time') {
		return {kind: call.kind, pid};
	}

	const address = await otherEnd(pid, socketsAmong(open));
	return address === undefined ? {kind: 'unknown', pid} : {kind: 'network', pid, address};
}

/** Only who is in front may read from a terminal; the others would be stopped for it. */
async function asks(
	process: Process,
	call: SystemCall,
	open: ReadonlyMap<number, string>,
	prompt: string,
): Promise<boolean> {
	const isTerminal = (descriptor: number) => /^\/dev\/(?:pts\/\d+|tty\w*)$/.test(open.get(descriptor) ?? '');
	if (process.terminal === 0 || !process.isForeground) {
		return false;
	}

	switch (call.kind) {
		case 'read':
			return isTerminal(call.descriptor);
		case 'poll':
			// It may wait for something else as well; a question looks like a line that is not ended, or that is edited.
			return isTerminal(0) && (prompt !== '' || (await typing(process.terminal)).isEditor);
		case 'hidden':
			return isTerminal(0) && /^(?:n_tty_read|wait_woken)$/.test(call.place);
		default:
			return false;
	}
}

/** What becomes of what is typed at a terminal. Where that cannot be told, it is not shown. */
async function typing(terminal: number): Promise<{hidden: boolean; keys: boolean; isEditor: boolean}> {
	const path = `/dev/pts/${(terminal & 0xff) | ((terminal >>> 12) & 0xfff00)}`;
	const settings = await new Promise<string>(resolve => {
		execFile('stty', ['-a', '-F', path], {env: {...process.env, LC_ALL: 'C'}, timeout: 5000}, (_, stdout) =>
			resolve(stdout),
		);
	});
	const words = settings.split(/[\s;]+/);
	const isByKey = words.includes('-icanon');
	// Whoever edits the line takes every key as well, but shows by itself what is typed, wants the Enter, and has to tell
	// it from Ctrl-J; a shell that reads a key leaves that to the terminal.
	const isEditor = isByKey && words.includes('-icrnl');
	return {hidden: !words.includes('echo') && !isEditor, keys: isByKey && !isEditor, isEditor};
}

function works({pid, state, ticks}: Process, sample: Sample, before: Sample | undefined): boolean {
	const earlier = before?.ticks.get(pid);
	const seconds = (sample.at - (before?.at ?? sample.at)) / 1000;
	return state === 'R' || (earlier !== undefined && seconds > 0 && (ticks - earlier) / 100 / seconds >= leastWork);
}

function sampleFrom(tree: readonly Process[]): Sample {
	return {at: performance.now(), ticks: new Map(tree.map(({pid, ticks}) => [pid, ticks]))};
}

/** apt does not wait in the kernel for the locks it wants, it looks again and again. */
async function packageLock(waits: ReadonlyArray<readonly [Process, Found]>): Promise<WaitsFor | undefined> {
	const pids = waits.map(([{pid}]) => pid);
	for (const [{pid}, {kind}] of waits) {
		if (kind !== 'work' && /^(?:apt|apt-get|aptitude|dpkg)$/.test(await shownProgram(pid))) {
			const held = await lockHolder();
			return held === undefined || pids.includes(held.pid)
				? undefined
				: {kind: 'lock', pid, path: held.path, ...(await holderOf(held.pid))};
		}
	}

	return undefined;
}

async function holderOf(pid: number): Promise<{holder?: {pid: number; program: string}}> {
	return pid > 0 ? {holder: {pid, program: await shownProgram(pid)}} : {};
}

/** The open file with that number, by name. */
async function fileOf(pid: number, inode: number): Promise<{path?: string}> {
	for (const [descriptor, path] of await descriptors(pid)) {
		const file = path.startsWith('/') ? await stat(`/proc/${pid}/fd/${descriptor}`).catch(() => undefined) : undefined;
		if (file?.ino === inode) {
			return {path: path.slice(0, 200)};
		}
	}

	return {};
}

function socketsAmong(open: ReadonlyMap<number, string>): ReadonlySet<string> {
	return new Set([...open.values()].flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** A process that waits gives its processor away once for each thing it waits for. */
async function turnOf(pid: number): Promise<string> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	return `${pid}/${/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? ''}`;
}
