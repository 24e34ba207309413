import {readFile} from 'node:fs/promises';
import {arch} from 'node:process';

/** What a process is inside of in the kernel. */
export type SystemCall =
	/** Reads from this descriptor. */
	| {readonly kind: 'read'; readonly descriptor: number}
	/** Waits for any of several descriptors. */
	| {readonly kind: 'poll' | 'child' | 'time' | 'other'}
	/** The kernel does not tell which; this is where in it. */
	| {readonly kind: 'hidden'; readonly place: string};

type Known = Exclude<SystemCall['kind'], 'other' | 'hidden'>;

/** Numbers of system calls: read, readv, pread64; poll and select; wait4 and waitid; nanosleep and clock_nanosleep. */
const numbers: Readonly<Record<string, Readonly<Record<Known, readonly number[]>>>> = {
	x64: {read: [0, 19, 17], poll: [7, 271, 23, 270, 232, 281, 441], child: [61, 247], time: [35, 230]},
	arm64: {read: [63, 65, 67], poll: [73, 72, 22, 441], child: [260, 95], time: [101, 115]},
};

/** By /proc/PID/syscall, and where that is not to be read by /proc/PID/wchan. */
export async function systemCall(pid: number): Promise<SystemCall> {
	const text = await readFile(`/proc/${pid}/syscall`, 'utf8').catch(() => '');
	const [number = '', first = '0'] = text.trim().split(' ');
	const known = numbers[arch];
	if (!/^\d+$/.test(number) || known === undefined) {
		const place = await readFile(`/proc/${pid}/wchan`, 'utf8').catch(() => '');
		return {kind: 'hidden', place};
	}

	const isOf = (kind: Known) => known[kind].includes(Number(number));
	if (isOf('read')) {
		return {kind: 'read', descriptor: Number(first)};
	}

	return {kind: (['poll', 'child', 'time'] as const).find(isOf) ?? 'other'};
}
