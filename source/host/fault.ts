import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/**
A named place in the program at which a test lets something go wrong. The built program has none of this: there the
variable is a constant, and what comes after the first line is left out.

A test switches it on by files in a folder that the worker sees: `passed` gets the name of every place that is passed,
with the number of times this process has been there; `switch` says what to do at which of these, once at each, which
`fired` remembers.
*/
export function faultPoint(name: string): void {
	if (process.env.FAULT_POINTS !== 'on') {
		return;
	}

	const folder = process.env.FAULT_FOLDER ?? (process.argv[2] === 'worker' ? '/run/omflow-tui-faults' : '');
	if (folder === '' || !existsSync(folder)) {
		return;
	}

	const count = (counts.get(name) ?? 0) + 1;
	counts.set(name, count);
	const point = `${name}#${count}`;
	appendFileSync(join(folder, 'passed'), `${point}\n`);
	const wanted = readSwitch(folder);
	if (
		wanted &&
		(wanted.points === 'all' || wanted.points.includes(point)) &&
		!linesOf(folder, 'fired').includes(point)
	) {
		appendFileSync(join(folder, 'fired'), `${point}\n`);
		strike(wanted.kind, point, folder);
	}
}

export type Switch = {
	/**
	`kill` ends this process as the kernel would, `fail` throws, `full` throws what a full disk does, `hold` stands still, as
	on a slow disk, until there is no switch any more.
	*/
	readonly kind: 'kill' | 'fail' | 'full' | 'hold';
	readonly points: 'all' | readonly string[];
};

const counts = new Map<string, number>();

function readSwitch(folder: string): Switch | undefined {
	const [text] = linesOf(folder, 'switch');
	return text ? (JSON.parse(text) as Switch) : undefined;
}

function linesOf(folder: string, name: string): string[] {
	try {
		return readFileSync(join(folder, name), 'utf8').split('\n');
	} catch {
		return [];
	}
}

function strike(kind: Switch['kind'], point: string, folder: string): void {
	switch (kind) {
		case 'kill':
			process.kill(process.pid, 'SIGKILL');
			// The signal is on its way; nothing more may happen.
			wait(60_000);
			break;
		case 'fail':
			throw new Error(`It was made to fail at ${point}`);
		case 'full':
			throw Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC'});
		case 'hold':
			while (existsSync(join(folder, 'switch'))) {
				wait(20);
			}
	}
}

function wait(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
